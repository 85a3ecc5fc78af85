//! The transport that does not wait: a dispatch within the dispatch.

use messenger::stamp::{
    BusNameStamp, DelayStamp, DispatchAfterCurrentBusStamp as After, ReceivedStamp,
};
use messenger::transport::SyncTransport;
use messenger::{DispatchError, Message};

use crate::support::{
    COMMANDS, Command, EVENTS, Event, Tap, World, built, call, fails, handled_by, records, sent_to,
};

#[tokio::test]
async fn a_message_is_handled_at_once_as_received_and_its_delay_is_ignored() {
    let world = World::new();
    let builder = world
        .one_bus(|bus| bus.handler::<Command>(records("H", &world.log)))
        .transport("now", SyncTransport)
        .route::<Command>(&["now"]);

    let delayed = Command::from("c").with(DelayStamp::millis(60_000));
    let envelope = built(builder).dispatch_on(COMMANDS, delayed).await.expect("handled");

    assert_eq!(world.log.take(), ["H c"]);
    assert_eq!(handled_by(&envelope), ["H"]);
    assert_eq!(sent_to(&envelope), ["now"]);
    let received = envelope.last::<ReceivedStamp>().expect("received");
    assert_eq!(&*received.transport_name, "now");
}

#[tokio::test]
async fn the_whole_chain_runs_twice_with_a_savepoint_inside_the_transaction() {
    let world = World::new();
    let builder = world
        .transactional(
            |bus| {
                bus.middleware(Tap::new("step", &world.log))
                    .handler::<Command>(records("H", &world.log))
            },
            |bus| bus,
        )
        .transport("now", SyncTransport)
        .route::<Command>(&["now"]);

    built(builder).dispatch_on(COMMANDS, Command::from("c")).await.expect("handled");

    let down = ["BEGIN 1", "step", "BEGIN 2", "step", "H c"];
    let up = ["/step", "COMMIT 2", "/step", "COMMIT 1"];
    assert_eq!(world.log.take(), [&down[..], &up[..]].concat());
}

#[tokio::test]
async fn an_error_comes_back_to_the_caller() {
    let world = World::new();
    let builder = world
        .transactional(|bus| bus.handler::<Command>(fails("H", &world.log)), |bus| bus)
        .transport("now", SyncTransport)
        .route::<Command>(&["now"]);

    let error =
        built(builder).dispatch_on(COMMANDS, Command::from("c")).await.expect_err("it fails");

    assert!(matches!(error, DispatchError::HandlerFailed(_)), "{error}");
    assert_eq!(world.log.take(), ["BEGIN 1", "BEGIN 2", "H c", "ROLLBACK 2", "ROLLBACK 1"]);
}

#[tokio::test]
async fn a_message_that_waits_is_handled_after_the_commit_not_inside_it() {
    let world = World::new();
    let log = world.log.clone();
    let command = call("command", move |_: &Command, cx| {
        let log = log.clone();
        Box::pin(async move {
            cx.dispatch_on(EVENTS, Event::from("e").with(After)).await?;
            log.add("command");
            Ok(())
        })
    });
    let builder = world
        .transactional(
            |bus| bus.handler::<Command>(command),
            |bus| bus.handler::<Event>(records("event", &world.log)),
        )
        .transport("now", SyncTransport)
        .route::<Event>(&["now"]);

    built(builder).dispatch_on(COMMANDS, Command::from("c")).await.expect("all succeed");

    let root = ["BEGIN 1", "command", "COMMIT 1"];
    let waiting = ["BEGIN 1", "BEGIN 2", "event e", "COMMIT 2", "COMMIT 1"];
    assert_eq!(world.log.take(), [&root[..], &waiting[..]].concat());
}

#[tokio::test]
async fn what_a_handler_behind_it_holds_back_waits_for_the_root() {
    let world = World::new();
    let command = call("command", |_: &Command, cx| {
        Box::pin(async move {
            cx.dispatch_on(EVENTS, Event::from("e").with(After)).await?;
            Ok(())
        })
    });
    let builder = world
        .one_bus(|bus| bus.middleware(Tap::new("step", &world.log)).handler::<Command>(command))
        .bus(EVENTS, |bus| bus.handler::<Event>(records("event", &world.log)))
        .transport("now", SyncTransport)
        .route::<Command>(&["now"]);

    built(builder).dispatch_on(COMMANDS, Command::from("c")).await.expect("all succeed");

    assert_eq!(world.log.take(), ["step", "step", "/step", "/step", "event e"]);
}

/// Symfony's `RoutableMessageBus`.
#[tokio::test]
async fn the_bus_is_the_one_that_is_noted_or_the_default_one_and_an_unknown_one_is_an_error() {
    let world = World::new();
    let unnamed = ["dispatch_after_current_bus", "send_message", "handle_message"];
    let builder = world
        .one_bus(|bus| bus.handler::<Command>(records("default", &world.log)))
        .bus(EVENTS, |bus| bus.handler::<Command>(records("named", &world.log)))
        .bus("unnamed", |bus| bus.whole_chain(&unnamed))
        .transport("now", SyncTransport)
        .route::<Command>(&["now"]);
    let messenger = built(builder);
    let noted = |name: &str| Command::from("c").with(BusNameStamp { bus_name: name.into() });

    messenger.dispatch_on("unnamed", Command::from("c")).await.expect("handled");
    messenger.dispatch_on("unnamed", noted("event.bus")).await.expect("handled");
    let error = messenger.dispatch_on("unnamed", noted("gone.bus")).await.expect_err("unknown");

    assert_eq!(world.log.take(), ["default c", "named c"]);
    assert!(error.to_string().contains("gone.bus"), "{error}");
}
