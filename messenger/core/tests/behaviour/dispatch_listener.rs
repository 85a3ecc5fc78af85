//! What a listener is told about every dispatch, and how stamps look to people.

use std::sync::{Arc, Mutex};

use messenger::stamp::{DelayStamp, DispatchAfterCurrentBusStamp as After, HandledStamp};
use messenger::transport::SyncTransport;
use messenger::{Context, Dispatch, DispatchListener, Envelope, Message};
use serde_json::json;

use crate::support::{
    COMMANDS, Command, EVENTS, Event, Other, Probe, World, built, call, fails, records, sent_to,
};

/// Keeps what it is told.
#[derive(Debug, Clone, Default)]
struct Recorded(Arc<Mutex<Vec<Told>>>);

#[derive(Debug, Clone)]
struct Told {
    released: bool,
    line: String,
    before: Envelope,
    after: Result<Envelope, String>,
}

impl Recorded {
    fn add(&self, released: bool, dispatch: &Dispatch<'_>) {
        let caller = dispatch.caller;
        let file = caller.file().rsplit('/').next().unwrap_or_default();
        let after = dispatch.result.cloned().map_err(ToString::to_string);
        let line = format!("{file}:{} on {}", caller.line(), dispatch.bus);
        let told = Told { released, line, before: dispatch.before.clone(), after };
        self.0.lock().expect("no test panics while it records").push(told);
    }

    fn take(&self) -> Vec<Told> {
        std::mem::take(&mut self.0.lock().expect("no test panics while it records"))
    }
}

impl DispatchListener for Recorded {
    fn dispatched(&self, dispatch: &Dispatch<'_>) {
        self.add(false, dispatch);
    }

    fn released(&self, dispatch: &Dispatch<'_>) {
        self.add(true, dispatch);
    }
}

/// `FILE:LINE on BUS` for a line of this file.
fn here(line: u32, bus: &messenger::BusName) -> String {
    format!("dispatch_listener.rs:{line} on {bus}")
}

#[tokio::test]
async fn every_dispatch_is_told_with_its_line_the_nested_one_before_the_one_around_it() {
    let (world, recorded) = (World::new(), Recorded::default());
    const NESTED: u32 = line!() + 3;
    let command = call("command", |_: &Command, cx| {
        Box::pin(async move {
            cx.dispatch_on(EVENTS, Event::from("e")).await?;
            Ok(7)
        })
    });
    let builder = world
        .one_bus(|bus| bus.handler::<Command>(command))
        .bus(EVENTS, |bus| bus.handler::<Event>(records("event", &world.log)))
        .dispatch_listener(recorded.clone());
    let messenger = built(builder);

    let answer: i32 = messenger.ask_on(COMMANDS, Command::from("c")).await.expect("answered");
    const ROOT: u32 = line!() - 1;

    assert_eq!(answer, 7);
    let told = recorded.take();
    let lines: Vec<_> = told.iter().map(|told| told.line.clone()).collect();
    assert_eq!(lines, [here(NESTED, &EVENTS), here(ROOT, &COMMANDS)]);
    assert!(!told[1].before.has::<HandledStamp>());
    assert!(told[1].after.as_ref().expect("it succeeds").has::<HandledStamp>());
}

#[tokio::test]
async fn s2_11_a_message_that_waited_is_told_twice_the_second_time_without_the_stamp() {
    let (world, recorded) = (World::new(), Recorded::default());
    let command = call("command", |_: &Command, cx| {
        Box::pin(async move {
            cx.dispatch_on(EVENTS, Event::from("waits").with(After)).await?;
            Ok(())
        })
    });
    const NESTED: u32 = line!() - 4;
    let builder = world
        .transactional(|bus| bus.handler::<Command>(command), |bus| bus)
        .transport("queue", Probe::outside("queue", &world))
        .route::<Event>(&["queue"])
        .dispatch_listener(recorded.clone());

    built(builder).dispatch_on(COMMANDS, Command::from("c")).await.expect("all succeed");

    let told = recorded.take();
    let [held, released, root] = told.as_slice() else { panic!("three calls: {told:?}") };
    assert!(!held.released && released.released && !root.released);
    assert!(held.before.has::<After>());
    assert!(held.after.as_ref().expect("held back").has::<After>());
    assert!(released.before.is_same_message(&held.before));
    assert!(!root.before.is_same_message(&held.before));
    assert_eq!(released.line, here(NESTED, &EVENTS));
    let sent = released.after.as_ref().expect("sent");
    assert_eq!(sent_to(sent), ["queue"]);
    assert!(!sent.has::<After>());
}

#[tokio::test]
async fn a_message_that_waited_in_process_is_told_again_after_its_root() {
    let (world, recorded) = (World::new(), Recorded::default());
    let builder = world
        .one_bus(|bus| bus)
        .bus(EVENTS, |bus| bus.handler::<Event>(fails("event", &world.log)))
        .dispatch_listener(recorded.clone());
    let messenger = built(builder);

    let work = async |cx: &mut Context<_>| {
        cx.dispatch_on(EVENTS, Event::from("waits").with(After)).await.map(|_| ())
    };
    messenger.context(COMMANDS).transaction(work).await.expect_err("what waited fails");

    let told = recorded.take();
    assert_eq!(told.iter().map(|told| told.released).collect::<Vec<_>>(), [false, true]);
    assert!(told[0].after.is_ok());
    let error = told[1].after.as_ref().expect_err("the handler failed");
    assert!(error.contains("event"), "{error}");
}

#[tokio::test]
async fn the_second_half_of_sync_is_told_with_the_line_that_sent_the_message() {
    let (world, recorded) = (World::new(), Recorded::default());
    let builder = world
        .one_bus(|bus| bus.handler::<Command>(records("H", &world.log)))
        .transport("now", SyncTransport)
        .route::<Command>(&["now"])
        .dispatch_listener(recorded.clone());

    built(builder).dispatch_on(COMMANDS, Command::from("c")).await.expect("handled");
    const LINE: u32 = line!() - 1;

    let lines: Vec<_> = recorded.take().into_iter().map(|told| told.line).collect();
    assert_eq!(lines, [here(LINE, &COMMANDS), here(LINE, &COMMANDS)]);
}

#[tokio::test]
async fn an_error_and_an_unknown_bus_are_told_to_every_listener() {
    let (world, first, second) = (World::new(), Recorded::default(), Recorded::default());
    let builder = world
        .one_bus(|bus| bus.handler::<Command>(fails("H", &world.log)))
        .dispatch_listener(first.clone())
        .dispatch_listener(second.clone());
    let messenger = built(builder);

    messenger.dispatch_on(COMMANDS, Command::from("c")).await.expect_err("it fails");
    messenger.dispatch_on("gone.bus", Other::from("o")).await.expect_err("there is no such bus");

    for told in [first.take(), second.take()] {
        let errors: Vec<_> = told.into_iter().filter_map(|told| told.after.err()).collect();
        assert_eq!(errors.len(), 2);
        assert!(errors[1].contains("gone.bus"), "{errors:?}");
    }
}

#[test]
fn stamps_and_the_body_can_be_shown_those_that_stay_here_as_well() {
    let envelope = Command::from("c").with(DelayStamp::millis(50)).with(After);

    let stamps: Vec<_> =
        envelope.describe_stamps().map(|stamp| (stamp.name, stamp.contents)).collect();

    assert_eq!(envelope.body(), json!({"text": "c"}));
    let held_back = json!("DispatchAfterCurrentBusStamp");
    let delay = ("DelayStamp", json!({"delay": 50}));
    assert_eq!(stamps, [delay, ("DispatchAfterCurrentBusStamp", held_back)]);
}
