//! What somebody with an account can change: the name, the password, and that there is one.

use super::{PASSWORD, is_signed_in, sign_in, vera};
use crate::support::photos::jpeg;
use crate::support::{TestApp, TestDatabase, on_both_databases};

on_both_databases![
    a_new_name_is_on_every_page,
    sec_08_a_new_password_ends_the_other_sessions,
    the_account_is_deleted_with_its_photos,
];

const NEW: &str = "a much better passphrase";

async fn a_new_name_is_on_every_page(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = vera(&app).await;
    let answer = visitor.post("/account/name", &[("name", " Véra  O’Neil ")]).await;
    assert_eq!(answer.header("location"), Some("/account?saved=name"));
    let page = visitor.get("/account?saved=name").await.text();
    assert!(
        page.contains("Your name has been changed.") && page.contains("<h1>Véra  O’Neil</h1>"),
        "{page}"
    );
    for wrong in ["", " ", "a\nb"] {
        let answer = visitor.post("/account/name", &[("name", wrong)]).await;
        assert_eq!(answer.status, 422);
        assert!(answer.text().contains("id=\"name-error\""));
    }
    assert_eq!(app.database.values("SELECT name AS value FROM app_user"), ["Véra  O’Neil"]);
}

async fn sec_08_a_new_password_ends_the_other_sessions(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (desk, phone) = (vera(&app).await, app.visitor());
    sign_in(&phone, "vera@example.com", PASSWORD).await;
    let before = desk.cookie("session");

    let change = async |current: &str, new: &str| {
        desk.post("/account/password", &[("current", current), ("password", new)]).await
    };
    let wrong = change("not my password", NEW).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text().contains("id=\"current-error\""));
    let weak = change(PASSWORD, "vera@example.com").await;
    assert!(weak.status == 422 && weak.text().contains("id=\"password-error\""));
    assert!(is_signed_in(&phone).await);

    let answer = change(PASSWORD, NEW).await;
    assert_eq!(answer.header("location"), Some("/account?saved=password"), "{}", answer.text());
    assert!(is_signed_in(&desk).await && desk.cookie("session") != before);
    assert!(!is_signed_in(&phone).await);
    assert_eq!(phone.sign_in("vera@example.com", PASSWORD).await.status, 422);
    sign_in(&phone, "vera@example.com", NEW).await;
}

async fn the_account_is_deleted_with_its_photos(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (visitor, phone) = (vera(&app).await, app.visitor());
    sign_in(&phone, "vera@example.com", PASSWORD).await;
    let eve = super::somebody(&app, "Eve", "eve@example.com").await;
    for name in ["one.jpg", "two.jpg"] {
        visitor.upload_one(name, &jpeg(64, 48)).await;
    }
    let kept = eve.upload_one("eve.jpg", &jpeg(64, 48)).await;
    app.work().await;

    let answer = visitor.post("/account/delete", &[("confirm", "not my password")]).await;
    assert!(answer.status == 422 && answer.text().contains("id=\"confirm-error\""));
    assert_eq!(app.rows(), 3);

    let answer = visitor.post("/account/delete", &[("confirm", PASSWORD)]).await;
    assert_eq!((answer.status, answer.header("location")), (303, Some("/")));
    assert!(!is_signed_in(&visitor).await && !is_signed_in(&phone).await);
    assert_eq!(app.rows(), 1, "the rows went at once");
    assert_eq!(app.queue("default").len(), 2, "the files go through the queue");
    app.work().await;
    let left = app.files();
    assert!(!left.is_empty() && left.iter().all(|file| !file.contains("incoming")), "{left:?}");
    assert_eq!(eve.get(kept["url"].as_str().unwrap()).await.status, 404, "it has a new address");
    let now = eve.get("/api/images").await.json()["items"][0]["url"].as_str().unwrap().to_owned();
    assert_eq!(eve.get(&now).await.status, 200);
    let photo = &app.database.values("SELECT filename AS value FROM image_post")[0];
    assert!(left.iter().all(|file| file.contains(photo.as_str())), "{left:?}");
    assert_eq!(visitor.sign_in("vera@example.com", PASSWORD).await.status, 422);
    super::vera(&app).await; // the address is free again
}
