//! Every change of a photo is told, with the state that it has then.

use std::time::Duration;

use serde_json::json;

use super::EventStream;
use super::stream::Said;
use crate::accounts::{PASSWORD, sign_in};
use crate::support::{TestApp, TestDatabase, on_both_databases, photos};

on_both_databases![
    ux_13_a_photo_is_told_from_its_first_state_to_its_last,
    ux_13_a_photo_that_fails_and_is_tried_again_is_told,
    ux_13_photos_that_move_to_an_account_are_told_to_both,
    ux_13_photos_that_go_with_their_account_are_told_to_nobody_who_was_signed_out,
    ux_13_a_change_and_its_event_are_committed_together,
    rel_23_streams_give_signs_of_life,
];

async fn ux_13_a_photo_is_told_from_its_first_state_to_its_last(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    visitor.get("/").await;
    let compressed = [("Accept-Encoding", "gzip, br")];
    let mut stream = EventStream::open_with(&visitor, "/events", &compressed).await;
    for line in [
        "content-type: text/event-stream\r\n",
        "cache-control: no-store\r\n",
        "x-accel-buffering: no\r\n",
        "x-content-type-options: nosniff\r\n",
        "content-security-policy: default-src 'none'; frame-ancestors 'none'\r\n",
    ] {
        assert!(stream.head.contains(line), "{line} is not in {}", stream.head);
    }
    assert!(!stream.head.contains("gzip") && !stream.head.contains("access-control"));
    let image = visitor.upload_one("cat.jpg", &photos::cat()).await;
    let (id, path) = (&image["id"], image["@id"].as_str().unwrap());
    assert_eq!(stream.event().await, (1, "image".to_owned(), image.clone()));
    app.work().await;
    let statuses = stream.until(id, "done").await;
    assert!(statuses == ["processing", "done"] || statuses == ["done"], "{statuses:?}");
    let alt = visitor.send("PUT", &format!("{path}/alt"), &JSON, br#"{"alt": "A cat"}"#).await;
    assert_eq!(alt.status, 204, "{}", alt.text());
    assert_eq!(stream.image().await, visitor.get(path).await.json());
    assert_eq!(visitor.delete(path).await.status, 204);
    let deleted = json!({"@id": path, "id": id, "status": "deleted"});
    assert_eq!(stream.image().await, deleted);
}

const JSON: [(&str, &str); 1] = [("Content-Type", "application/json")];

async fn ux_13_a_photo_that_fails_and_is_tried_again_is_told(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    let image = visitor.upload_one("cat.jpg", &photos::cat()).await;
    let mut stream = EventStream::open(&visitor).await;
    let original = app.files().into_iter().find(|file| file.starts_with("originals")).unwrap();
    let original = app.uploads.join(original);
    std::fs::write(&original, b"no photo at all").unwrap();
    app.work().await;
    let statuses = stream.until(&image["id"], "failed").await;
    assert!(!statuses.contains(&"done".to_owned()), "{statuses:?}");
    std::fs::write(&original, photos::cat()).unwrap();
    let retry = format!("{}/retry", image["@id"].as_str().unwrap());
    assert_eq!(visitor.post(&retry, &[]).await.status, 200);
    assert_eq!(stream.image().await["status"], "queued");
    app.work().await;
    stream.until(&image["id"], "done").await;
}

async fn ux_13_photos_that_move_to_an_account_are_told_to_both(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    let image = visitor.upload_one("cat.jpg", &photos::cat()).await;
    let mut before = EventStream::open(&visitor).await;
    visitor.register("Vera", "vera@example.com", PASSWORD).await;
    app.work().await;
    // The photo waits for whoever signs in on this browser.
    assert_eq!(before.until(&image["id"], "deleted").await.last().unwrap(), "deleted");
    sign_in(&visitor, "vera@example.com", PASSWORD).await;
    let mut after = EventStream::open_after(&visitor, "0").await;
    app.work_off().await;
    let own = visitor.get("/api/images").await.json()["items"][0].clone();
    assert_eq!((&own["id"], &own["status"]), (&image["id"], &"done".into()));
    after.until(&image["id"], "done").await;
}

async fn ux_13_photos_that_go_with_their_account_are_told_to_nobody_who_was_signed_out(
    database: TestDatabase,
) {
    let app = TestApp::start(database).await;
    let vera = crate::accounts::vera(&app).await;
    vera.upload_one("cat.jpg", &photos::cat()).await;
    let mut stream = EventStream::open(&vera).await;
    let events = app.database.values("SELECT CAST(last AS TEXT) AS value FROM photo_feed");
    let deleted = vera.post("/account/delete", &[("confirm", PASSWORD)]).await;
    assert_eq!((deleted.status, app.rows()), (303, 0));
    let now = app.database.values("SELECT CAST(last AS TEXT) AS value FROM photo_feed");
    assert_ne!(events, now, "the photos were told");
    assert_eq!(stream.last_words().await, "signed-out");
}

async fn ux_13_a_change_and_its_event_are_committed_together(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    let image = visitor.upload_one("cat.jpg", &photos::cat()).await;
    let mut stream = EventStream::open(&visitor).await;
    let id: uuid::Uuid = image["id"].as_str().unwrap().parse().unwrap();
    let undone = app.kernel.database.transaction(move |connection| {
        ponka::repository::photos::delete(connection, id)?;
        Err::<(), _>(diesel::result::Error::RollbackTransaction)
    });
    assert!(undone.await.is_err());
    app.work().await;
    let (number, _, first) = stream.event().await;
    assert!(number == 2 || number == 3, "no number was lost: {number}");
    assert_ne!(first["status"], "deleted");
    app.database.execute("DROP TABLE photo_event");
    let refused = visitor.upload(&[("two.jpg", &photos::cat())]).await;
    assert_eq!((refused.status, app.rows()), (500, 1), "no event, no photo");
}

async fn rel_23_streams_give_signs_of_life(database: TestDatabase) {
    let often = Duration::from_millis(30);
    let app = TestApp::builder(database).heartbeat(often).start().await;
    let mut stream = EventStream::open(&app.visitor()).await;
    for _ in 0..3 {
        assert_eq!(stream.said().await, Some(Said::heartbeat()));
    }
}
