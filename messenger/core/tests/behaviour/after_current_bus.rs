//! What follows from holding messages back until the root dispatch has succeeded.

use messenger::stamp::{DispatchAfterCurrentBusStamp as After, HandledStamp};
use messenger::{DispatchError, Handler, Message};

use crate::support::{
    Builder, COMMANDS, Command, EVENTS, Event, FakeScope, Other, Probe, Tap, World, built, call,
    records,
};

/// A command handler that holds an event back and then writes that it has finished.
pub(crate) fn dispatches_held(
    world: &World,
    fails: bool,
) -> impl Handler<Command, FakeScope> + use<> {
    let log = world.log.clone();
    call("command", move |command: &Command, cx| {
        let (log, text) = (log.clone(), command.text.clone());
        Box::pin(async move {
            let stamped = Event::from(text.as_str()).with(After);
            let returned = cx.dispatch_on(EVENTS, stamped).await?;
            assert!(returned.has::<After>(), "the caller gets back what it dispatched");
            assert!(!returned.has::<HandledStamp>(), "nothing was handled yet");
            log.add(format!("command {text}"));
            if fails { Err(anyhow::anyhow!("command broke").into()) } else { Ok(()) }
        })
    })
}

pub(crate) fn two_buses(
    world: &World,
    command: impl Handler<Command, FakeScope>,
    event: impl Handler<Event, FakeScope>,
) -> Builder {
    world
        .builder()
        .bus(COMMANDS, |bus| bus.handler::<Command>(command))
        .bus(EVENTS, |bus| bus.handler::<Event>(event))
}

#[tokio::test]
async fn s2_10_a_held_back_message_is_handled_after_the_handler_has_finished() {
    let world = World::new();
    let builder = two_buses(&world, dispatches_held(&world, false), records("event", &world.log));

    built(builder).dispatch_on(COMMANDS, Command::from("a")).await.expect("all succeed");

    assert_eq!(world.log.take(), ["command a", "event a"]);
}

#[tokio::test]
async fn s2_14_a_failing_root_drops_everything_that_waited_and_keeps_its_own_error() {
    let world = World::new();
    let builder = two_buses(&world, dispatches_held(&world, true), records("event", &world.log));

    let error =
        built(builder).dispatch_on(COMMANDS, Command::from("a")).await.expect_err("it fails");

    assert_eq!(world.log.take(), ["command a"]);
    assert!(matches!(error, DispatchError::HandlerFailed(_)), "{error}");
}

#[tokio::test]
async fn s2_3_an_unstamped_event_is_handled_even_if_the_handler_fails_later() {
    let world = World::new();
    let log = world.log.clone();
    let command = call("command", move |_: &Command, cx| {
        let log = log.clone();
        Box::pin(async move {
            cx.dispatch_on(EVENTS, Event::from("now")).await?;
            log.add("command");
            Err::<(), _>(anyhow::anyhow!("too late").into())
        })
    });
    let builder = two_buses(&world, command, records("event", &world.log));

    built(builder).dispatch_on(COMMANDS, Command::from("a")).await.expect_err("it fails");

    assert_eq!(world.log.take(), ["event now", "command"]);
}

/// An event handler: `1` dispatches `1.1` and `1.2` to wait and `now` to run at once.
fn grows(world: &World) -> impl Handler<Event, FakeScope> + use<> {
    let log = world.log.clone();
    call("event", move |event: &Event, cx| {
        let (log, text) = (log.clone(), event.text.clone());
        Box::pin(async move {
            log.add(format!("event {text}"));
            if text == "1" {
                cx.dispatch_on(EVENTS, Event::from("1.1").with(After)).await?;
                cx.dispatch_on(EVENTS, Event::from("1.2").with(After)).await?;
                cx.dispatch_on(EVENTS, Event::from("now")).await?;
                log.add("/event 1");
            }
            Ok(())
        })
    })
}

#[tokio::test]
async fn messages_held_back_by_held_back_messages_go_to_the_end_of_the_queue() {
    let world = World::new();
    let command = call("command", |_: &Command, cx| {
        Box::pin(async move {
            cx.dispatch_on(EVENTS, Event::from("1").with(After)).await?;
            cx.dispatch_on(EVENTS, Event::from("2").with(After)).await?;
            Ok(())
        })
    });
    let messenger = built(two_buses(&world, command, grows(&world)));

    messenger.dispatch_on(COMMANDS, Command::from("a")).await.expect("all succeed");

    let expected = ["event 1", "event now", "/event 1", "event 2", "event 1.1", "event 1.2"];
    assert_eq!(world.log.take(), expected);
}

#[tokio::test]
async fn a_held_back_message_runs_the_rest_of_the_chain_of_its_own_bus() {
    let world = World::new();
    let log = &world.log;
    let builder = world
        .builder()
        .bus(COMMANDS, |bus| {
            let command = dispatches_held(&world, false);
            bus.middleware(Tap::new("commands", log)).handler::<Command>(command)
        })
        .bus(EVENTS, |bus| {
            let event = call("event", |_: &Event, cx| {
                let bus = cx.bus();
                Box::pin(async move {
                    assert_eq!(bus, EVENTS);
                    Ok(())
                })
            });
            bus.middleware(Tap::new("events", log)).handler::<Event>(event)
        });

    built(builder).dispatch_on(COMMANDS, Command::from("a")).await.expect("all succeed");

    assert_eq!(log.take(), ["commands", "command a", "/commands", "events", "/events"]);
}

#[tokio::test]
async fn a_routed_message_that_waited_is_sent_last_with_its_bus_and_without_the_stamp() {
    let world = World::new();
    let queue = Probe::outside("queue", &world);
    let builder = two_buses(&world, dispatches_held(&world, false), records("event", &world.log))
        .transport("queue", queue.clone())
        .route::<Event>(&["queue"]);
    let messenger = built(builder);

    messenger.dispatch_on(COMMANDS, Command::from("a")).await.expect("all succeed");

    assert_eq!(world.log.take(), ["command a", "send queue at 0"]);
    let sent = queue.sent().remove(0);
    assert!(!sent.has::<After>());
    let encoded = messenger.codec().encode(&sent).expect("it can be written");
    assert!(!encoded.headers_json().contains("DispatchAfterCurrentBus"));
    assert!(encoded.headers_json().contains("event.bus"), "{}", encoded.headers_json());
}

#[tokio::test]
async fn s2_19_the_queue_is_shared_by_all_buses_from_command_to_event_to_command() {
    let world = World::new();
    let log = world.log.clone();
    let event = call("event", move |event: &Event, cx| {
        let (log, text) = (log.clone(), event.text.clone());
        Box::pin(async move {
            cx.dispatch_on(COMMANDS, Other::from(text.as_str()).with(After)).await?;
            log.add("event");
            Ok(())
        })
    });
    let builder = two_buses(&world, dispatches_held(&world, false), event)
        .bus(COMMANDS, |bus| bus.handler::<Other>(records("other", &world.log)));

    built(builder).dispatch_on(COMMANDS, Command::from("a")).await.expect("all succeed");

    assert_eq!(world.log.take(), ["command a", "event", "other a"]);
}
