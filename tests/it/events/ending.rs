//! How many streams there may be, and how they end.

use std::time::Duration;

use ponka::descriptors::Places;
use ponka::live_feed::Subscription;
use uuid::Uuid;

use super::EventStream;
use super::stream::Said;
use crate::support::{TestApp, TestDatabase, eventually, on_both_databases, photos};

on_both_databases![
    sec_22_the_seventh_stream_takes_the_place_of_the_oldest,
    sec_22_when_all_places_are_taken_the_answer_is_503,
    sec_22_nobody_can_take_all_places,
    rel_23_when_the_gallery_closes_streams_end_with_a_word,
];

async fn sec_22_the_seventh_stream_takes_the_place_of_the_oldest(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    visitor.get("/").await;
    let mut streams = Vec::new();
    for _ in 0..7 {
        streams.push(EventStream::open(&visitor).await);
    }
    let mut oldest = streams.remove(0);
    let later = Said::Signal("later".to_owned(), "60".to_owned());
    assert_eq!(oldest.said().await, Some(later), "it is not to come back at once");
    assert_eq!(oldest.said().await, Some(Said::Retry(60_000)), "without a script neither");
    assert_eq!(oldest.said().await, None);
    assert_eq!(app.kernel.live.open_streams(), 6);
    let image = visitor.upload_one("cat.jpg", &photos::cat()).await;
    for stream in &mut streams {
        assert_eq!(stream.image().await, image);
    }
    let mut other = EventStream::open(&app.visitor()).await;
    app.kernel.live.close();
    assert_eq!(other.last_words().await, "the gallery closes for a moment");
}

async fn sec_22_when_all_places_are_taken_the_answer_is_503(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let all = 0..Places::now().streams;
    let taken: Vec<_> = all.map(|number| subscribe(&app, &number.to_string())).collect();
    assert!(taken.iter().all(Option::is_some));
    let refused = app.visitor().get("/events").await;
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("5")));
    drop(taken);
    EventStream::open(&app.visitor()).await;
}

async fn sec_22_nobody_can_take_all_places(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let mut own = EventStream::open(&app.visitor()).await;
    let Places { streams, streams_of_client: share, .. } = Places::now();
    let mut greedy: Vec<_> = (0..share + 10).map(|_| subscribe(&app, "198.51.100.7")).collect();
    assert!(greedy.iter().all(Option::is_some), "the oldest make place");
    assert_eq!(app.kernel.live.open_streams(), 1 + share, "and nobody else does");
    let rest = 0..streams - share - 1;
    greedy.extend(rest.map(|number| subscribe(&app, &number.to_string())));
    assert_eq!(app.kernel.live.open_streams(), streams, "all places are taken");
    let visitor = app.visitor();
    visitor.get("/").await;
    let mut other = EventStream::open(&visitor).await;
    assert_eq!(app.kernel.live.open_streams(), streams, "whoever had most gave one back");
    let image = visitor.upload_one("cat.jpg", &photos::cat()).await;
    assert_eq!(other.image().await, image);
    drop(greedy);
    assert_eq!(app.kernel.live.open_streams(), 2, "who was there before still is");
    app.kernel.live.close();
    assert_eq!(own.last_words().await, "the gallery closes for a moment");
}

fn subscribe(app: &TestApp, client: &str) -> Option<Subscription> {
    app.kernel.live.subscribe(client, Uuid::new_v4(), None).ok()
}

async fn rel_23_when_the_gallery_closes_streams_end_with_a_word(database: TestDatabase) {
    let app = TestApp::builder(database).heartbeat(Duration::from_millis(20)).start().await;
    let mut stream = EventStream::open(&app.visitor()).await;
    app.kernel.live.close();
    assert_eq!(stream.last_words().await, "the gallery closes for a moment");
    assert_eq!(app.visitor().get("/events").await.status, 503);
    eventually("the places to be free", || app.kernel.live.open_streams() == 0).await;
}
