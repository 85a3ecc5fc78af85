//! Whose photos are whose, with and without an account.

use super::{somebody, vera};
use crate::support::photos::jpeg;
use crate::support::{TestApp, TestDatabase, on_both_databases};

on_both_databases![sec_16_the_photos_of_an_account_are_nobody_elses];

async fn sec_16_the_photos_of_an_account_are_nobody_elses(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let vera = vera(&app).await;
    let photo = vera.upload_one("cat.jpg", &jpeg(64, 48)).await;
    app.work().await;
    let photo = vera.get(photo["@id"].as_str().unwrap()).await.json();
    let id = photo["id"].as_str().unwrap();
    let eve = somebody(&app, "Eve", "eve@example.com").await;
    for stranger in [eve, app.visitor()] {
        for path in [
            format!("/images/{id}"),
            format!("/api/images/{id}"),
            photo["url"].as_str().unwrap().to_owned(),
            photo["thumbnailUrl"].as_str().unwrap().to_owned(),
        ] {
            assert_eq!(stranger.get(&path).await.status, 404, "{path}");
        }
        assert_eq!(stranger.delete(&format!("/api/images/{id}")).await.status, 404);
        assert_eq!(stranger.post(&format!("/images/{id}/delete"), &[]).await.status, 404);
        assert!(!stranger.get("/").await.text().contains(id));
        assert_eq!(stranger.get("/api/images").await.json()["items"], serde_json::json!([]));
    }
    assert_eq!(app.rows(), 1);
    assert_eq!(vera.get(photo["url"].as_str().unwrap()).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_guests_may_not_upload_an_account_may() {
    let app = TestApp::builder(TestDatabase::sqlite()).var("GUEST_UPLOADS", "0").start().await;
    let guest = app.visitor();
    let refused = guest.upload(&[("cat.jpg", &jpeg(64, 48))]).await;
    assert_eq!((refused.status, refused.code()), (401, "signed_out".to_owned()));
    let page = guest.get("/").await.text();
    assert!(!page.contains("action=\"/images\"") && page.contains("href=\"/register\""), "{page}");
    let vera = vera(&app).await;
    vera.upload_one("cat.jpg", &jpeg(64, 48)).await;
    assert!(vera.get("/").await.text().contains("action=\"/images\""));
}
