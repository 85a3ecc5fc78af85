//! What waits for a commit and is handled here is in the outbox until that is done: it survives the
//! process.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use messenger::clock::Clock;
use messenger::retry::MultiplierRetryStrategy;
use messenger::stamp::{
    DispatchAfterCurrentBusStamp as After, ErrorDetailsStamp, SentToFailureTransportStamp,
};
use messenger::transport::InMemoryTransport;
use messenger::worker::{Worker, WorkerOptions};
use messenger::{
    DispatchError, HELD_BACK, Handler, HandlerError, Message, Messenger, TransactionMiddleware,
};
use serde::{Deserialize, Serialize, Serializer};

use crate::outbox::command;
use crate::support::{
    Builder, COMMANDS, Command, EVENTS, Event, FakeScope, World, built, call, fails, records,
};

/// A worker on an empty queue: what it finds was held back.
async fn work(messenger: &Messenger<FakeScope>) {
    let worker = Worker::new(messenger.clone(), &["queue"], WorkerOptions::default());
    let worker = worker.expect("the queue can be received from");
    while worker.run_once().await > 0 {}
}

fn queue() -> InMemoryTransport {
    InMemoryTransport::new(Clock::default(), None)
}

/// Commands in a transaction, and events in none.
fn with_events(
    world: &World,
    first: impl Handler<Event, FakeScope>,
    second: impl Handler<Event, FakeScope>,
) -> Builder {
    world
        .builder()
        .bus(COMMANDS, |bus| {
            bus.middleware(TransactionMiddleware::default())
                .handler::<Command>(command(world, false))
        })
        .bus(EVENTS, |bus| bus.handler::<Event>(first).handler::<Event>(second))
        .transport("queue", queue())
}

/// Fails the first so many times.
fn flaky(world: &World, times: usize) -> impl Handler<Event, FakeScope> + use<> {
    let (calls, log) = (Arc::new(AtomicUsize::new(0)), world.log.clone());
    call("flaky", move |_: &Event, _| {
        let call = calls.fetch_add(1, Ordering::SeqCst);
        log.add("flaky");
        Box::pin(async move {
            if call < times { Err(anyhow::anyhow!("not yet").into()) } else { Ok(()) }
        })
    })
}

#[tokio::test]
async fn r3_what_is_handled_here_is_in_the_outbox_until_it_is_done() {
    let world = World::new();
    let (store, seen) = (world.store.clone(), Arc::new(Mutex::new(Vec::new())));
    let (look, saw) = (store.clone(), seen.clone());
    let event = call("event", move |_: &Event, _| {
        saw.lock().unwrap().extend(look.outbox());
        Box::pin(async { Ok(()) })
    });
    let messenger = built(with_events(&world, event, records("second", &world.log)));

    messenger.dispatch_on(COMMANDS, Command::from("c")).await.expect("all succeed");

    let kept = (HELD_BACK.to_owned(), r#"{"text":"e"}"#.to_owned());
    assert_eq!(*seen.lock().unwrap(), [kept]);
    assert!(store.outbox().is_empty());
    work(&messenger).await;
    assert_eq!(world.log.take(), ["BEGIN 1", "command", "COMMIT 1", "second e"], "once");
}

#[tokio::test]
async fn r3_what_fails_here_is_told_to_the_caller_and_a_worker_does_the_rest() {
    let world = World::new();
    let builder = with_events(&world, records("good", &world.log), flaky(&world, 1));
    let messenger = built(builder);

    let told = messenger.dispatch_on(COMMANDS, Command::from("c")).await;

    let Err(DispatchError::Delayed(delayed)) = told else { panic!("{told:?}") };
    assert_eq!(delayed.failures[0].envelope.message(), Some(&Event::from("e")));
    assert_eq!(world.store.outbox().len(), 1);
    assert_eq!(world.log.take()[3..], ["good e", "flaky"]);
    work(&messenger).await;
    assert_eq!(world.log.take(), ["flaky"], "what has succeeded does not run again");
    assert!(world.store.outbox().is_empty());
}

#[tokio::test]
async fn r3_a_process_that_dies_after_the_commit_leaves_what_waited_to_a_worker() {
    let world = World::new();
    let (started, has_started) = tokio::sync::oneshot::channel();
    let started = Mutex::new(Some(started));
    let log = world.log.clone();
    let event = call("event", move |_: &Event, _| {
        let first = started.lock().unwrap().take();
        let log = log.clone();
        Box::pin(async move {
            let Some(first) = first else {
                log.add("event");
                return Ok(());
            };
            first.send(()).expect("somebody waits");
            std::future::pending().await
        })
    });
    let messenger = built(with_events(&world, event, records("second", &world.log)));
    tokio::select! {
        _ = messenger.dispatch_on(COMMANDS, Command::from("c")) => panic!("it never ends"),
        started = has_started => started.expect("it has begun"),
    }
    assert_eq!(world.log.take(), ["BEGIN 1", "command", "COMMIT 1"]);

    work(&messenger).await;

    assert_eq!(world.log.take(), ["event", "second e"]);
    assert!(world.store.outbox().is_empty());
}

#[tokio::test]
async fn r3_what_fails_in_a_worker_too_is_retried_and_then_kept_with_its_error() {
    let world = World::new();
    let failed = queue();
    let builder = with_events(&world, fails("bad", &world.log), records("good", &world.log))
        .transport("failed", failed.clone())
        .on_failure(HELD_BACK, MultiplierRetryStrategy::new(2, 1, 1.0, 1, 0.0), Some("failed"));
    let messenger = built(builder);
    messenger.dispatch_on(COMMANDS, Command::from("c")).await.expect_err("it fails");
    world.log.take();

    work(&messenger).await;

    let calls = world.log.take().iter().filter(|entry| *entry == "bad e").count();
    assert_eq!(calls, 3, "once, and two retries");
    assert!(world.store.outbox().is_empty());
    let kept = failed.waiting();
    assert_eq!(kept.len(), 1);
    let from = kept[0].last::<SentToFailureTransportStamp>().expect("it is noted");
    assert_eq!(from.original_receiver_name, HELD_BACK);
    assert!(kept[0].has::<ErrorDetailsStamp>());
}

#[tokio::test]
async fn r3_a_worker_whose_root_has_a_waiting_message_that_fails_decides_its_fate_once() {
    let world = World::new();
    let commands = queue();
    let builder = with_events(&world, flaky(&world, 1), records("good", &world.log))
        .transport("commands", commands.clone())
        .route::<Command>(&["commands"]);
    let messenger = built(builder);
    messenger.dispatch_on(COMMANDS, Command::from("c")).await.expect("sent");
    let worker = Worker::new(messenger.clone(), &["commands"], WorkerOptions::default());
    let worker = worker.expect("a worker");

    worker.run_once().await;

    assert!(world.store.outbox().is_empty(), "it is in the queue now");
    assert_eq!(commands.waiting().len(), 1);
    assert!(commands.waiting()[0].message::<Event>().is_some());
}

#[tokio::test]
async fn r3_a_root_that_fails_after_a_commit_of_its_own_takes_back_what_waited() {
    let world = World::new();
    let root = call("root", |_: &Command, cx| {
        Box::pin(async move {
            let held = cx
                .transaction(async |cx| cx.dispatch_on(EVENTS, Event::from("e").with(After)).await);
            held.await?;
            Err::<(), HandlerError>(anyhow::anyhow!("too late").into())
        })
    });
    let builder = world
        .one_bus(|bus| bus.handler::<Command>(root))
        .bus(EVENTS, |bus| bus.handler::<Event>(records("event", &world.log)))
        .transport("queue", queue());
    let messenger = built(builder);

    messenger.dispatch_on(COMMANDS, Command::from("c")).await.expect_err("it fails");

    work(&messenger).await;
    assert_eq!(world.log.take(), ["BEGIN 1", "COMMIT 1"]);
    assert!(world.store.outbox().is_empty());
}

/// Cannot be written.
#[derive(Debug, Deserialize)]
struct Unwritable;

impl Serialize for Unwritable {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("on purpose"))
    }
}

impl Message for Unwritable {
    const NAME: &'static str = "Unwritable";
}

#[tokio::test]
async fn r3_what_cannot_be_kept_is_refused_before_the_commit() {
    let world = World::new();
    let root = call("root", |_: &Command, cx| {
        Box::pin(async move {
            cx.dispatch_on(EVENTS, Unwritable.with(After)).await?;
            Ok(())
        })
    });
    let builder =
        world.transactional(|bus| bus.handler::<Command>(root), |bus| bus).message::<Unwritable>();

    let told = built(builder).dispatch_on(COMMANDS, Command::from("c")).await;

    assert!(matches!(told, Err(DispatchError::Transport(_))), "{told:?}");
    assert_eq!(world.log.take(), ["BEGIN 1", "ROLLBACK 1"]);
}

#[test]
fn r3_no_transport_can_have_the_name_of_what_is_held_back() {
    let builder = World::new().one_bus(|bus| bus).transport(HELD_BACK, queue());
    assert!(crate::support::refused(builder).contains("this name means the outbox"));
}
