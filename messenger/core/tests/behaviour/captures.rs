//! What a real PHP worker has written is read, and written again byte for byte.

use std::path::{Path, PathBuf};

use messenger::Encoded;
use messenger::codec::{Codec, JsonCodec};
use messenger::stamp::{
    BusNameStamp, DelayStamp, ErrorDetailsStamp, RedeliveryStamp, SentToFailureTransportStamp,
    TransportMessageIdStamp,
};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::support::AddPonkaToImage;

/// A row of a table.
#[derive(Deserialize)]
struct Row {
    body: String,
    headers: String,
}

/// An entry of a stream.
#[derive(Deserialize)]
struct Entry<'a> {
    body: String,
    #[serde(borrow)]
    headers: &'a RawValue,
}

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/wire")
}

pub(crate) fn read(name: &str) -> String {
    std::fs::read_to_string(directory().join(name)).expect("the capture is there")
}

/// The captures of one kind of store.
fn captures(store: &str) -> Vec<String> {
    let files = std::fs::read_dir(directory()).expect("the captures are there");
    let names = files.map(|file| file.expect("readable").file_name().into_string().expect("ASCII"));
    let mut names: Vec<_> =
        names.filter(|name| name.starts_with(store) && name.ends_with(".json")).collect();
    names.sort();
    names
}

pub(crate) fn codec() -> JsonCodec {
    let mut codec = JsonCodec::default();
    codec.register::<AddPonkaToImage>();
    codec
}

/// Reads and writes one message; gives what was read.
fn comes_back(body: &str, headers: &str, origin: &str) -> messenger::Envelope {
    let codec = codec();
    let envelope = codec.decode(Encoded::with_headers_json(body.as_bytes().to_vec(), headers));
    assert!(envelope.undecodable().is_none(), "{origin}: {:?}", envelope.undecodable());
    assert!(envelope.message::<AddPonkaToImage>().is_some(), "{origin}");
    let encoded = codec.encode(&envelope).expect("it can be written");
    assert_eq!(String::from_utf8_lossy(&encoded.body), body, "{origin}");
    assert_eq!(encoded.headers_json(), headers, "{origin}");
    envelope
}

#[test]
fn s0_20_every_row_of_a_table_comes_back_byte_for_byte() {
    let mut seen = 0;
    for name in ["sqlite", "pg"].into_iter().flat_map(captures) {
        let rows: Vec<Row> = serde_json::from_str(&read(&name)).expect("rows");
        for row in rows {
            comes_back(&row.body, &row.headers, &name);
            seen += 1;
        }
    }
    assert_eq!(seen, 26);
}

/// The messages in a capture of Redis: in streams as PHP strings, delayed ones as plain JSON.
fn redis_messages(capture: &str) -> Vec<String> {
    let store: Value = serde_json::from_str(capture).expect("JSON");
    let mut found = Vec::new();
    for key in store.as_object().expect("keys").values() {
        if let Some(entries) = key["raw_entries"].as_object() {
            for entry in entries.values() {
                let php = entry["message"].as_str().expect("a PHP string");
                let (_, quoted) = php.split_once(":\"").expect("s:<length>:\"");
                found.push(quoted.strip_suffix("\";").expect("closed").to_owned());
            }
        }
        for member in key["raw_members_with_score"].as_array().into_iter().flatten().step_by(2) {
            found.push(member.as_str().expect("text").to_owned());
        }
    }
    found
}

#[test]
fn every_entry_of_a_redis_stream_comes_back_byte_for_byte() {
    let mut seen = 0;
    for name in captures("redis") {
        for message in redis_messages(&read(&name)) {
            let entry: Entry = serde_json::from_str(&message).expect("body and headers");
            comes_back(&entry.body, entry.headers.get(), &name);
            seen += 1;
        }
    }
    assert_eq!(seen, 13);
}

/// AMQP has no order of headers, keeps the content type apart, and adds headers of its own.
#[test]
fn every_message_of_amqp_comes_back_with_the_same_headers_and_body() {
    let codec = codec();
    let mut seen = 0;
    for name in captures("amqp") {
        let capture: Value = serde_json::from_str(&read(&name)).expect("JSON");
        let queues = capture["messages"].as_object().expect("queues");
        for message in queues.values().flat_map(|queue| queue.as_array().expect("messages")) {
            let headers = message["headers"].as_object().expect("headers").iter();
            let mut headers: Vec<(String, String)> = headers
                .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
                .collect();
            let content_type = message["content_type"].as_str().expect("text").to_owned();
            headers.push(("Content-Type".to_owned(), content_type));
            let body = message["body"].as_str().expect("text").as_bytes().to_vec();
            let received = Encoded { body, headers };

            let mut sent = codec.encode(&codec.decode(received.clone())).expect("written");

            let mut received = received;
            received.headers.sort();
            sent.headers.sort();
            assert_eq!(sent, received, "{name}");
            seen += 1;
        }
    }
    assert!(seen >= 6, "{seen}");
}

#[test]
fn a_message_in_the_failure_queue_shows_its_whole_history() {
    let rows: Vec<Row> =
        serde_json::from_str(&read("sqlite-6-in-failure-queue.json")).expect("rows");
    let envelope = comes_back(&rows[1].body, &rows[1].headers, "sqlite-6");

    assert_eq!(envelope.message(), Some(&AddPonkaToImage { image_post_id: 1 }));
    assert_eq!(&*envelope.last::<BusNameStamp>().expect("a bus").bus_name, "messenger.bus.default");
    let ids = envelope.all::<TransportMessageIdStamp>().map(TransportMessageIdStamp::text);
    assert_eq!(ids.collect::<Vec<_>>(), ["101", "103", "104", "105"]);
    let delays = envelope.all::<DelayStamp>().map(|stamp| stamp.delay);
    assert_eq!(delays.collect::<Vec<_>>(), [982, 2198, 4361, 0]);
    let counts = envelope.all::<RedeliveryStamp>().map(|stamp| stamp.retry_count);
    assert_eq!(counts.collect::<Vec<_>>(), [1, 2, 3, 0]);
    let failed = envelope.last::<SentToFailureTransportStamp>().expect("it failed");
    assert_eq!(failed.original_receiver_name, "async");
    let error = envelope.last::<ErrorDetailsStamp>().expect("an error");
    assert_eq!(error.exception_class, "RuntimeException");
    assert_eq!(error.exception_message, "boom on image 1");
    assert_eq!(error.flatten_exception["trace"][0]["file"], "/app/src/Wire/php/wire.php");
}

#[test]
fn a_fresh_message_is_written_exactly_as_php_writes_it() {
    let bus = || BusNameStamp { bus_name: "messenger.bus.default".into() };
    let ponka = |id| messenger::Envelope::new(AddPonkaToImage { image_post_id: id });
    let plain = codec().encode(&ponka(1).with(bus())).expect("written");
    let delayed = ponka(2).with(DelayStamp::millis(600_000)).with(bus());
    let delayed = codec().encode(&delayed).expect("written");

    for store in ["sqlite", "pg"] {
        let rows: Vec<Row> =
            serde_json::from_str(&read(&format!("{store}-2-plain-and-delayed-600s.json")))
                .expect("rows");
        let first: Vec<Row> =
            serde_json::from_str(&read(&format!("{store}-1-plain.json"))).expect("rows");
        for (row, written) in [(&first[0], &plain), (&rows[0], &plain), (&rows[1], &delayed)] {
            assert_eq!(written.headers_json(), row.headers, "{store}");
            assert_eq!(String::from_utf8_lossy(&written.body), row.body, "{store}");
        }
    }
    let redis = redis_messages(&read("redis-1-plain.json")).remove(0);
    let entry: Entry = serde_json::from_str(&redis).expect("body and headers");
    assert_eq!(plain.headers_json(), entry.headers.get());
}
