//! Sending a message to its transports instead of handling it.

use std::sync::Arc;

use messenger::stamp::{ReceivedStamp, SentStamp, TransportMessageIdStamp, TransportNamesStamp};
use messenger::transport::{InMemoryTransport, SyncTransport};
use messenger::{DispatchError, Envelope, Interface, Message, SendListener};

use crate::support::{
    Bus, COMMANDS, Command, Log, Probe, Report, World, built, handled_by, records, records_only,
    sent_to,
};

/// A bus that sends, then writes `next`.
fn sending(bus: Bus, log: &Log) -> Bus {
    bus.middleware(records_only("next", log)).whole_chain(&[
        "dispatch_after_current_bus",
        "send_message",
        "next",
    ])
}

/// Writes what it is told, and adds nothing.
struct Listener(Log);

impl SendListener for Listener {
    fn before_send(&self, envelope: Envelope, transports: &[Arc<str>]) -> Envelope {
        assert!(!envelope.has::<SentStamp>(), "it is told before the first one is sent");
        self.0.add(format!("before {}", transports.join(", ")));
        envelope
    }
}

#[tokio::test]
async fn send_s1_a_routed_message_is_sent_once_with_a_stamp_and_not_handled() {
    let world = World::new();
    let my_sender = Probe::outside("my_sender", &world);
    let builder = world
        .one_bus(|bus| sending(bus, &world.log))
        .transport("my_sender", my_sender.clone())
        .route::<Command>(&["my_sender"]);

    let envelope = built(builder).dispatch_on(COMMANDS, Command::from("c")).await.expect("sent");

    assert_eq!(world.log.take(), ["send my_sender at 0"]);
    let expected = SentStamp { sender_class: "Probe", sender_alias: "my_sender".into() };
    assert_eq!(envelope.last::<SentStamp>(), Some(&expected));
    assert_eq!(my_sender.sent()[0].last::<SentStamp>(), Some(&expected));
}

#[tokio::test]
async fn send_s2_each_of_two_senders_gets_its_own_stamp_last() {
    let world = World::new();
    let (foo, bar) = (Probe::outside("foo", &world), Probe::outside("bar", &world));
    let builder = world
        .one_bus(|bus| sending(bus, &world.log))
        .transport("foo", foo.clone())
        .transport("bar", bar.clone())
        .route::<Command>(&["foo", "bar"]);

    let envelope = built(builder).dispatch_on(COMMANDS, Command::from("c")).await.expect("sent");

    assert_eq!(sent_to(&foo.sent()[0]), ["foo"]);
    assert_eq!(sent_to(&bar.sent()[0]), ["foo", "bar"]);
    assert_eq!(sent_to(&envelope), ["foo", "bar"]);
}

#[tokio::test]
async fn send_s3_s5_s6_an_envelope_a_group_and_everything_can_be_routed() {
    let world = World::new();
    let builder = world
        .one_bus(|bus| sending(bus, &world.log))
        .transport("audit", Probe::outside("audit", &world))
        .transport("rest", Probe::outside("rest", &world))
        .route_interface(Interface("Audited"), &["audit"])
        .route_wildcard("*", &["rest"]);
    let messenger = built(builder);

    messenger.dispatch_on(COMMANDS, Envelope::new(Report::from("r"))).await.expect("sent");
    messenger.dispatch_on(COMMANDS, Command::from("c")).await.expect("sent");

    assert_eq!(world.log.take(), ["send audit at 0", "send rest at 0"]);
}

#[tokio::test]
async fn send_s7_s10_a_message_without_route_goes_on_and_no_listener_is_told() {
    let world = World::new();
    let builder =
        world.one_bus(|bus| sending(bus, &world.log)).send_listener(Listener(world.log.clone()));

    built(builder).dispatch_on(COMMANDS, Command::from("c")).await.expect("it passes");

    assert_eq!(world.log.take(), ["next"]);
}

#[tokio::test]
async fn send_s8_a_received_message_is_never_sent_again() {
    let world = World::new();
    let builder = world
        .one_bus(|bus| sending(bus, &world.log))
        .transport("rest", Probe::outside("rest", &world))
        .route_wildcard("*", &["rest"]);
    let received = Command::from("c").with(ReceivedStamp { transport_name: "rest".into() });

    let envelope = built(builder).dispatch_on(COMMANDS, received).await.expect("it passes");

    assert_eq!(world.log.take(), ["next"]);
    assert!(!envelope.has::<SentStamp>());
}

#[tokio::test]
async fn send_s9_s12_a_listener_is_told_once_before_the_first_send_with_all_names() {
    let world = World::new();
    let builder = world
        .one_bus(|bus| sending(bus, &world.log))
        .send_listener(Listener(world.log.clone()))
        .transport("foo", Probe::outside("foo", &world))
        .transport("bar", Probe::outside("bar", &world))
        .route::<Command>(&["foo", "bar"])
        .route::<Report>(&["foo"]);
    let messenger = built(builder);

    messenger.dispatch_on(COMMANDS, Command::from("c")).await.expect("sent");
    messenger.dispatch_on(COMMANDS, Report::from("r")).await.expect("sent");

    let two = ["before foo, bar", "send foo at 0", "send bar at 0"];
    assert_eq!(world.log.take(), [&two[..], &["before foo", "send foo at 0"]].concat());
}

#[tokio::test]
async fn send_s11_a_bus_that_requires_senders_refuses_a_message_without_one() {
    let world = World::new();
    let builder = world
        .one_bus(|bus| sending(bus.require_senders(), &world.log))
        .message::<Command>()
        .route::<Command>(&[]);

    let error =
        built(builder).dispatch_on(COMMANDS, Command::from("c")).await.expect_err("nowhere");

    assert!(matches!(error, DispatchError::NoSender { .. }));
    assert!(error.to_string().contains(r#""App\Message\Command""#), "{error}");
    assert!(world.log.take().is_empty());
}

#[tokio::test]
async fn an_unknown_transport_is_found_before_anything_is_sent() {
    let world = World::new();
    let builder = world
        .one_bus(|bus| sending(bus, &world.log))
        .transport("foo", Probe::outside("foo", &world));
    let stamped = Command::from("c").with(TransportNamesStamp::new(["foo", "nowhere"]));

    let error = built(builder).dispatch_on(COMMANDS, stamped).await.expect_err("unknown");

    assert!(matches!(error, DispatchError::UnknownTransport { .. }));
    assert!(error.to_string().contains("nowhere") && error.to_string().contains("foo"));
    assert!(world.log.take().is_empty());
}

#[tokio::test]
async fn a_second_sender_that_fails_does_not_take_the_first_copy_back() {
    let world = World::new();
    let (foo, bar) = (Probe::outside("foo", &world), Probe::outside("bar", &world));
    bar.set_down();
    let builder = world
        .one_bus(|bus| sending(bus, &world.log))
        .transport("foo", foo.clone())
        .transport("bar", bar)
        .route::<Command>(&["foo", "bar"]);

    let error = built(builder).dispatch_on(COMMANDS, Command::from("c")).await.expect_err("down");

    assert!(matches!(error, DispatchError::Transport(_)), "{error}");
    assert_eq!(foo.sent().len(), 1);
}

#[tokio::test]
async fn the_second_transport_sees_the_id_that_the_first_one_gave() {
    let world = World::new();
    let (first, second) = (in_memory(), Probe::outside("second", &world));
    let builder = world
        .one_bus(|bus| sending(bus, &world.log))
        .transport("first", first)
        .transport("second", second.clone())
        .route::<Command>(&["first", "second"]);

    built(builder).dispatch_on(COMMANDS, Command::from("c")).await.expect("sent");

    let id = second.sent()[0].last::<TransportMessageIdStamp>().map(TransportMessageIdStamp::text);
    assert_eq!(id.as_deref(), Some("1"));
}

fn in_memory() -> InMemoryTransport {
    InMemoryTransport::new(messenger::clock::Clock::default(), None)
}

/// The copy says what was handled here, so that a worker leaves it out.
#[tokio::test]
async fn handled_at_once_and_then_sent_the_copy_knows_its_handlers() {
    let world = World::new();
    let queue = Probe::outside("queue", &world);
    let builder = world
        .one_bus(|bus| bus.handler::<Command>(records("H", &world.log)))
        .transport("sync", SyncTransport)
        .transport("queue", queue.clone())
        .route::<Command>(&["sync", "queue"]);

    built(builder).dispatch_on(COMMANDS, Command::from("c")).await.expect("sent");

    assert_eq!(world.log.take(), ["H c", "send queue at 0"]);
    assert_eq!(handled_by(&queue.sent()[0]), ["H"]);
}
