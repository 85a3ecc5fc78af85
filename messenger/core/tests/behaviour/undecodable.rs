//! What cannot be read is kept byte for byte, with the reason.

use messenger::codec::{Codec, JsonCodec};
use messenger::stamp::{
    BusNameStamp, DelayStamp, ErrorDetailsStamp, RedeliveryStamp, SentToFailureTransportStamp,
};
use messenger::{Encoded, Envelope, Message};

use crate::support::{Command, Payload};

const STAMP: &str = r"X-Message-Stamp-Symfony\Component\Messenger\Stamp\";

fn codec() -> JsonCodec {
    let mut codec = JsonCodec::default();
    codec.register::<Command>();
    codec.register::<Payload>();
    codec
}

/// The headers that Symfony writes, with one stamp.
fn headers(kind: &str, stamp: &str, value: &str) -> Vec<(String, String)> {
    vec![
        ("type".to_owned(), kind.to_owned()),
        (format!("{STAMP}{stamp}"), value.to_owned()),
        ("Content-Type".to_owned(), "application/json".to_owned()),
    ]
}

fn plain(kind: &str) -> Vec<(String, String)> {
    headers(kind, "BusNameStamp", r#"[{"busName":"b"}]"#)
}

/// The message cannot be read, says why, and is written again as it came.
fn is_kept(body: impl Into<Vec<u8>>, headers: Vec<(String, String)>, reason: &str) -> Envelope {
    let received = Encoded { body: body.into(), headers };
    let envelope = codec().decode(received.clone());
    let undecodable = envelope.undecodable().expect("it cannot be read");
    assert!(undecodable.reason.contains(reason), "{} lacks {reason:?}", undecodable.reason);
    assert_eq!(*undecodable.encoded, received);
    let sent = codec().encode(&envelope).expect("written");
    assert_eq!(sent, received);
    assert_eq!(sent.headers_json(), received.headers_json());
    envelope
}

#[test]
fn a_message_without_type() {
    let envelope = is_kept(r#"{"text":"t"}"#, plain("x").split_off(1), "\"type\" is missing");
    assert_eq!(envelope.name(), "(undecodable)");
    assert!(envelope.has::<BusNameStamp>());
}

#[test]
fn a_message_without_any_header() {
    is_kept(r#"{"text":"t"}"#, Vec::new(), "\"type\" is missing");
}

#[test]
fn an_unknown_type() {
    let envelope = is_kept(r#"{"text":"t"}"#, plain(r"App\Message\Gone"), "unknown message");
    assert_eq!(envelope.name(), r"App\Message\Gone");
}

#[test]
fn bad_json() {
    for body in ["", "{", "{\"text\":\"t\"} x", "{text:1}", "0"] {
        is_kept(body, plain(Command::NAME), "could not decode the body");
    }
}

#[test]
fn a_body_of_the_wrong_shape() {
    for body in ["[]", "{}", r#"{"text":1}"#, "null", r#""text""#] {
        is_kept(body, plain(Command::NAME), "could not decode the body");
    }
}

#[test]
fn a_lone_surrogate() {
    is_kept(r#"{"text":"\ud800"}"#, plain(Command::NAME), "could not decode the body");
    is_kept(r#"{"data":["\udc00"]}"#, plain(Payload::NAME), "could not decode the body");
}

#[test]
fn a_number_beyond_all_bounds() {
    is_kept(r#"{"data":1e400}"#, plain(Payload::NAME), "number out of range");
}

#[test]
fn text_that_is_not_utf_8() {
    is_kept(b"{\"text\":\"\xff\"}", plain(Command::NAME), "could not decode the body");
    is_kept(b"\x80\x04\x95", plain(Command::NAME), "could not decode the body");
}

#[test]
fn a_byte_order_mark() {
    is_kept("\u{feff}{\"text\":\"t\"}", plain(Command::NAME), "could not decode the body");
}

#[test]
fn json_that_is_nested_too_deeply() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    is_kept(format!("{{\"data\":{deep}}}"), plain(Payload::NAME), "recursion limit");
    let error = format!("[{{\"flattenException\":{deep}}}]");
    let headers = headers(Command::NAME, "ErrorDetailsStamp", &error);
    is_kept(r#"{"text":"t"}"#, headers, "could not decode stamp");
}

#[test]
fn bad_stamp_data() {
    let values = [
        "",
        "[{}]",
        "{}",
        "oops",
        "[null]",
        r#"{"delay":1}"#,
        r#"[{"delay":"1"}]"#,
        r#"[{"delay":1.5}]"#,
        r#"[{"delay":1e400}]"#,
        r#"[{"delay":1}] "x"#,
    ];
    for value in values {
        let headers = headers(Command::NAME, "DelayStamp", value);
        let envelope = is_kept(r#"{"text":"t"}"#, headers, "could not decode stamp");
        assert!(!envelope.has::<DelayStamp>());
    }
}

/// PHP's native serializer writes `[]`; other texts come from hands and from broken programs.
#[test]
fn headers_that_are_no_object_of_texts() {
    let texts =
        ["[]", "", "null", "{", "[1]", "\u{feff}{}", r#"{"type":"\ud800"}"#, r#"{"type":1e400}"#];
    for headers in texts {
        let received = Encoded::with_headers_json(b"O:36:\"Envelope\"".to_vec(), headers);
        let envelope = codec().decode(received.clone());

        let undecodable = envelope.undecodable().expect("it cannot be read");
        assert!(undecodable.reason.contains("\"type\" is missing"), "{}", undecodable.reason);
        let sent = codec().encode(&envelope).expect("written");
        assert_eq!(sent, received);
        assert_eq!(sent.headers_json(), headers, "these were the headers");
    }
}

/// What the worker adds when it sets the message aside.
fn set_aside(envelope: Envelope) -> Envelope {
    let at = "2026-01-01T00:00:00Z".parse().expect("a date");
    envelope
        .with(ErrorDetailsStamp::new("Undecodable", "why"))
        .with(SentToFailureTransportStamp { original_receiver_name: "async".into() })
        .with(DelayStamp::millis(0))
        .with(RedeliveryStamp { retry_count: 0, redelivered_at: at })
}

#[test]
fn what_is_set_aside_keeps_its_bytes_and_tells_its_story() {
    let headers = plain(r"App\Message\Gone");
    let received = Encoded { body: b"\xff".to_vec(), headers: headers.clone() };

    let sent = codec().encode(&set_aside(codec().decode(received))).expect("written");

    assert_eq!(sent.body, b"\xff");
    for (name, value) in &headers {
        assert_eq!(sent.header(name), Some(value.as_str()));
    }
    let again = codec().decode(sent);
    assert!(again.undecodable().is_some());
    assert!(again.has::<SentToFailureTransportStamp>() && again.has::<ErrorDetailsStamp>());
}

#[test]
fn a_stamp_that_cannot_be_read_stays_as_it_came_when_others_of_its_class_are_added() {
    for value in ["", "oops", "[", "{}", r#"{"delay":1}"#] {
        let headers = headers(Command::NAME, "DelayStamp", value);
        let received = Encoded { body: br#"{"text":"t"}"#.to_vec(), headers };

        let sent = codec().encode(&set_aside(codec().decode(received))).expect("written");

        assert_eq!(sent.header(&format!("{STAMP}DelayStamp")), Some(value));
        let again = codec().decode(sent);
        assert!(again.has::<SentToFailureTransportStamp>());
    }
}

#[test]
fn a_list_of_stamps_that_cannot_be_read_is_continued() {
    for (value, expected) in [("[{}]", r#"[{},{"delay":0}]"#), ("[null] ", r#"[null,{"delay":0}]"#)]
    {
        let headers = headers(Command::NAME, "DelayStamp", value);
        let received = Encoded { body: br#"{"text":"t"}"#.to_vec(), headers };

        let sent = codec().encode(&set_aside(codec().decode(received))).expect("written");

        assert_eq!(sent.header(&format!("{STAMP}DelayStamp")), Some(expected));
    }
}

#[test]
fn it_can_be_read_once_the_type_is_known_again() {
    let received = Encoded { body: br#"{"text":"t"}"#.to_vec(), headers: plain(Command::NAME) };
    let sent = JsonCodec::default().encode(&JsonCodec::default().decode(received)).expect("ok");

    assert_eq!(codec().decode(sent).message(), Some(&Command::from("t")));
}
