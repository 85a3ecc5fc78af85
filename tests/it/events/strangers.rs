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
            assert!(matches!(said, Said::Comment(_)), "{said:?}");
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
    assert_eq!(signed_out.ended().await, ["signed out"]);
}

async fn sec_16_a_session_that_nobody_uses_ends_its_stream(database: TestDatabase) {
    let app = TestApp::builder(database).heartbeat(OFTEN).start().await;
    let vera = vera(&app).await;
    let mut stream = EventStream::open(&vera).await;
    assert!(matches!(stream.said().await, Some(Said::Comment(_))));
    app.clock.advance(Duration::from_secs(30 * 60));
    assert_eq!(stream.ended().await.last().unwrap(), "signed out");
}
