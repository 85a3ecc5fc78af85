//! What a message holds arrives as it was, whatever it is.

use messenger::codec::RawStamp;
use messenger::stamp::{BusNameStamp, DelayStamp};
use messenger::{Encoded, Envelope, Message};

use crate::fixture::Fixture;
use crate::message::{Note, number, ponka};

const STRANGE_STAMP: &str = r"X-Message-Stamp-App\Stamp\Strange";

fn encoded(kind: &str, body: &[u8]) -> Encoded {
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let headers = vec![
        header("type", kind),
        header(STRANGE_STAMP, r#"[{"caf\u00e9":"\/"}]"#),
        header("X-Trace", "é \u{1F431} \" \\ /"),
        header("Content-Type", "application/json"),
    ];
    Encoded { body: body.to_vec(), headers }
}

/// Sends what came from outside on, twice, and checks that not a byte has changed.
async fn travels_untouched(f: &Fixture, message: &Encoded) -> Envelope {
    f.send(f.codec.decode(message.clone())).await;
    let received = f.get_one().await;
    f.send(received.clone()).await;
    let again = f.get_one().await;
    let mut encoded = f.codec.encode(&again).expect("it can be written");
    // The transport adds the ids it gave.
    encoded.headers.retain(|(name, _)| !name.ends_with("TransportMessageIdStamp"));
    assert_eq!(encoded.body, message.body);
    assert_eq!(encoded.headers, message.headers);
    received
}

pub(super) async fn an_unknown_message_comes_undecodable_and_travels_on_untouched(f: &Fixture) {
    let message = encoded(r"App\Message\Unknown", br#"{"a": [1, 2.50]}"#);
    let received = travels_untouched(f, &message).await;
    let undecodable = received.undecodable().expect("nobody knows it");
    assert!(undecodable.reason.contains(r"App\\Message\\Unknown"), "{}", undecodable.reason);
}

pub(super) async fn a_poisoned_body_comes_undecodable_and_travels_on_untouched(f: &Fixture) {
    for body in ["", "{", "[]", r#"{"imagePostId":"no number"}"#, "O:8:\"stdClass\":0:{}"] {
        let message = encoded(r"App\Message\AddPonkaToImage", body.as_bytes());
        let received = travels_untouched(f, &message).await;
        assert!(received.undecodable().is_some(), "{body}");
    }
}

pub(super) async fn unknown_headers_and_stamps_survive(f: &Fixture) {
    let message = encoded(r"App\Message\AddPonkaToImage", br#"{ "imagePostId" : 7 }"#);
    let received = travels_untouched(f, &message).await;
    assert_eq!(number(&received), 7);
    let stamp = received.last::<RawStamp>().expect("the strange stamp");
    assert_eq!(stamp.header, STRANGE_STAMP);
}

pub(super) async fn known_stamps_survive(f: &Fixture) {
    let bus = BusNameStamp { bus_name: "command.bus".into() };
    f.send(ponka(1).with(bus).with(DelayStamp::millis(10))).await;
    f.advance(1000);
    let received = f.get_one().await;
    assert_eq!(&*received.last::<BusNameStamp>().expect("a bus").bus_name, "command.bus");
    assert_eq!(received.last::<DelayStamp>().expect("a delay").delay, 10);
}

pub(super) async fn a_body_that_is_no_text_survives(f: &Fixture) {
    let every_byte: Vec<u8> = (0..=255).collect();
    for body in [every_byte.as_slice(), b"\0", b"{\"nul\":\0}", b"\xC3\x28", b"AAAA"] {
        travels_untouched(f, &encoded("binary", body)).await;
    }
}

pub(super) async fn a_body_of_five_megabytes_survives(f: &Fixture) {
    let text: String = "Ponka \u{1F431} \\ \" / ".chars().cycle().take(5_000_000).collect();
    f.send(Note { text: text.clone() }).await;
    let received = f.get_one().await;
    assert!(received.message::<Note>().is_some_and(|note| note.text == text), "it has changed");
}
