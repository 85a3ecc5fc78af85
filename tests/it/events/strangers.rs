//! Nobody hears of photos that are not theirs.

use std::time::Duration;

use super::EventStream;
use super::stream::Said;
use crate::accounts::{somebody, vera};
use crate::support::{TestApp, TestDatabase, on_both_databases, photos};

on_both_databases![
    sec_16_strangers_hear_nothing,
    sec_16_a_number_of_somebody_elses_gives_nothing_away,
    sec_16_who_signs_out_hears_nothing_more,
    sec_16_a_session_that_nobody_uses_ends_its_stream,
    a_page_of_somebody_who_has_signed_out_learns_that,
];

const OFTEN: Duration = Duration::from_millis(30);

async fn sec_16_strangers_hear_nothing(database: TestDatabase) {
    let app = TestApp::builder(database).heartbeat(OFTEN).start().await;
    let vera = vera(&app).await;
    let eve = somebody(&app, "Eve", "eve@example.com").await;
    let mut own = EventStream::open(&vera).await;
    let mut strangers = [
        EventStream::open(&eve).await,
        EventStream::open(&app.visitor()).await,
        EventStream::open_after(&eve, "0").await,
    ];
    let image = vera.upload_one("cat.jpg", &photos::cat()).await;
    app.work().await;
    own.until(&image["id"], "done").await;
    for stranger in &mut strangers {
        for _ in 0..10 {
            let said = stranger.said().await.unwrap();
            assert_eq!(said, Said::heartbeat());
        }
    }
}

async fn sec_16_a_number_of_somebody_elses_gives_nothing_away(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (vera, eve) = (app.visitor(), app.visitor());
    vera.upload_one("cat.jpg", &photos::cat()).await;
    let own = eve.upload_one("dog.jpg", &photos::cat()).await;
    let mut stream = EventStream::open_after(&eve, "0").await;
    assert_eq!(stream.image().await, own);
    let mut stream = EventStream::open_after(&eve, "7").await;
    assert_eq!(stream.event().await.1, "reset");
}

async fn sec_16_who_signs_out_hears_nothing_more(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let vera = vera(&app).await;
    let elsewhere = app.visitor();
    crate::accounts::sign_in(&elsewhere, "vera@example.com", crate::accounts::PASSWORD).await;
    let image = vera.upload_one("cat.jpg", &photos::cat()).await;
    let mut signed_out = EventStream::open(&elsewhere).await;
    let mut own = EventStream::open(&vera).await;
    elsewhere.post("/logout", &[]).await;
    app.work().await;
    own.until(&image["id"], "done").await;
    let signal = Said::Signal("signed-out".to_owned(), "{}".to_owned());
    assert_eq!((signed_out.said().await, signed_out.said().await), (Some(signal), None));
}

async fn sec_16_a_session_that_nobody_uses_ends_its_stream(database: TestDatabase) {
    let app = TestApp::builder(database).heartbeat(OFTEN).start().await;
    let vera = vera(&app).await;
    let mut stream = EventStream::open(&vera).await;
    assert_eq!(stream.said().await, Some(Said::heartbeat()));
    app.clock.advance(Duration::from_secs(30 * 60));
    assert_eq!(stream.last_words().await, "signed-out");
}

/// A page says for whom it was made. When that is over, nobody takes the gallery of whoever came
/// after for it.
async fn a_page_of_somebody_who_has_signed_out_learns_that(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let vera = vera(&app).await;
    let image = vera.upload_one("cat.jpg", &photos::cat()).await;
    let mark = mark(&vera).await;
    assert_eq!(mark.len(), 36, "{mark}");
    let (own, id) = (image["@id"].as_str().unwrap(), image["id"].as_str().unwrap());
    let viewer = format!("viewer={mark}");
    let events = format!("/events?{viewer}&lastEventId=1");
    let paths = [
        ("GET", format!("/?{viewer}")),
        ("GET", format!("/api/images?{viewer}")),
        ("GET", format!("/tiles?ids={id}&{viewer}")),
        ("GET", format!("{own}?{viewer}")),
        ("HEAD", events.clone()),
        ("POST", format!("/api/images?duplicates=skip&{viewer}")),
        ("DELETE", format!("{own}?{viewer}")),
    ];
    for (_, path) in paths.iter().filter(|(method, _)| *method == "GET") {
        assert_eq!(vera.get(path).await.status, 200, "{path}");
    }
    EventStream::open_with(&vera, &events, &[]).await;
    let eve = somebody(&app, "Eve", "eve@example.com").await;
    vera.post("/logout", &[]).await;
    for visitor in [&vera, &eve, &app.visitor()] {
        for (method, path) in &paths {
            let answer = visitor.send(method, path, &[], b"").await;
            assert_eq!(answer.status, 401, "{method} {path}");
            assert_eq!(answer.header("content-type"), Some("application/problem+json"));
            assert!(*method == "HEAD" || answer.code() == "signed_out", "{}", answer.text());
        }
        let refused = EventStream::request(visitor, &events, &[]).await;
        assert!(refused.head.starts_with("HTTP/1.1 401"), "{}", refused.head);
    }
    assert_eq!((mark_of(&vera.get("/").await), app.rows()), (String::new(), 1));
    assert_ne!(self::mark(&eve).await, mark);
}

async fn mark(visitor: &crate::support::Visitor) -> String {
    mark_of(&visitor.get("/").await)
}

/// For whom a page was made.
fn mark_of(page: &crate::support::Answer) -> String {
    let page = page.text();
    let (_, rest) = page.split_once("data-viewer=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}
