//! Random envelopes survive the way through the codec.

use fastrand::Rng;
use messenger::codec::{Codec, JsonCodec};
use messenger::stamp::{
    BusNameStamp, DelayStamp, ErrorDetailsStamp, RedeliveryStamp, SentToFailureTransportStamp,
    TransportMessageIdStamp, TransportNamesStamp,
};
use messenger::{Encoded, Envelope};
use serde_json::{Map, Value, json};

use crate::support::Payload;

/// Runs a check with many seeds; a failure names its seed.
fn with_seeds(check: impl Fn(&mut Rng)) {
    for seed in 0..2000 {
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            check(&mut Rng::with_seed(seed));
        }));
        assert!(outcome.is_ok(), "failed with seed {seed}");
    }
}

fn codec() -> JsonCodec {
    let mut codec = JsonCodec::default();
    codec.register::<Payload>();
    codec
}

fn text(random: &mut Rng) -> String {
    let characters = ['a', '"', '\\', '/', '\n', '\0', '\u{7f}', 'é', '\u{2028}', '\u{1F431}'];
    let length = random.usize(0..6);
    (0..length)
        .map(|_| if random.bool() { characters[random.usize(0..10)] } else { random.char(..) })
        .collect()
}

fn value(random: &mut Rng, depth: usize) -> Value {
    match random.u8(0..if depth == 0 { 6 } else { 8 }) {
        0 => Value::Null,
        1 => random.bool().into(),
        2 => random.i64(..).into(),
        3 => random.u64(..).into(),
        4 => json!(random.f64() * 10f64.powi(random.i32(-20..20))),
        5 => text(random).into(),
        6 => (0..random.usize(0..4)).map(|_| value(random, depth - 1)).collect(),
        _ => {
            let entry = |random: &mut Rng| (text(random), value(random, depth - 1));
            Value::Object((0..random.usize(0..4)).map(|_| entry(random)).collect::<Map<_, _>>())
        }
    }
}

fn stamped(envelope: Envelope, random: &mut Rng) -> Envelope {
    match random.u8(0..7) {
        0 => envelope.with(BusNameStamp { bus_name: text(random).into() }),
        1 => envelope.with(DelayStamp::millis(random.i64(..))),
        2 => {
            let count = random.usize(0..3);
            let names: Vec<_> = (0..count).map(|_| text(random)).collect();
            envelope.with(TransportNamesStamp::new(names))
        }
        3 => {
            let seconds = random.i64(0..4_000_000_000);
            let at = chrono::DateTime::from_timestamp(seconds, 0).expect("a date").fixed_offset();
            envelope.with(RedeliveryStamp { retry_count: random.u32(..), redelivered_at: at })
        }
        4 => envelope.with(TransportMessageIdStamp { id: value(random, 0) }),
        5 => envelope.with(SentToFailureTransportStamp { original_receiver_name: text(random) }),
        _ => {
            let mut details = ErrorDetailsStamp::new(text(random), text(random));
            details.flatten_exception = value(random, 2);
            envelope.with(details)
        }
    }
}

fn random_envelope(random: &mut Rng) -> Envelope {
    let envelope = Envelope::new(Payload { data: value(random, 3) });
    (0..random.usize(0..8)).fold(envelope, |envelope, _| stamped(envelope, random))
}

/// The stamps of each class as debug texts: the order across classes is not kept by the format.
fn travelling(envelope: &Envelope) -> Vec<String> {
    let received = |stamp: &String| stamp.starts_with("SerializedMessageStamp");
    let mut stamps: Vec<_> = envelope.stamps().filter(|stamp| !received(stamp)).collect();
    stamps.sort_by_key(|stamp| stamp.split([' ', '{']).next().unwrap_or_default().to_owned());
    stamps
}

#[test]
fn s0_20_what_is_written_is_read_back_with_all_stamps() {
    with_seeds(|random| {
        let envelope = random_envelope(random);
        let encoded = codec().encode(&envelope).expect("written");
        assert!(encoded.body.is_ascii() && encoded.headers_json().is_ascii());

        let back = codec().decode(encoded);

        assert!(back.undecodable().is_none(), "{:?}", back.undecodable());
        assert_eq!(back.message::<Payload>(), envelope.message::<Payload>());
        assert_eq!(travelling(&back), travelling(&envelope));
    });
}

#[test]
fn what_is_read_is_written_as_it_came_through_the_text_of_the_headers_too() {
    with_seeds(|random| {
        let first = codec().encode(&random_envelope(random)).expect("written");

        let read = Encoded::with_headers_json(first.body.clone(), &first.headers_json());
        assert_eq!(read, first);

        assert_eq!(codec().encode(&codec().decode(read)).expect("written"), first);
    });
}

/// Bytes are changed at random: nothing panics, and the body always comes back.
#[test]
fn damaged_messages_never_panic_and_keep_their_bytes() {
    with_seeds(|random| {
        let mut encoded = codec().encode(&random_envelope(random)).expect("written");
        for _ in 0..random.usize(1..4) {
            let at = random.usize(0..encoded.body.len());
            encoded.body[at] = random.u8(..);
        }
        let which = random.usize(0..encoded.headers.len());
        let value = &mut encoded.headers[which].1;
        let end =
            (0..=random.usize(0..=value.len())).rev().find(|end| value.is_char_boundary(*end));
        value.truncate(end.unwrap_or_default());

        let envelope = codec().decode(encoded.clone());
        let sent = codec().encode(&envelope.with(DelayStamp::millis(0))).expect("written");

        assert_eq!(sent.body, encoded.body);
    });
}
