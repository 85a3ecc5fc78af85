//! What a PHP application writes that is not configured for this one.

use messenger::codec::{Codec, JsonCodec, RawStamp};
use messenger::config::MessengerConfig;
use messenger::stamp::{
    BusNameStamp, DoNotKeepOnFailureStamp, ErrorDetailsStamp, RedeliveryStamp,
    SentToFailureTransportStamp, TransportNamesStamp,
};
use messenger::transport::SyncTransport;
use messenger::{Encoded, Envelope, Message};
use serde::{Deserialize, Serialize};

use crate::support::{COMMANDS, Command, EVENTS, World, built, records};

const STAMP: &str = r"X-Message-Stamp-Symfony\Component\Messenger\Stamp\";

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AddPonkaToImage {
    image_post_id: u64,
}

impl Message for AddPonkaToImage {
    const NAME: &'static str = r"App\Message\AddPonkaToImage";
}

fn codec() -> JsonCodec {
    let mut codec = JsonCodec::default();
    codec.register::<Command>();
    codec.register::<AddPonkaToImage>();
    codec
}

fn message(body: &str, stamps: &[(&str, &str)]) -> Encoded {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let stamps = stamps.iter().map(|(name, value)| pair(&format!("{STAMP}{name}"), value));
    let headers = std::iter::once(pair("type", AddPonkaToImage::NAME)).chain(stamps);
    let headers = headers.chain([pair("Content-Type", "application/json")]).collect();
    Encoded { body: body.as_bytes().to_vec(), headers }
}

fn id(envelope: &Envelope) -> u64 {
    assert!(envelope.undecodable().is_none(), "{:?}", envelope.undecodable());
    envelope.message::<AddPonkaToImage>().expect("the message").image_post_id
}

/// As Symfony's native serializer writes it, its default.
const NATIVE: &str = r#"O:36:\"Symfony\\Component\\Messenger\\Envelope\":2:{s:44:\"\0Symfony\\Component\\Messenger\\Envelope\0stamps\";a:0:{}s:45:\"\0Symfony\\Component\\Messenger\\Envelope\0message\";O:27:\"App\\Message\\AddPonkaToImage\":1:{s:41:\"\0App\\Message\\AddPonkaToImage\0imagePostId\";i:3;}}"#;
/// The beginning of one that is not UTF-8: PHP writes it in base64.
const NATIVE_BASE64: &str =
    "TzozNjpcIlN5bWZvbnlcXENvbXBvbmVudFxcTWVzc2VuZ2VyXFxFbnZlbG9wZVwiOjI6e3M6NDQ6XCJcMFN5bWZvbnk=";

#[test]
fn p5_what_phps_native_serializer_wrote_is_kept_and_the_reason_says_what_to_set_there() {
    for body in [NATIVE, NATIVE_BASE64] {
        let received = Encoded::with_headers_json(body.as_bytes().to_vec(), "[]");
        let envelope = codec().decode(received.clone());
        let reason = &envelope.undecodable().expect("it cannot be read").reason;
        for words in ["native serializer", "serializer: messenger.transport.symfony_serializer"] {
            assert!(reason.contains(words), "{reason}");
        }
        let again = codec().encode(&envelope).expect("written");
        assert_eq!((again.headers_json().as_str(), again.body), ("[]", received.body));
    }
}

fn noted(name: &str) -> Envelope {
    Command::from("c").with(BusNameStamp { bus_name: name.into() })
}

#[tokio::test]
async fn p6_the_only_bus_of_a_default_symfony_is_the_default_bus() {
    let world = World::new();
    let unnamed = ["dispatch_after_current_bus", "send_message", "handle_message"];
    let builder = world
        .one_bus(|bus| bus.handler::<Command>(records("default", &world.log)))
        .bus(EVENTS, |bus| bus.alias("theirs").handler::<Command>(records("event", &world.log)))
        .bus("unnamed", |bus| bus.whole_chain(&unnamed))
        .transport("now", SyncTransport)
        .route::<Command>(&["now"]);
    let messenger = built(builder);

    messenger.dispatch_on("unnamed", noted("messenger.bus.default")).await.expect("handled");
    messenger.dispatch_on("unnamed", noted("theirs")).await.expect("handled");
    let error = messenger.dispatch_on("unnamed", noted("gone.bus")).await.expect_err("unknown");

    assert_eq!(world.log.take(), ["default c", "event c"]);
    let error = error.to_string();
    assert!(error.contains("gone.bus") && error.contains("`aliases`"), "{error}");
}

#[tokio::test]
async fn p6_an_alias_of_that_name_wins() {
    let world = World::new();
    let unnamed = ["dispatch_after_current_bus", "send_message", "handle_message"];
    let events = |bus: messenger::BusBuilder<_>| {
        bus.alias("messenger.bus.default").handler::<Command>(records("event", &world.log))
    };
    let builder = world
        .one_bus(|bus| bus.handler::<Command>(records("default", &world.log)))
        .bus(EVENTS, events)
        .bus("unnamed", |bus| bus.whole_chain(&unnamed))
        .transport("now", SyncTransport)
        .route::<Command>(&["now"]);
    let messenger = built(builder);
    assert_eq!(messenger.default_bus(), COMMANDS);

    messenger.dispatch_on("unnamed", noted("messenger.bus.default")).await.expect("handled");

    assert_eq!(world.log.take(), ["event c"]);
}

#[test]
fn p6_aliases_stand_in_the_configuration_and_mean_one_bus() {
    let text = "default_bus='a'\n[buses.a]\naliases=['x']\n[buses.b]\naliases=['x','a','y']";
    let error = MessengerConfig::parse(text).expect_err("two of them are taken").to_string();
    assert!(
        error.contains("5: buses.b.aliases[0]: \"x\" is a bus or the alias of one already"),
        "{error}"
    );
    assert!(error.contains("buses.b.aliases[1]") && !error.contains("aliases[2]"), "{error}");
    let config = MessengerConfig::parse("[buses.a]\naliases=['x']").expect("right");
    assert!(config.to_toml().contains("aliases = [\"x\"]"));
}

/// What PHP sends when it tries a message again: the stamps, and no other header.
fn sent_again_by_php(mut encoded: Encoded) -> Encoded {
    encoded.headers.retain(|(name, _)| {
        name == "type" || name == "Content-Type" || name.starts_with("X-Message-Stamp-")
    });
    encoded
}

#[test]
fn p7_the_request_not_to_keep_a_message_survives_a_retry_by_php() {
    let sent = codec().encode(&Command::from("t").with(DoNotKeepOnFailureStamp)).expect("written");
    let serializer = format!("{STAMP}SerializerStamp");
    let context = r#"[{"context":{"messenger_do_not_keep_on_failure":true}}]"#;
    assert_eq!(sent.header(&serializer), Some(context));

    let envelope = codec().decode(sent_again_by_php(sent.clone()));

    assert_eq!(envelope.all::<DoNotKeepOnFailureStamp>().count(), 1);
    assert_eq!(codec().encode(&envelope).expect("written"), sent);
}

#[test]
fn p7_other_contexts_of_the_serializer_stay_as_they_are() {
    let theirs = r#"{"context":{"groups":["a"],"depth":1.50}}"#;
    let ours = r#"{"context":{"messenger_do_not_keep_on_failure":true}}"#;
    for (value, asked) in [
        (format!("[{theirs}]"), false),
        (format!("[{theirs},{ours}]"), true),
        ("no JSON".to_owned(), false),
    ] {
        let received = message(r#"{"imagePostId":3}"#, &[("SerializerStamp", &value)]);
        let envelope = codec().decode(received.clone());
        assert_eq!(id(&envelope), 3);
        assert_eq!(envelope.has::<DoNotKeepOnFailureStamp>(), asked);
        assert!(envelope.has::<RawStamp>());
        assert_eq!(codec().encode(&envelope).expect("written"), received);
    }
}

#[test]
fn p7_the_request_of_an_earlier_version_is_understood() {
    let mut received = message(r#"{"imagePostId":3}"#, &[]);
    received.headers.push(("X-Ponka-Do-Not-Keep-On-Failure".to_owned(), "null".to_owned()));
    assert!(codec().decode(received).has::<DoNotKeepOnFailureStamp>());
}

#[test]
fn p8_dates_are_read_in_every_usual_format() {
    for (date, expected) in [
        (r#""2026-11-23T00:10:46+02:00""#, "2026-11-22T22:10:46"),
        (r#""2026-11-23T00:10:46Z""#, "2026-11-23T00:10:46"),
        (r#""2026-11-23T00:10:46+0200""#, "2026-11-22T22:10:46"),
        (r#""2026-11-23T00:10:46.123+02:00""#, "2026-11-22T22:10:46"),
        (r#""2026-11-23 00:10:46""#, "2026-11-23T00:10:46"),
        (r#""2026-11-23T00:10:46""#, "2026-11-23T00:10:46"),
        (r#""Mon, 23 Nov 2026 00:10:46 +0200""#, "2026-11-22T22:10:46"),
        (r#""1795392646""#, "2026-11-23T00:10:46"),
        ("1795392646", "2026-11-23T00:10:46"),
    ] {
        let stamp = format!(r#"[{{"retryCount":1,"redeliveredAt":{date}}}]"#);
        let envelope =
            codec().decode(message(r#"{"imagePostId":3}"#, &[("RedeliveryStamp", &stamp)]));
        assert_eq!(id(&envelope), 3);
        let at = envelope.last::<RedeliveryStamp>().expect("a stamp").redelivered_at.to_utc();
        assert_eq!(at.format("%Y-%m-%dT%H:%M:%S").to_string(), expected, "{date}");
    }
    let stamp = r#"[{"retryCount":1,"redeliveredAt":"23/11/26"}]"#;
    let envelope = codec().decode(message(r#"{"imagePostId":3}"#, &[("RedeliveryStamp", stamp)]));
    let reason = &envelope.undecodable().expect("nobody knows what that means").reason;
    assert!(reason.contains("23/11/26") && reason.contains("datetime_format"), "{reason}");
}

#[test]
fn p8_the_snake_case_of_phps_name_converter_is_read() {
    let envelope = codec().decode(message(
        r#"{"image_post_id":3}"#,
        &[
            ("BusNameStamp", r#"[{"bus_name":"b"}]"#),
            ("TransportNamesStamp", r#"[{"transport_names":["t"]}]"#),
            (
                "RedeliveryStamp",
                r#"[{"retry_count":2,"redelivered_at":"2026-11-23T00:10:46+00:00"}]"#,
            ),
            ("SentToFailureTransportStamp", r#"[{"original_receiver_name":"async"}]"#),
            (
                "ErrorDetailsStamp",
                r#"[{"exception_class":"E","exception_code":0,"exception_message":"m",
                "flatten_exception":{"trace_as_string":"t"}}]"#,
            ),
        ],
    ));
    assert_eq!(id(&envelope), 3);
    assert_eq!(&*envelope.last::<BusNameStamp>().expect("a bus").bus_name, "b");
    assert!(envelope.has::<TransportNamesStamp>() && envelope.has::<SentToFailureTransportStamp>());
    assert_eq!(envelope.last::<RedeliveryStamp>().expect("a retry").retry_count, 2);
    let error = envelope.last::<ErrorDetailsStamp>().expect("an error");
    assert_eq!(error.flatten_exception["trace_as_string"], "t");
}

/// What Symfony 8.1 keeps of a message that it could not decode.
#[test]
fn p8_a_message_that_php_could_not_decode_is_unwrapped() {
    let body = r##"{"message":"Could not decode message: x","code":0,"file":"\/app\/x.php","line":6,"trace":[],"previous":null,"traceAsString":"#0 {main}","encodedEnvelope":{"body":"{\"imagePostId\":3}","headers":{"type":"App\\Message\\AddPonkaToImage","X-Message-Stamp-Symfony\\Component\\Messenger\\Stamp\\BusNameStamp":"[{\"busName\":\"messenger.bus.default\"}]","Content-Type":"application\/json"}}}"##;
    let mut received =
        message(body, &[("SentToFailureTransportStamp", r#"[{"originalReceiverName":"async"}]"#)]);
    received.headers[0].1 =
        r"Symfony\Component\Messenger\Exception\MessageDecodingFailedException".to_owned();

    let envelope = codec().decode(received);

    assert_eq!(id(&envelope), 3);
    assert!(envelope.has::<BusNameStamp>() && envelope.has::<SentToFailureTransportStamp>());
    let again = codec().encode(&envelope).expect("written");
    assert_eq!(again.header("type"), Some(AddPonkaToImage::NAME));
    assert_eq!(again.body, br#"{"imagePostId":3}"#);
}
