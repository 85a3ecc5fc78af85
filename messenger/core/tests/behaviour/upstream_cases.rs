//! The five cases of Symfony's own test for messages that wait for the current bus.

use messenger::stamp::DispatchAfterCurrentBusStamp as After;
use messenger::{
    DispatchError, Envelope, HandlerError, Message, Messenger, Middleware, Next, async_trait,
};

use crate::support::{
    COMMANDS, Command, Cx, EVENTS, Event, FakeScope, Log, World, built, call, records,
};

/// Dispatches a list on the event bus, then goes on.
struct Dispatcher(Vec<Envelope>);

#[async_trait]
impl Middleware<FakeScope> for Dispatcher {
    async fn handle(
        &self,
        envelope: Envelope,
        cx: &mut Cx,
        next: Next<FakeScope>,
    ) -> Result<Envelope, DispatchError> {
        for listed in &self.0 {
            cx.dispatch_on(EVENTS, listed.clone()).await?;
        }
        next.run(envelope, cx).await
    }
}

/// Dispatches what it is given on a third bus, as a queue would.
struct Requeue;

#[async_trait]
impl Middleware<FakeScope> for Requeue {
    async fn handle(
        &self,
        envelope: Envelope,
        cx: &mut Cx,
        _next: Next<FakeScope>,
    ) -> Result<Envelope, DispatchError> {
        cx.dispatch_on("worker.bus", envelope).await
    }
}

fn held(text: &str) -> Envelope {
    Event::from(text).with(After)
}

fn delayed_text(result: Result<Envelope, DispatchError>) -> String {
    match result {
        Err(DispatchError::Delayed(delayed)) => delayed.to_string(),
        other => panic!("a delayed message should have failed: {other:?}"),
    }
}

/// A command bus that dispatches the list, and an event bus whose handler is given.
fn two_buses(
    list: Vec<Envelope>,
    handler: impl messenger::Handler<Event, FakeScope>,
    world: &World,
) -> Messenger<FakeScope> {
    let builder = world
        .builder()
        .bus(COMMANDS, |bus| {
            bus.middleware(Dispatcher(list)).handler::<Command>(records("H", &world.log))
        })
        .bus(EVENTS, |bus| bus.handler::<Event>(handler));
    built(builder)
}

#[tokio::test]
async fn case_1_events_in_a_new_transaction_run_after_the_command_and_others_before() {
    let world = World::new();
    let list = vec![held("E1"), held("E2"), Event::from("E3").into()];
    let messenger = two_buses(list, records("H", &world.log), &world);

    messenger.dispatch_on(COMMANDS, Command::from("C")).await.expect("all succeed");

    assert_eq!(world.log.take(), ["H E3", "H C", "H E1", "H E2"]);
}

#[tokio::test]
async fn case_2_a_failing_event_does_not_stop_the_next_one() {
    let world = World::new();
    let log = world.log.clone();
    let handler = call("H", move |event: &Event, _cx| {
        let (log, text) = (log.clone(), event.text.clone());
        Box::pin(async move {
            log.add(format!("H {text}"));
            if text == "E1" {
                return Err(anyhow::anyhow!("Some exception while handling first event").into());
            }
            Ok(())
        })
    });
    let messenger = two_buses(vec![held("E1"), held("E2")], handler, &world);

    let text = delayed_text(messenger.dispatch_on(COMMANDS, Command::from("C")).await);

    assert_eq!(world.log.take(), ["H C", "H E1", "H E2"]);
    assert!(text.contains("Some exception while handling first event"), "{text}");
}

/// What each event of case 3 dispatches, and whether it fails afterwards.
async fn grow(event: Event, log: Log, cx: &mut Cx) -> Result<(), HandlerError> {
    log.add(format!("H {}", event.text));
    let (children, fails): (&[&str], bool) = match event.text.as_str() {
        "L1b" => (&["L2a", "L2b"], false),
        "L2a" => (&["L3a"], true),
        "L2b" => (&["L3b"], false),
        _ => (&[], false),
    };
    for child in children {
        cx.dispatch_on(EVENTS, held(child)).await?;
    }
    if fails {
        return Err(anyhow::anyhow!("Some exception while handling Event level 2a").into());
    }
    Ok(())
}

#[tokio::test]
async fn case_3_a_failing_event_drops_only_what_it_dispatched_itself() {
    let world = World::new();
    let log = world.log.clone();
    let handler =
        call("H", move |event: &Event, cx| Box::pin(grow(event.clone(), log.clone(), cx)));
    let list = vec![held("L1a"), held("L1b"), held("L1c")];
    let messenger = two_buses(list, handler, &world);

    let text = delayed_text(messenger.dispatch_on(COMMANDS, Command::from("C")).await);

    let expected = ["H C", "H L1a", "H L1b", "H L1c", "H L2a", "H L2b", "H L3b"];
    assert_eq!(world.log.take(), expected);
    assert!(text.contains("Some exception while handling Event level 2a"), "{text}");
}

#[tokio::test]
async fn case_4_a_message_that_is_queued_later_no_longer_has_the_stamp() {
    let world = World::new();
    let log = &world.log;
    let builder = world
        .builder()
        .bus(COMMANDS, |bus| {
            bus.middleware(Dispatcher(vec![held("E")])).handler::<Command>(records("Hc", log))
        })
        .bus(EVENTS, |bus| bus.middleware(Requeue))
        .bus("worker.bus", |bus| bus.handler::<Event>(records("He", log)));

    built(builder).dispatch_on(COMMANDS, Command::from("C")).await.expect("all succeed");

    assert_eq!(log.take(), ["Hc C", "He E"]);
}

#[tokio::test]
async fn case_5_outside_of_any_bus_a_stamped_message_is_handled_at_once() {
    let world = World::new();
    let messenger = two_buses(Vec::new(), records("H", &world.log), &world);

    let envelope = messenger.dispatch_on(EVENTS, held("E")).await.expect("it succeeds");

    assert_eq!(world.log.take(), ["H E"]);
    assert!(!envelope.has::<After>());
}
