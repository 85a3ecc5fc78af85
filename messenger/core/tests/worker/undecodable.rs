//! Messages that cannot be read.

use messenger::codec::{Codec, JsonCodec};
use messenger::stamp::{ErrorDetailsStamp, SentToFailureTransportStamp};
use messenger::transport::InMemoryTransport;
use messenger::{Encoded, Message, Messenger};
use serde::{Deserialize, Serialize};

use crate::support::{
    Calls, Counting, Does, Job, World, built, consume, jobs, retries, send, works,
};

/// A message that the first program does not know yet.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Newer {
    text: String,
}

impl Message for Newer {
    const NAME: &'static str = r"App\Message\Newer";
}

const BODY: &[u8] = br#"{ "text" : "caf\u00e9" }"#;

fn from_outside() -> Encoded {
    let headers = [("type", Newer::NAME), ("X-Their-Own", "kept")];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Encoded { body: BODY.to_vec(), headers: headers.to_vec() }
}

fn messenger(
    world: &World,
    newer: Option<Does<Newer>>,
) -> (Messenger<Counting>, InMemoryTransport, InMemoryTransport) {
    let (t, failed) = (world.queue(), world.queue());
    let builder = world.builder().bus("bus", |bus| {
        let bus = bus.handler(works::<Job>("job", &world.calls));
        match newer {
            Some(newer) => bus.handler(newer),
            None => bus,
        }
    });
    let builder = builder
        .transport("t", t.clone())
        .transport("failed", failed.clone())
        .on_failure("t", retries(3), Some("failed"))
        .on_failure("failed", retries(0), Some("failed"));
    (built(builder), t, failed)
}

/// The message as it lies in the failure transport.
async fn kept(world: &World) -> (Messenger<Counting>, InMemoryTransport) {
    let (messenger, t, failed) = messenger(world, None);
    let unread = messenger.codec().decode(from_outside());
    send(&messenger, "t", [unread]).await;
    send(&messenger, "t", jobs([1])).await;
    consume(&messenger, "t").await;
    consume(&messenger, "t").await;
    assert!(t.waiting().is_empty());
    (messenger, failed)
}

#[tokio::test]
async fn a_message_that_cannot_be_read_is_kept_raw_with_the_reason_and_the_worker_goes_on() {
    let world = World::default();
    let (messenger, failed) = kept(&world).await;

    assert_eq!(world.calls.all(), ["job"]);
    let kept = failed.waiting();
    assert_eq!(kept.len(), 1);
    let details = kept[0].last::<ErrorDetailsStamp>().expect("why");
    assert_eq!(details.exception_class, "MessageDecodingFailed");
    assert!(details.exception_message.contains("unknown message"), "{details:?}");
    assert!(kept[0].has::<SentToFailureTransportStamp>());
    let raw = messenger.codec().encode(&kept[0]).expect("it can be written");
    assert_eq!(raw.body, BODY);
    assert_eq!(raw.header("type"), Some(Newer::NAME));
    assert_eq!(raw.header("X-Their-Own"), Some("kept"));
}

#[tokio::test]
async fn it_can_be_retried_from_there_once_its_type_is_known() {
    let world = World::default();
    let (old, failed) = kept(&world).await;
    let raw = old.codec().encode(&failed.waiting()[0]).expect("it can be written");

    let calls = Calls::default();
    let (new, _, failed) = messenger(&world, Some(works::<Newer>("newer", &calls)));
    let read = new.codec().decode(raw);
    assert_eq!(read.message::<Newer>().expect("it is known now").text, "café");
    send(&new, "failed", [read]).await;
    consume(&new, "failed").await;

    assert_eq!(calls.of("newer"), 1);
    assert!(failed.waiting().is_empty());
}

#[tokio::test]
async fn it_is_not_lost_when_it_is_retried_too_early() {
    let world = World::default();
    let (messenger, failed) = kept(&world).await;

    for _ in 0..6 {
        world.clock.advance(std::time::Duration::from_secs(3600));
        assert_eq!(consume(&messenger, "failed").await, 1);
    }

    let kept = failed.waiting();
    assert_eq!(kept.len(), 1, "nobody but an operator removes it");
    let raw = messenger.codec().encode(&kept[0]).expect("it can be written");
    assert_eq!(raw.body, BODY);
    assert_eq!(world.discards(), Vec::<String>::new());
}

#[test]
fn a_broken_body_is_unreadable_as_well() {
    let mut codec = JsonCodec::default();
    codec.register::<Newer>();
    let broken = Encoded { body: b"{".to_vec(), ..from_outside() };
    let unread = codec.decode(broken);
    assert!(unread.undecodable().expect("it is broken").reason.contains("could not decode"));
}
