//! UX-15: a photo that has failed says why, and Ponka can be sent once more.

use std::time::Duration;

use serde_json::Value;

use crate::support::{TestApp, TestDatabase, Visitor, on_both_databases, photos};

on_both_databases![
    ux_15_a_failed_photo_is_queued_again_with_its_message,
    ux_15_three_times_a_day_are_enough,
    ux_15_only_a_photo_that_has_failed_is_tried_again,
    ux_15_without_a_queue_the_photo_stays_failed,
    sec_16_nobody_else_can_send_ponka,
];

/// A photo that has failed, because its original is no photo.
async fn failed(app: &TestApp, visitor: &Visitor) -> Value {
    let image = visitor.upload_one("cat.jpg", &photos::cat()).await;
    for original in app.files().iter().filter(|file| file.starts_with("originals")) {
        std::fs::write(app.uploads.join(original), b"no photo at all").unwrap();
    }
    app.work().await;
    let image = visitor.get(image["@id"].as_str().unwrap()).await.json();
    assert_eq!(image["status"], "failed");
    image
}

async fn ux_15_a_failed_photo_is_queued_again_with_its_message(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    let image = failed(&app, &visitor).await;
    let id = image["id"].as_str().unwrap();
    let answer = visitor.post(&format!("/images/{id}/retry"), &[]).await;
    let place = format!("/#photo-{id}");
    assert_eq!((answer.status, answer.header("location")), (303, Some(place.as_str())));
    assert_eq!(app.queue("high"), [format!("{{\"imagePostId\":\"{id}\"}}")]);
    assert!(visitor.get("/").await.text().contains("data-state=\"queued\""));
    app.work().await;
    let answer = visitor.post(&format!("/api/images/{id}/retry"), &[]).await;
    assert_eq!((answer.status, &answer.json()["status"]), (200, &"queued".into()));
    assert_eq!(app.queue("high").len(), 1);
}

async fn ux_15_three_times_a_day_are_enough(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    let image = failed(&app, &visitor).await;
    let id = image["id"].as_str().unwrap();
    for _ in 0..3 {
        assert_eq!(visitor.post(&format!("/images/{id}/retry"), &[]).await.status, 303);
        app.work().await;
    }
    let page = visitor.post(&format!("/images/{id}/retry"), &[]).await;
    assert_eq!((page.status, page.header("retry-after")), (429, Some("86400")));
    assert!(page.text().contains("three times today"), "{}", page.text());
    let problem = visitor.post(&format!("/api/images/{id}/retry"), &[]).await;
    assert_eq!(problem.status, 429);
    assert!(problem.json()["detail"].as_str().unwrap().contains("three times today"));
    let own = visitor.get(&format!("/api/images/{id}")).await.json();
    assert_eq!((&own["status"], app.queue("high").len()), (&"failed".into(), 0));
    app.clock.advance(Duration::from_secs(24 * 3600));
    // Somebody with a visitor's cookie stays for a year.
    assert_eq!(visitor.post(&format!("/images/{id}/retry"), &[]).await.status, 303);
}

async fn ux_15_only_a_photo_that_has_failed_is_tried_again(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    let image = visitor.upload_one("cat.jpg", &photos::cat()).await;
    let id = image["id"].as_str().unwrap();
    for status in ["queued", "done"] {
        let page = visitor.post(&format!("/images/{id}/retry"), &[]).await;
        assert_eq!(page.status, 409, "{status}");
        assert!(page.text().contains("nothing to try again"));
        let problem = visitor.post(&format!("/api/images/{id}/retry"), &[]).await;
        assert_eq!((problem.status, &problem.json()["status"]), (409, &409.into()));
        let own = visitor.get(&format!("/api/images/{id}")).await.json();
        assert_eq!(own["status"], status);
        app.work().await;
    }
    assert_eq!(app.queued(), 0);
}

async fn ux_15_without_a_queue_the_photo_stays_failed(database: TestDatabase) {
    let app = TestApp::builder(database)
        .var("MESSENGER_TRANSPORT_DSN", "doctrine://default?auto_setup=0")
        .start()
        .await;
    let visitor = app.visitor();
    let image = failed(&app, &visitor).await;
    app.database.execute("DROP TABLE messenger_messages");
    let path = image["@id"].as_str().unwrap();
    assert_eq!(visitor.post(&format!("{path}/retry"), &[]).await.status, 500);
    assert_eq!(visitor.get(path).await.json()["status"], "failed");
    assert_eq!(app.database.count("attempt"), 0, "and it was not counted");
}

async fn sec_16_nobody_else_can_send_ponka(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let image = failed(&app, &app.visitor()).await;
    let eve = app.visitor();
    for path in [
        format!("/images/{}", image["id"].as_str().unwrap()),
        image["@id"].as_str().unwrap().to_owned(),
    ] {
        assert_eq!(eve.post(&format!("{path}/retry"), &[]).await.status, 404);
    }
    assert_eq!(app.database.count("image_post WHERE status = 'failed'"), 1);
}
