//! Rows are Symfony's: what it wrote is read, what is written it can read.

use std::path::Path;

use chrono::DateTime;
use messenger::clock::{Clock, ManualClock};
use messenger::codec::Codec;
use messenger::stamp::{BusNameStamp, DelayStamp, DoNotKeepOnFailureStamp, HistoryLeftOutStamp};
use messenger::transport::{Fetch, Receiver, Sender};
use messenger::{Encoded, Envelope, Message};
use messenger_doctrine::{Backend, UnitOfWork};
use serde_json::Value;

use crate::fixture::{codec, messenger, transport};
use crate::message::{id, ponka};
use test_database::TestDatabase;

/// The rows of a file of this package.
fn rows(file: &str) -> Vec<Value> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let text = std::fs::read_to_string(file).expect("the file is there");
    serde_json::from_str(&text).expect("JSON")
}

/// The rows of a capture.
fn capture(file: &str) -> Vec<Value> {
    rows(&format!("../core/tests/fixtures/wire/{file}"))
}

fn prefix(db: &TestDatabase) -> &'static str {
    match db.backend {
        Backend::Sqlite => "sqlite",
        Backend::Postgres => "pg",
    }
}

pub(super) async fn a_row_is_written_as_symfony_writes_it(db: &TestDatabase) {
    let transport = transport(&db.open(), "default", &Clock::Manual(ManualClock::default()));
    let mut cx = messenger(&db.open()).context("bus");
    let bus = || BusNameStamp { bus_name: "messenger.bus.default".into() };
    let plain = ponka(1).with(bus());
    let delayed = ponka(2).with(DelayStamp::millis(600_000)).with(bus());
    for message in [plain, delayed] {
        transport.send(message, &mut cx).await.expect("sent");
    }
    let rows = capture(&format!("{}-2-plain-and-delayed-600s.json", prefix(db)));
    for (index, row) in rows.iter().enumerate() {
        for column in ["body", "headers", "queue_name"] {
            let sql = format!(
                "SELECT {column} AS value FROM messenger_messages WHERE id = {}",
                index + 1
            );
            assert_eq!(Some(db.value(&sql).as_str()), row[column].as_str(), "{column}");
        }
    }
    let dates = "SELECT CAST(created_at AS VARCHAR(19)) || ' ' || CAST(available_at AS VARCHAR(19)) \
        || COALESCE(CAST(delivered_at AS VARCHAR(19)), ' -') AS value \
        FROM messenger_messages ORDER BY id";
    let dates = db.values(dates);
    let dates: Vec<_> = dates.iter().map(|text| text.replace(".000", "")).collect();
    assert_eq!(
        dates,
        ["2026-01-01 00:00:00 2026-01-01 00:00:00 -", "2026-01-01 00:00:00 2026-01-01 00:10:00 -",]
    );
}

fn insert(db: &TestDatabase, row: &Value) {
    let text = |column: &str| match &row[column] {
        Value::String(text) if column.ends_with("_at") => format!("'{}'", text.replace('T', " ")),
        Value::String(text) => format!("'{}'", text.replace('\'', "''")),
        _ => "NULL".to_owned(),
    };
    db.execute(&format!(
        "INSERT INTO messenger_messages VALUES ({}, {}, {}, {}, {}, {}, {})",
        row["id"],
        text("body"),
        text("headers"),
        text("queue_name"),
        text("created_at"),
        text("available_at"),
        text("delivered_at"),
    ));
}

/// Headers in an order of their own, without what the transport adds.
fn headers(encoded: &Encoded) -> Vec<(String, String)> {
    let mut headers = encoded.headers.clone();
    headers.retain(|(name, _)| !name.ends_with("TransportMessageIdStamp"));
    headers.sort();
    headers
}

fn assert_read(codec: &dyn Codec, row: &Value, received: &Envelope) {
    let text = |column: &str| row[column].as_str().expect("text").to_owned();
    let original = Encoded::with_headers_json(text("body").into_bytes(), &text("headers"));
    let again = codec.encode(received).expect("it can be written");
    assert!(received.undecodable().is_none(), "{:?}", received.undecodable());
    assert_eq!(id(received), row["id"].to_string());
    assert_eq!(again.body, original.body);
    assert_eq!(headers(&again), headers(&original));
}

pub(super) async fn every_captured_row_can_be_read(db: &TestDatabase) {
    db.make_symfony_table();
    let clock = ManualClock::at(DateTime::from_timestamp(1_900_000_000, 0).expect("a date"));
    let transport = transport(&db.open(), "default", &Clock::Manual(clock));
    let transport: &dyn Receiver<UnitOfWork> = &transport;
    let queues = ["default".to_owned(), "failed".to_owned()];
    let steps = [
        "1-plain",
        "2-plain-and-delayed-600s",
        "2b-plain-while-being-handled",
        "3-after-1-failed-attempt",
        "4-after-2-failed-attempts",
        "5-after-3-failed-attempts",
        "6-in-failure-queue",
    ];
    for step in steps {
        let rows = capture(&format!("{}-{step}.json", prefix(db)));
        db.execute("DELETE FROM messenger_messages");
        rows.iter().for_each(|row| insert(db, row));
        let mut received = Vec::new();
        loop {
            let some = transport.get(&Fetch { max: 10, queues: &queues }).await.expect("read");
            if some.is_empty() {
                break;
            }
            received.extend(some);
        }
        assert_eq!(received.len(), rows.len(), "{step}");
        for envelope in &received {
            let row = rows.iter().find(|row| row["id"].as_u64() == id(envelope).parse().ok());
            assert_read(&*codec(), row.expect("a row of the capture"), envelope);
        }
    }
}

/// Until 2026-11 our own headers began with `X-Ponka-`.
pub(super) async fn what_an_earlier_version_wrote_under_other_names_is_read(db: &TestDatabase) {
    db.make_symfony_table();
    rows("tests/fixtures/rows-with-earlier-headers.json").iter().for_each(|row| insert(db, row));
    let clock = ManualClock::at(DateTime::from_timestamp(1_900_000_000, 0).expect("a date"));
    let transport = transport(&db.open(), "default", &Clock::Manual(clock));
    let transport: &dyn Receiver<UnitOfWork> = &transport;

    let received = transport.get(&Fetch::up_to(10)).await.expect("read");

    let ids: Vec<_> = received.iter().map(id).collect();
    assert_eq!(ids, ["1", "2", "3"]);
    let binary = received[0].undecodable().expect("nobody knows it");
    assert_eq!(binary.encoded.body, [0xFF, 0, b'x']);
    let left_out = received[1].last::<HistoryLeftOutStamp>().expect("what was not kept is counted");
    assert_eq!(left_out.failures, 3);
    assert!(received[1..].iter().all(Envelope::has::<DoNotKeepOnFailureStamp>));
    for envelope in received {
        let again = codec().encode(&envelope).expect("it can be written");
        assert!(!again.headers_json().to_lowercase().contains("ponka_"), "{again:?}");
        assert!(!again.headers_json().contains("X-Ponka-"), "{again:?}");
    }
}
