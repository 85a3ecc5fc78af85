//! The transport in memory: a queue that remembers what happened to its messages.

use std::sync::Arc;
use std::time::Duration;

use messenger::clock::{Clock, ManualClock};
use messenger::codec::JsonCodec;
use messenger::stamp::{
    BusNameStamp, DelayStamp, HandledStamp, SentStamp, TransportMessageIdStamp,
};
use messenger::transport::{
    Fetch, InMemoryTransport, ListableReceiver as _, MessageCountAware as _, Receiver, Record,
    Sender, Waiting,
};
use messenger::{Envelope, Message};

use crate::support::{COMMANDS, Command, Cx, FakeScope, World, built, records};

/// A queue, its clock, and a context to send in.
fn queue() -> (InMemoryTransport, ManualClock, Cx) {
    let clock = ManualClock::default();
    let queue = InMemoryTransport::new(Clock::Manual(clock.clone()), None);
    let cx = built(World::new().one_bus(|bus| bus)).context(COMMANDS);
    (queue, clock, cx)
}

async fn get(queue: &InMemoryTransport, max: usize) -> Vec<Envelope> {
    Receiver::<FakeScope>::get(queue, &Fetch::up_to(max)).await.expect("it can always be read")
}

fn ids(envelopes: &[Envelope]) -> Vec<String> {
    let id =
        |envelope: &Envelope| envelope.last::<TransportMessageIdStamp>().expect("an id").text();
    envelopes.iter().map(id).collect()
}

#[tokio::test]
async fn ids_count_from_one_and_messages_come_in_the_order_of_sending() {
    let (queue, _clock, mut cx) = queue();
    for text in ["a", "b", "c"] {
        queue.send(Command::from(text).into(), &mut cx).await.expect("sent");
    }

    let first = get(&queue, 2).await;
    assert_eq!(ids(&first), ["1", "2"]);
    assert_eq!(first[0].message(), Some(&Command::from("a")));
    assert_eq!(ids(&get(&queue, 10).await), ["3"], "what is claimed is not given twice");
}

#[tokio::test]
async fn a_delayed_message_comes_when_it_is_due_and_a_negative_delay_is_due_now() {
    let (queue, clock, mut cx) = queue();
    for delay in [500, 0, -5000, i64::MIN, i64::MAX] {
        let delayed = Command::from("c").with(DelayStamp::millis(delay));
        queue.send(delayed, &mut cx).await.expect("sent");
    }

    let mut due = ids(&get(&queue, 10).await);
    due.sort();
    assert_eq!(due, ["2", "3", "4"]);
    clock.advance(Duration::from_millis(499));
    assert!(get(&queue, 10).await.is_empty());
    clock.advance(Duration::from_millis(1));
    assert_eq!(ids(&get(&queue, 10).await), ["1"]);
    assert_eq!(ids(&queue.waiting()).len(), 5);
}

#[tokio::test]
async fn the_last_delay_counts() {
    let (queue, _clock, mut cx) = queue();
    let delayed = Command::from("c").with(DelayStamp::millis(500)).with(DelayStamp::millis(0));
    queue.send(delayed, &mut cx).await.expect("sent");

    assert_eq!(get(&queue, 1).await.len(), 1);
}

#[tokio::test]
async fn messages_are_acknowledged_and_rejected_by_their_id_whatever_their_other_stamps() {
    let (queue, _clock, mut cx) = queue();
    for text in ["a", "b"] {
        queue.send(Command::from(text).into(), &mut cx).await.expect("sent");
    }
    let got = get(&queue, 2).await;

    let changed = got[0].clone().with(DelayStamp::millis(7));
    Receiver::<FakeScope>::ack(&queue, &[changed]).await.expect("acknowledged");
    assert!(queue.reject(&got[1], &mut cx).await.expect("rejected"));
    assert!(!queue.reject(&got[1], &mut cx).await.expect("it is gone already"));

    assert!(queue.waiting().is_empty());
    assert_eq!(ids(&queue.recorded(Record::Sent)), ["1", "2"]);
    assert_eq!(ids(&queue.recorded(Record::Acknowledged)), ["1"]);
    assert_eq!(ids(&queue.recorded(Record::Rejected))[0], "2");
}

#[tokio::test]
async fn a_message_that_is_given_back_comes_again_after_the_delay() {
    let (queue, clock, mut cx) = queue();
    for text in ["a", "b", "c"] {
        queue.send(Command::from(text).into(), &mut cx).await.expect("sent");
    }
    let got = get(&queue, 3).await;
    let release = async |envelope: &Envelope, delay| {
        let given = std::slice::from_ref(envelope);
        Receiver::<FakeScope>::release(&queue, given, delay).await.expect("released");
    };
    release(&got[0], Duration::from_secs(1)).await;
    release(&got[1], Duration::ZERO).await;
    release(&got[2], Duration::MAX).await;

    assert_eq!(ids(&get(&queue, 3).await), ["2"]);
    clock.advance(Duration::from_secs(1));
    assert_eq!(ids(&get(&queue, 3).await), ["1"]);
}

#[tokio::test]
async fn it_can_be_looked_into_without_claiming() {
    let (queue, _clock, mut cx) = queue();
    queue.send(Command::from("a").into(), &mut cx).await.expect("sent");
    queue.send(Command::from("b").with(DelayStamp::millis(9)), &mut cx).await.expect("sent");

    let count = queue.count().await.expect("it counts");
    assert_eq!(count, Waiting { ready: 1, delayed: Some(1), held: Some(0) });
    let all = queue.all(Some(1)).await.expect("it lists");
    assert_eq!(ids(&all), ["1"]);
    let delayed = queue.find("2").await.expect("it finds").expect("it is there");
    assert_eq!(delayed.message(), Some(&Command::from("b")));
    assert!(queue.find("3").await.expect("it finds").is_none());
    assert_eq!(get(&queue, 5).await.len(), 1);
}

#[tokio::test]
async fn a_reset_empties_all_lists_and_ids_go_on() {
    let (queue, _clock, mut cx) = queue();
    for text in ["a", "b"] {
        queue.send(Command::from(text).into(), &mut cx).await.expect("sent");
    }
    let got = get(&queue, 2).await;
    Receiver::<FakeScope>::ack(&queue, &got[..1]).await.expect("acknowledged");
    queue.reject(&got[1], &mut cx).await.expect("rejected");

    queue.reset();

    for record in [Record::Sent, Record::Acknowledged, Record::Rejected] {
        assert!(queue.recorded(record).is_empty());
    }
    let sent = queue.send(Command::from("c").into(), &mut cx).await.expect("sent");
    assert_eq!(ids(&[sent]), ["3"]);
}

#[tokio::test]
async fn stamps_that_do_not_travel_stay_behind_and_the_caller_keeps_them() {
    let (plain, _clock, mut cx) = queue();
    let mut codec = JsonCodec::default();
    codec.register::<Command>();
    let written = InMemoryTransport::new(Clock::default(), Some(Arc::new(codec)));
    for queue in [plain, written] {
        let envelope = Command::from("c")
            .with(SentStamp { sender_class: "InMemoryTransport", sender_alias: "q".into() })
            .with(BusNameStamp { bus_name: "b".into() });

        let returned = queue.send(envelope, &mut cx).await.expect("sent");

        assert!(returned.has::<SentStamp>() && returned.has::<TransportMessageIdStamp>());
        let got = get(&queue, 1).await.remove(0);
        assert!(!got.has::<SentStamp>() && got.has::<BusNameStamp>());
        assert_eq!(got.message(), Some(&Command::from("c")));
    }
}

#[tokio::test]
async fn a_result_of_a_handler_arrives_as_json() {
    let world = World::new();
    let messenger = built(world.one_bus(|bus| bus.handler::<Command>(records("H", &world.log))));
    let handled = messenger.dispatch_on(COMMANDS, Command::from("c")).await.expect("handled");
    let queue = InMemoryTransport::new(Clock::default(), Some(Arc::clone(messenger.codec())));

    queue.send(handled, &mut messenger.context(COMMANDS)).await.expect("sent");

    let got = get(&queue, 1).await.remove(0);
    let stamp = got.last::<HandledStamp>().expect("it travels");
    assert_eq!(stamp.result.to_json(), serde_json::Value::Null);
    assert_eq!(&*stamp.handler_name, "H");
}
