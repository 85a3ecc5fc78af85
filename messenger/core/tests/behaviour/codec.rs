//! Writing messages, and passing on untouched what this side does not know.

use messenger::codec::{Codec, JsonCodec, PassedOnHeader, RawStamp};
use messenger::stamp::{
    BusNameStamp, ConsumedByWorkerStamp, DelayStamp, DispatchAfterCurrentBusStamp,
    DoNotKeepOnFailureStamp, ErrorDetailsStamp, ReceivedStamp, RedeliveryStamp, SentStamp,
    SentToFailureTransportStamp, TransportMessageIdStamp, TransportNamesStamp,
};
use messenger::{Encoded, Envelope, Message};

use crate::support::{COMMANDS, Command, Payload, SmsNotification, World, built, records};

const STAMP: &str = r"X-Message-Stamp-Symfony\Component\Messenger\Stamp\";

fn codec() -> JsonCodec {
    let mut codec = JsonCodec::default();
    codec.register::<Command>();
    codec.register::<SmsNotification>();
    codec.register::<Payload>();
    codec
}

fn received(body: &str, headers: &[(&str, &str)]) -> Encoded {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Encoded { body: body.as_bytes().to_vec(), headers: headers.collect() }
}

/// Every stamp of the library that anybody may put on an envelope.
fn with_every_stamp(envelope: impl Into<Envelope>) -> Envelope {
    let at = "2024-10-23T20:33:07+02:00".parse().expect("a date");
    envelope
        .into()
        .with(DispatchAfterCurrentBusStamp)
        .with(ConsumedByWorkerStamp)
        .with(ReceivedStamp { transport_name: "async".into() })
        .with(SentStamp { sender_class: "Probe", sender_alias: "async".into() })
        .with(DoNotKeepOnFailureStamp)
        .with(BusNameStamp { bus_name: "command.bus".into() })
        .with(DelayStamp::millis(5000))
        .with(TransportNamesStamp::new(["async"]))
        .with(RedeliveryStamp { retry_count: 1, redelivered_at: at })
        .with(SentToFailureTransportStamp { original_receiver_name: "async".into() })
        .with(TransportMessageIdStamp { id: 119.into() })
        .with(TransportMessageIdStamp { id: "1729-0".into() })
        .with(ErrorDetailsStamp::new("anyhow::Error", "no / ponka"))
}

#[tokio::test]
async fn no_stamp_header_but_symfonys_own_ever_leaves() {
    let world = World::new();
    let messenger = built(world.one_bus(|bus| bus.handler::<Command>(records("H", &world.log))));
    let handled = messenger.dispatch_on(COMMANDS, Command::from("c")).await.expect("handled");

    let encoded = codec().encode(&with_every_stamp(handled)).expect("written");

    let names: Vec<_> = encoded.headers.iter().map(|(name, _)| name.as_str()).collect();
    let stamps: Vec<_> = names.iter().filter_map(|name| name.strip_prefix(STAMP)).collect();
    assert_eq!(
        stamps,
        [
            "BusNameStamp",
            "HandledStamp",
            "SerializerStamp",
            "DelayStamp",
            "TransportNamesStamp",
            "RedeliveryStamp",
            "SentToFailureTransportStamp",
            "TransportMessageIdStamp",
            "ErrorDetailsStamp"
        ]
    );
    let others: Vec<_> = names.iter().filter(|name| !name.starts_with(STAMP)).collect();
    assert_eq!(others.len(), 2, "{others:?}");
    assert_eq!(names.first(), Some(&"type"));
    assert_eq!(names.last(), Some(&"Content-Type"));
}

/// The worked examples of the wire format.
#[test]
fn s0_20_each_stamp_is_written_in_symfonys_words() {
    let encoded = codec().encode(&with_every_stamp(Command::from("c"))).expect("written");
    let expected = [
        ("BusNameStamp", r#"[{"busName":"command.bus"}]"#),
        ("DelayStamp", r#"[{"delay":5000}]"#),
        ("TransportNamesStamp", r#"[{"transportNames":["async"]}]"#),
        ("RedeliveryStamp", r#"[{"retryCount":1,"redeliveredAt":"2024-10-23T20:33:07+02:00"}]"#),
        ("SentToFailureTransportStamp", r#"[{"originalReceiverName":"async"}]"#),
        ("TransportMessageIdStamp", r#"[{"id":119},{"id":"1729-0"}]"#),
        (
            "ErrorDetailsStamp",
            r#"[{"exceptionClass":"anyhow::Error","exceptionCode":0,"exceptionMessage":"no \/ ponka","flattenException":null}]"#,
        ),
    ];
    for (class, json) in expected {
        assert_eq!(encoded.header(&format!("{STAMP}{class}")), Some(json));
    }
}

#[test]
fn the_body_is_escaped_as_php_escapes_it() {
    let message = SmsNotification { content: "Look! \u{e9} / \"q\"".to_owned(), user_id: 7 };

    let encoded = codec().encode(&message.into()).expect("written");

    let body = String::from_utf8(encoded.body).expect("ASCII");
    assert_eq!(body, r#"{"content":"Look! \u00e9 \/ \"q\"","userId":7}"#);
}

#[test]
fn a_received_body_is_sent_on_as_it_came_even_if_it_is_written_differently_here() {
    let body = "{ \"user_id\": 0, \"userId\": 7,\n\"content\": \"/é\" }";
    let headers = [("type", SmsNotification::NAME), ("Content-Type", "application/json")];

    let envelope = codec().decode(received(body, &headers));

    assert_eq!(envelope.message::<SmsNotification>().map(|sms| sms.user_id), Some(7));
    let encoded = codec().encode(&envelope.with(DelayStamp::millis(1))).expect("written");
    assert_eq!(encoded.body, body.as_bytes());
}

#[test]
fn a_producer_needs_to_send_no_more_than_the_type() {
    let envelope = codec().decode(received(r#"{"text":"t"}"#, &[("type", Command::NAME)]));

    assert_eq!(envelope.message(), Some(&Command::from("t")));
}

#[test]
fn an_unknown_stamp_class_passes_through_untouched_and_in_its_place() {
    let bus = format!("{STAMP}BusNameStamp");
    let delay = format!("{STAMP}DelayStamp");
    let headers = [
        ("type", Command::NAME),
        (bus.as_str(), r#"[{"busName":"b"}]"#),
        (r"X-Message-Stamp-App\Stamp\Trace", "[ {\"id\" :1.0e3, \"\u{e9}\":[]} ]"),
        (delay.as_str(), r#"[{"delay":1}]"#),
        ("Content-Type", "application/json"),
    ];
    let encoded = received(r#"{"text":"t"}"#, &headers);

    let envelope = codec().decode(encoded.clone());

    assert!(envelope.undecodable().is_none());
    assert!(envelope.has::<RawStamp>());
    assert_eq!(codec().encode(&envelope).expect("written"), encoded);
}

#[test]
fn an_unknown_header_passes_through_untouched_and_in_its_place() {
    let bus = format!("{STAMP}BusNameStamp");
    let headers = [
        ("type", Command::NAME),
        ("X-Trace-Id", "4bf92f \u{e9} /"),
        (bus.as_str(), r#"[{"busName":"b"}]"#),
        ("X-Tenant", ""),
        ("Content-Type", "application/json"),
    ];
    let encoded = received(r#"{"text":"t"}"#, &headers);

    let envelope = codec().decode(encoded.clone());

    assert_eq!(envelope.all::<PassedOnHeader>().count(), 2);
    assert_eq!(codec().encode(&envelope).expect("written"), encoded);
}

#[test]
fn new_stamps_join_the_list_of_their_class_and_new_classes_come_before_the_content_type() {
    let delay = format!("{STAMP}DelayStamp");
    let headers = [
        ("type", Command::NAME),
        (delay.as_str(), r#"[{"delay":1}]"#),
        ("X-Trace-Id", "t"),
        ("Content-Type", "application/json"),
    ];
    let envelope = codec().decode(received(r#"{"text":"t"}"#, &headers));

    let envelope =
        envelope.with(TransportMessageIdStamp { id: 1.into() }).with(DelayStamp::millis(2));

    let encoded = codec().encode(&envelope).expect("written");
    assert_eq!(encoded.header(&delay), Some(r#"[{"delay":1},{"delay":2}]"#));
    let names: Vec<_> = encoded.headers.iter().map(|(name, _)| name.as_str()).collect();
    let id = format!("{STAMP}TransportMessageIdStamp");
    assert_eq!(names, ["type", &delay, "X-Trace-Id", &id, "Content-Type"]);
}

#[test]
fn a_date_in_utc_is_written_with_its_offset_and_never_with_a_z() {
    let at = "2026-01-01T00:00:00Z".parse().expect("a date");
    let stamp = RedeliveryStamp { retry_count: 0, redelivered_at: at };

    let encoded = codec().encode(&Command::from("t").with(stamp)).expect("written");

    let header = encoded.header(&format!("{STAMP}RedeliveryStamp")).expect("it travels");
    assert_eq!(header, r#"[{"retryCount":0,"redeliveredAt":"2026-01-01T00:00:00+00:00"}]"#);
}
