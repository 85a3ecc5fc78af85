//! Nothing is lost between the commit and the dispatch of what waited for it.

use messenger::stamp::DispatchAfterCurrentBusStamp as After;
use messenger::transport::Delivery;
use messenger::{DispatchError, Handler, Message, Messenger};

use crate::support::{
    COMMANDS, Command, EVENTS, Event, FakeScope, Other, Probe, Refuse, World, built, call, records,
};

/// Holds back an event, then writes `command` and perhaps fails.
pub(crate) fn command(world: &World, fails: bool) -> impl Handler<Command, FakeScope> + use<> {
    let log = world.log.clone();
    call("command", move |_: &Command, cx| {
        let log = log.clone();
        Box::pin(async move {
            cx.dispatch_on(EVENTS, Event::from("e").with(After)).await?;
            log.add("command");
            if fails { Err(anyhow::anyhow!("broke").into()) } else { Ok(()) }
        })
    })
}

/// The event is routed to `queue`, a transport of this kind.
pub(crate) fn routed(world: &World, queue: &Probe, fails: bool) -> Messenger<FakeScope> {
    let builder = world
        .transactional(|bus| bus.handler::<Command>(command(world, fails)), |bus| bus)
        .message::<Event>()
        .transport("queue", queue.clone())
        .route::<Event>(&["queue"]);
    built(builder)
}

#[tokio::test]
async fn a_message_for_the_same_database_is_written_as_the_last_step_before_the_commit() {
    let world = World::new();
    let queue = Probe::new("queue", Delivery::WithTransaction, &world);

    routed(&world, &queue, false).dispatch_on(COMMANDS, Command::from("c")).await.expect("sent");

    let expected = ["BEGIN 1", "command", "BEGIN 2", "send queue at 2", "COMMIT 2", "COMMIT 1"];
    assert_eq!(world.log.take(), expected);
    assert!(!queue.sent()[0].has::<After>());
}

#[tokio::test]
async fn a_message_for_a_broker_is_in_the_outbox_before_the_commit_and_sent_after_it() {
    let world = World::new();
    let queue = Probe::outside("queue", &world);

    routed(&world, &queue, false).dispatch_on(COMMANDS, Command::from("c")).await.expect("sent");

    let inside = ["BEGIN 1", "command", "BEGIN 2", "outbox queue at 2", "COMMIT 2", "COMMIT 1"];
    let after = ["send queue at 0", "outbox emptied at 0"];
    assert_eq!(world.log.take(), [&inside[..], &after[..]].concat());
    assert_eq!(queue.sent()[0].message::<Event>(), Some(&Event::from("e")));
    assert!(world.store.outbox().is_empty());
}

#[tokio::test]
async fn a_broker_that_is_down_after_the_commit_leaves_the_message_in_the_outbox() {
    let world = World::new();
    let queue = Probe::outside("queue", &world);
    queue.set_down();

    routed(&world, &queue, false)
        .dispatch_on(COMMANDS, Command::from("c"))
        .await
        .expect("committed");

    assert_eq!(world.log.take().last().map(String::as_str), Some("queue is down"));
    assert_eq!(world.store.outbox(), [("queue".to_owned(), r#"{"text":"e"}"#.to_owned())]);
}

#[tokio::test]
async fn s2_14_a_failing_root_sends_nothing_and_leaves_no_outbox_entry() {
    for delivery in [Delivery::WithTransaction, Delivery::Outside] {
        let world = World::new();
        let queue = Probe::new("queue", delivery, &world);

        let result = routed(&world, &queue, true).dispatch_on(COMMANDS, Command::from("c")).await;

        assert!(result.is_err());
        assert_eq!(world.log.take(), ["BEGIN 1", "command", "ROLLBACK 1"]);
        assert!(world.store.outbox().is_empty());
    }
}

#[tokio::test]
async fn a_message_that_cannot_be_kept_undoes_the_transaction() {
    let world = World::new();
    let queue = Probe::outside("queue", &world);
    world.store.refuse(Refuse::Outbox);

    let result = routed(&world, &queue, false).dispatch_on(COMMANDS, Command::from("c")).await;

    assert!(matches!(result, Err(DispatchError::Scope(_))), "{result:?}");
    assert_eq!(world.log.take(), ["BEGIN 1", "command", "BEGIN 2", "ROLLBACK 2", "ROLLBACK 1"]);
    assert!(queue.sent().is_empty() && world.store.outbox().is_empty());
}

#[tokio::test]
async fn a_commit_that_is_refused_sends_nothing() {
    let world = World::new();
    let queue = Probe::outside("queue", &world);
    let messenger = routed(&world, &queue, false);
    let mut cx = messenger.context(COMMANDS);
    let store = world.store.clone();

    let result = cx
        .transaction(async |cx| {
            store.refuse(Refuse::Commit);
            cx.dispatch_on(COMMANDS, Event::from("e").with(After)).await
        })
        .await;

    assert!(result.is_err());
    assert!(queue.sent().is_empty() && world.store.outbox().is_empty());
}

/// The handler's own transaction is refused at its commit, and the handler goes on.
#[tokio::test]
async fn a_refused_commit_sends_nothing_even_if_the_root_succeeds_afterwards() {
    let world = World::new();
    let queue = Probe::outside("queue", &world);
    let store = world.store.clone();
    let command = call("command", move |_: &Command, cx| {
        let store = store.clone();
        Box::pin(async move {
            store.refuse(Refuse::Commit);
            let refused = cx
                .transaction(async |cx| cx.dispatch_on("plain", Event::from("e").with(After)).await)
                .await;
            assert!(refused.is_err());
            Ok(())
        })
    });
    let builder = world
        .builder()
        .bus("plain", |bus| bus.handler::<Command>(command))
        .message::<Event>()
        .transport("queue", queue.clone())
        .route::<Event>(&["queue"]);

    built(builder).dispatch_on("plain", Command::from("c")).await.expect("the command succeeds");

    assert_eq!(world.log.take(), ["BEGIN 1", "outbox queue at 1", "REFUSED 1"]);
    assert!(queue.sent().is_empty());
}

/// Symfony's behaviour, for a scope that has transactions but no table for an outbox.
#[tokio::test]
async fn without_an_outbox_a_message_for_a_broker_is_sent_after_the_commit() {
    let world = World::new();
    let queue = Probe::outside("queue", &world);
    world.store.without_outbox();

    routed(&world, &queue, false).dispatch_on(COMMANDS, Command::from("c")).await.expect("sent");

    let log = world.log.take();
    let position = |wanted: &str| log.iter().position(|entry| entry == wanted);
    assert!(position("send queue at 0") > position("COMMIT 1"), "{log:?}");
    assert_eq!(queue.sent().len(), 1);
}

#[tokio::test]
async fn without_an_outbox_a_broker_that_is_down_is_an_error_of_the_message_that_waited() {
    let world = World::new();
    let queue = Probe::outside("queue", &world);
    world.store.without_outbox();
    queue.set_down();

    let result = routed(&world, &queue, false).dispatch_on(COMMANDS, Command::from("c")).await;

    let Err(DispatchError::Delayed(delayed)) = result else { panic!("{result:?}") };
    let failed = delayed.failures[0].envelope.message::<Event>();
    assert_eq!(failed, Some(&Event::from("e")));
}

#[tokio::test]
async fn an_unstamped_message_is_sent_at_once_whatever_happens_later() {
    let world = World::new();
    let queue = Probe::outside("queue", &world);
    let command = call("command", |_: &Command, cx| {
        Box::pin(async move {
            cx.dispatch_on(COMMANDS, Event::from("e")).await?;
            Err::<(), _>(anyhow::anyhow!("too late").into())
        })
    });
    let builder = world
        .transactional(|bus| bus.handler::<Command>(command), |bus| bus)
        .message::<Event>()
        .transport("queue", queue.clone())
        .route::<Event>(&["queue"]);

    built(builder).dispatch_on(COMMANDS, Command::from("c")).await.expect_err("it fails later");

    assert_eq!(queue.sent().len(), 1);
}

/// What is handled here runs after the commit; its own messages join its own transaction.
#[tokio::test]
async fn a_chain_of_waiting_messages_is_sent_with_the_transaction_of_each() {
    let world = World::new();
    let queue = Probe::new("queue", Delivery::WithTransaction, &world);
    let event = call("event", |_: &Event, cx| {
        Box::pin(async move {
            cx.dispatch_on(COMMANDS, Other::from("o").with(After)).await?;
            Ok(())
        })
    });
    let builder = world
        .transactional(
            |bus| bus.handler::<Command>(command(&world, false)),
            |bus| bus.handler::<Event>(event).handler::<Event>(records("second", &world.log)),
        )
        .message::<Other>()
        .transport("queue", queue)
        .route::<Other>(&["queue"]);

    built(builder).dispatch_on(COMMANDS, Command::from("c")).await.expect("all succeed");

    let root = ["BEGIN 1", "command", "COMMIT 1"];
    let event = ["BEGIN 1", "second e", "BEGIN 2", "send queue at 2", "COMMIT 2", "COMMIT 1"];
    assert_eq!(world.log.take(), [&root[..], &event[..]].concat());
}
