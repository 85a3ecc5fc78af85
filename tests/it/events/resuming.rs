//! Who comes back hears what happened meanwhile: once, in order, and as it is now.

use std::collections::BTreeMap;

use ponka::entity::PhotoStatus;
use ponka::repository::photos as photo_rows;
use serde_json::json;
use uuid::Uuid;

use super::EventStream;
use crate::support::{TestApp, TestDatabase, on_both_databases, photos};

on_both_databases![
    ux_14_nothing_is_lost_while_nobody_listens,
    ux_14_a_stream_on_which_nothing_came_can_be_gone_on_with,
    ux_14_an_unknown_number_has_the_page_begin_anew,
    ux_14_changes_at_the_same_time_are_all_told_in_order,
    ux_14_old_changes_are_forgotten,
    ux_14_a_hundred_changes_are_told_at_once,
    ux_14_changes_of_every_kind_at_once_do_not_wait_in_a_circle,
];

async fn ux_14_nothing_is_lost_while_nobody_listens(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    visitor.get("/").await;
    let mut stream = EventStream::open(&visitor).await;
    let one = visitor.upload_one("one.jpg", &photos::cat()).await;
    let (seen, _, _) = stream.event().await;
    drop(stream);
    let two = visitor.upload_one("two.jpg", &photos::cat()).await;
    let three = visitor.upload_one("three.jpg", &photos::cat()).await;
    app.work().await;
    visitor.delete(three["@id"].as_str().unwrap()).await;
    let query = format!("/events?lastEventId={seen}");
    let mut last = String::new();
    for mut stream in [
        EventStream::open_after(&visitor, &seen.to_string()).await,
        EventStream::open_with(&visitor, &query, &[]).await,
    ] {
        let mut states = BTreeMap::new();
        let mut numbers = Vec::new();
        for _ in 0..3 {
            let (number, _, image) = stream.event().await;
            numbers.push(number);
            states.insert(image["id"].to_string(), image["status"].clone());
        }
        assert!(numbers.is_sorted() && numbers[0] > seen, "{numbers:?}");
        let expected = [(&one, "done"), (&two, "done"), (&three, "deleted")];
        for (image, status) in expected {
            assert_eq!(states[&image["id"].to_string()], status);
        }
        last = numbers[2].to_string();
    }
    // Nothing twice: what comes next is new.
    let mut stream = EventStream::open_after(&visitor, &last).await;
    visitor.delete(one["@id"].as_str().unwrap()).await;
    let (number, _, image) = stream.event().await;
    assert!(number > last.parse::<i64>().unwrap());
    assert_eq!((&image["id"], &image["status"]), (&one["id"], &"deleted".into()));
}

async fn ux_14_a_stream_on_which_nothing_came_can_be_gone_on_with(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    visitor.upload_one("one.jpg", &photos::cat()).await;
    let stream = EventStream::open(&visitor).await;
    let seen = stream.last_id.clone().unwrap();
    drop(stream);
    let two = visitor.upload_one("two.jpg", &photos::cat()).await;
    let mut stream = EventStream::open_after(&visitor, &seen).await;
    assert_eq!(stream.image().await, two, "only what came after");
    // Without a number: only what comes.
    let mut stream = EventStream::open(&visitor).await;
    let three = visitor.upload_one("three.jpg", &photos::cat()).await;
    assert_eq!(stream.image().await, three);
}

async fn ux_14_an_unknown_number_has_the_page_begin_anew(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    visitor.upload_one("one.jpg", &photos::cat()).await;
    app.database.execute("UPDATE photo_feed SET last = 50, forgotten = 20");
    for unknown in ["19", "51", "-1", "x", "99999999999999999999"] {
        let mut stream = EventStream::open_after(&visitor, unknown).await;
        assert_eq!(stream.event().await, (50, "reset".to_owned(), json!({})), "{unknown}");
    }
    let mut stream = EventStream::open_after(&visitor, "51").await;
    stream.event().await;
    let two = visitor.upload_one("two.jpg", &photos::cat()).await;
    assert_eq!(stream.event().await, (51, "image".to_owned(), two));
}

async fn ux_14_changes_at_the_same_time_are_all_told_in_order(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    visitor.get("/").await;
    let mut stream = EventStream::open(&visitor).await;
    let uploads = (0..12).map(|number| {
        let (visitor, name) = (&visitor, format!("{number}.jpg"));
        async move { visitor.upload_one(&name, &photos::jpeg(16, 16)).await }
    });
    let images = futures_util::future::join_all(uploads).await;
    let mut told = Vec::new();
    while told.len() < images.len() {
        let (number, _, image) = stream.event().await;
        told.push((number, image["id"].as_str().unwrap().to_owned()));
    }
    assert!(told.is_sorted(), "{told:?}");
    assert_eq!(told.last().unwrap().0, 12);
    for image in images {
        assert!(told.iter().any(|(_, id)| image["id"] == **id), "{image}");
    }
}

async fn ux_14_old_changes_are_forgotten(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    visitor.upload_one("one.jpg", &photos::cat()).await;
    let owner = app.database.values("SELECT owner_id AS value FROM photo_feed").remove(0);
    let rows =
        (2..=1299).map(|number| (uuid::Uuid::from_u128(number), number)).map(|(id, number)| {
            format!("INSERT INTO photo_event VALUES ('{owner}', '{id}', {number});")
        });
    app.database.execute(&format!("BEGIN; {} COMMIT;", rows.collect::<String>()));
    app.database.execute("UPDATE photo_feed SET last = 1299");
    visitor.upload_one("two.jpg", &photos::cat()).await;
    assert_eq!(app.database.count("photo_event"), 1000);
    assert_eq!(app.database.count("photo_feed WHERE last = 1300 AND forgotten = 300"), 1);
    let mut stream = EventStream::open_after(&visitor, "299").await;
    assert_eq!(stream.event().await.1, "reset");
    let mut stream = EventStream::open_after(&visitor, "300").await;
    for number in 301..=1300 {
        assert_eq!(stream.event().await.0, number, "every one that is known");
    }
}

async fn ux_14_a_hundred_changes_are_told_at_once(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    visitor.upload_one("one.jpg", &photos::cat()).await;
    let owner = app.database.values("SELECT owner_id AS value FROM photo_feed").remove(0);
    let rows =
        (2..=100).map(|number| (uuid::Uuid::from_u128(number), number)).map(|(id, number)| {
            format!("INSERT INTO photo_event VALUES ('{owner}', '{id}', {number});")
        });
    app.database.execute(&format!("BEGIN; {} COMMIT;", rows.collect::<String>()));
    app.database.execute("UPDATE photo_feed SET last = 100");
    let mut stream = EventStream::open_after(&visitor, "0").await;
    for number in 1..=100 {
        assert_eq!(stream.event().await.0, number);
    }
    let two = visitor.upload_one("two.jpg", &photos::cat()).await;
    assert_eq!(stream.event().await, (101, "image".to_owned(), two));
}

async fn ux_14_changes_of_every_kind_at_once_do_not_wait_in_a_circle(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let mut people = Vec::new();
    let mut ids = Vec::new();
    for _ in 0..2 {
        let visitor = app.visitor();
        for _ in 0..4 {
            let image = visitor.upload_one("cat.jpg", &photos::jpeg(16, 16)).await;
            ids.push(image["id"].as_str().unwrap().parse::<Uuid>().unwrap());
        }
        people.push(visitor);
    }
    let owners = app.database.values("SELECT DISTINCT owner_id AS value FROM photo_feed");
    let owners: Vec<Uuid> = owners.iter().map(|owner| owner.parse().unwrap()).collect();
    let changes = (0..160_usize).map(|number| {
        let (photo, from, to) =
            (ids[number % 7], owners[number / 3 % 2], owners[(number / 3 + 1) % 2]);
        app.kernel.database.transaction(move |connection| match number % 5 {
            0 => photo_rows::change_owner(connection, from, to),
            1 => photo_rows::set_alt(connection, photo, from, Some("A cat")).map(drop),
            _ => photo_rows::set_status(connection, photo, PhotoStatus::Processing, None),
        })
    });
    for changed in futures_util::future::join_all(changes).await {
        changed.unwrap();
    }
    // Whoever has the photos has heard of all of them.
    for (owner, visitor) in people.iter().enumerate() {
        let items = visitor.get("/api/images").await.json()["items"].clone();
        let mut stream = EventStream::open_after(visitor, "0").await;
        let known = app.database.count("photo_event") / 2;
        assert_eq!(known, ids.len(), "{owner}");
        let mut own = 0;
        for _ in 0..known {
            own += usize::from(stream.image().await["status"] != "deleted");
        }
        assert_eq!(own, items.as_array().unwrap().len());
    }
}
