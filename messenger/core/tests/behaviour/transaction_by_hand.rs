//! `Context::transaction`: what a controller uses to write and to dispatch in one transaction.

use messenger::stamp::DispatchAfterCurrentBusStamp as After;
use messenger::{DispatchError, Message};

use crate::support::{
    COMMANDS, Command, EVENTS, Event, Probe, Refuse, World, built, call, fails, records,
};

fn world_with_events(fail: bool) -> (World, messenger::Messenger<crate::support::FakeScope>) {
    let world = World::new();
    let builder = world.one_bus(|bus| bus.handler::<Command>(records("command", &world.log))).bus(
        EVENTS,
        |bus| {
            let log = &world.log;
            bus.handler::<Event>(if fail { fails("event", log) } else { records("event", log) })
        },
    );
    let messenger = built(builder);
    (world, messenger)
}

#[tokio::test]
async fn what_waits_is_handled_after_the_commit_and_the_value_comes_back() {
    let (world, messenger) = world_with_events(false);
    let mut cx = messenger.context(COMMANDS);

    let value = cx
        .transaction(async |cx| {
            cx.dispatch_on(EVENTS, Event::from("e").with(After)).await?;
            cx.dispatch_on(COMMANDS, Command::from("c")).await?;
            Ok::<_, DispatchError>(42)
        })
        .await
        .expect("all succeed");

    assert_eq!(value, 42);
    assert_eq!(world.log.take(), ["BEGIN 1", "command c", "COMMIT 1", "event e"]);
}

#[tokio::test]
async fn an_error_of_the_work_undoes_everything_and_comes_back_as_it_is() {
    let (world, messenger) = world_with_events(false);
    let mut cx = messenger.context(COMMANDS);

    let result = cx
        .transaction(async |cx| {
            cx.dispatch_on(EVENTS, Event::from("e").with(After)).await?;
            anyhow::bail!("no such photo");
            #[expect(unreachable_code, reason = "gives the block its type")]
            Ok(())
        })
        .await;

    assert_eq!(result.expect_err("the work failed").to_string(), "no such photo");
    assert_eq!(world.log.take(), ["BEGIN 1", "ROLLBACK 1"]);
}

#[tokio::test]
async fn a_waiting_message_that_fails_is_reported_although_the_transaction_is_committed() {
    let (world, messenger) = world_with_events(true);
    let mut cx = messenger.context(COMMANDS);

    let result: Result<(), DispatchError> = cx
        .transaction(async |cx| {
            cx.dispatch_on(EVENTS, Event::from("e").with(After)).await?;
            Ok(())
        })
        .await;

    assert!(matches!(result, Err(DispatchError::Delayed(_))), "{result:?}");
    assert_eq!(world.log.take(), ["BEGIN 1", "COMMIT 1", "event e"]);
}

#[tokio::test]
async fn a_context_can_be_used_again_after_a_failure() {
    let (world, messenger) = world_with_events(false);
    let mut cx = messenger.context(COMMANDS);

    let failed: Result<(), DispatchError> = cx
        .transaction(async |cx| {
            cx.dispatch_on(EVENTS, Event::from("lost").with(After)).await?;
            cx.dispatch_on(COMMANDS, Event::from("nobody handles it here")).await.map(|_| ())
        })
        .await;
    assert!(matches!(failed, Err(DispatchError::NoHandler { .. })), "{failed:?}");
    cx.dispatch_on(EVENTS, Event::from("kept").with(After)).await.expect("it succeeds");

    assert_eq!(world.log.take(), ["BEGIN 1", "ROLLBACK 1", "event kept"]);
}

#[tokio::test]
async fn inside_a_handler_it_is_a_savepoint_and_what_waits_goes_on_waiting_for_the_root() {
    let world = World::new();
    let log = world.log.clone();
    let command = call("command", move |_: &Command, cx| {
        let log = log.clone();
        Box::pin(async move {
            cx.transaction(async |cx| cx.dispatch_on(EVENTS, Event::from("e").with(After)).await)
                .await?;
            log.add("command");
            Ok(())
        })
    });
    let builder = world.transactional(
        |bus| bus.handler::<Command>(command),
        |bus| bus.handler::<Event>(records("event", &world.log)),
    );

    built(builder).dispatch_on(COMMANDS, Command::from("c")).await.expect("all succeed");

    let root = ["BEGIN 1", "BEGIN 2", "COMMIT 2", "command", "COMMIT 1"];
    assert_eq!(world.log.take(), [&root[..], &["BEGIN 1", "event e", "COMMIT 1"]].concat());
}

#[tokio::test]
async fn a_transaction_that_cannot_begin_is_not_rolled_back() {
    let (world, messenger) = world_with_events(false);
    let mut cx = messenger.context(COMMANDS);
    world.store.refuse(Refuse::Begin);

    let result = cx.transaction(async |_| Ok::<_, DispatchError>(())).await;

    assert!(matches!(result, Err(DispatchError::Scope(_))), "{result:?}");
    assert!(world.log.take().is_empty());
}

/// The handler goes on without the savepoint; what it did before must not be undone.
#[tokio::test]
async fn a_savepoint_that_cannot_be_opened_leaves_the_transaction_around_it_alone() {
    let world = World::new();
    let store = world.store.clone();
    let command = call("command", move |_: &Command, cx| {
        let store = store.clone();
        Box::pin(async move {
            store.refuse(Refuse::Begin);
            let refused = cx.transaction(async |_| Ok::<_, DispatchError>(())).await;
            assert!(refused.is_err());
            Ok(())
        })
    });
    let builder = world.transactional(|bus| bus.handler::<Command>(command), |bus| bus);

    built(builder).dispatch_on(COMMANDS, Command::from("c")).await.expect("the command succeeds");

    assert_eq!(world.log.take(), ["BEGIN 1", "COMMIT 1"]);
}

#[tokio::test]
async fn a_controller_can_write_and_send_in_one_transaction() {
    let world = World::new();
    let queue = Probe::new("queue", messenger::transport::Delivery::WithTransaction, &world);
    let builder = world
        .one_bus(|bus| bus)
        .message::<Event>()
        .transport("queue", queue)
        .route::<Event>(&["queue"]);
    let messenger = built(builder);
    let log = world.log.clone();

    messenger
        .context(COMMANDS)
        .transaction(async |cx| {
            cx.dispatch_on(COMMANDS, Event::from("e").with(After)).await?;
            log.add("insert");
            Ok::<_, DispatchError>(())
        })
        .await
        .expect("all succeed");

    assert_eq!(world.log.take(), ["BEGIN 1", "insert", "send queue at 1", "COMMIT 1"]);
}

#[tokio::test]
async fn what_a_failed_transaction_inside_a_handler_held_back_is_undone_with_it() {
    let (world, messenger) = world_with_events(false);
    let mut cx = messenger.context(COMMANDS);

    cx.transaction(async |cx| {
        cx.dispatch_on(EVENTS, Event::from("kept").with(After)).await?;
        let inner = cx
            .transaction(async |cx| {
                cx.dispatch_on(EVENTS, Event::from("undone").with(After)).await?;
                anyhow::bail!("no");
                #[expect(unreachable_code, reason = "gives the block its type")]
                Ok(())
            })
            .await;
        assert!(inner.is_err());
        Ok::<_, DispatchError>(())
    })
    .await
    .expect("the outer one goes on");

    let expected = ["BEGIN 1", "BEGIN 2", "ROLLBACK 2", "COMMIT 1", "event kept"];
    assert_eq!(world.log.take(), expected);
}
