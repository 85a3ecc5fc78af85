//! Transactions of the unit of work: around a message, around a nested one, by hand.

use messenger::stamp::{DispatchAfterCurrentBusStamp as After, HandledStamp};
use messenger::{DispatchError, Interface, Message, TransactionMiddleware};

use crate::support::{
    COMMANDS, Command, EVENTS, Event, Refuse, Report, World, built, call, fails, handled_by,
    handler_failures, records,
};

#[tokio::test]
async fn s2_7_one_transaction_is_around_all_handlers_of_a_message() {
    let world = World::new();
    let builder = world.transactional(
        |bus| {
            bus.handler::<Command>(records("one", &world.log))
                .handler::<Command>(records("two", &world.log))
        },
        |bus| bus,
    );

    built(builder).dispatch_on(COMMANDS, Command::from("c")).await.expect("it succeeds");

    assert_eq!(world.log.take(), ["BEGIN 1", "one c", "two c", "COMMIT 1"]);
}

#[tokio::test]
async fn a_failing_handler_undoes_the_others_and_their_stamps_so_that_all_run_again() {
    let world = World::new();
    let builder = world.transactional(
        |bus| {
            bus.handler::<Command>(records("good", &world.log))
                .handler::<Command>(fails("bad", &world.log))
        },
        |bus| bus,
    );

    let error =
        built(builder).dispatch_on(COMMANDS, Command::from("c")).await.expect_err("bad fails");

    assert_eq!(world.log.take(), ["BEGIN 1", "good c", "bad c", "ROLLBACK 1"]);
    assert_eq!(handler_failures(&error), ["bad: bad broke"]);
    assert!(!error.envelope().expect("the envelope").has::<HandledStamp>());
}

/// Work of an earlier delivery is committed: this rollback does not undo it.
#[tokio::test]
async fn a_rollback_keeps_the_stamps_that_an_earlier_delivery_brought_along() {
    let world = World::new();
    let log = &world.log;
    let plain = world.one_bus(|bus| bus.handler::<Command>(records("earlier", log)));
    let envelope = built(plain).dispatch_on(COMMANDS, Command::from("c")).await.expect("handled");
    let builder = world.transactional(
        |bus| {
            bus.handler::<Command>(records("earlier", log))
                .handler::<Command>(records("good", log))
                .handler::<Command>(fails("bad", log))
        },
        |bus| bus,
    );

    let error = built(builder).dispatch_on(COMMANDS, envelope).await.expect_err("bad fails");

    assert_eq!(handled_by(error.envelope().expect("the envelope")), ["earlier"]);
}

#[tokio::test]
async fn s2_2_a_failing_nested_message_undoes_the_handler_that_dispatched_it() {
    let world = World::new();
    let command = call("command", |_: &Command, cx| {
        Box::pin(async move {
            cx.dispatch_on(EVENTS, Event::from("e")).await?;
            Ok(())
        })
    });
    let builder = world.transactional(
        |bus| bus.handler::<Command>(command),
        |bus| bus.handler::<Event>(fails("event", &world.log)),
    );

    built(builder).dispatch_on(COMMANDS, Command::from("c")).await.expect_err("the event fails");

    assert_eq!(world.log.take(), ["BEGIN 1", "BEGIN 2", "event e", "ROLLBACK 2", "ROLLBACK 1"]);
}

/// The trace that a real Symfony leaves.
#[tokio::test]
async fn s2_10_an_immediate_message_gets_a_savepoint_and_a_waiting_one_its_own_transaction() {
    let world = World::new();
    let log = world.log.clone();
    let command = call("root", move |_: &Command, cx| {
        let log = log.clone();
        Box::pin(async move {
            cx.dispatch_on(EVENTS, Event::from("del").with(After)).await?;
            cx.dispatch_on(EVENTS, Event::from("imm")).await?;
            log.add("root");
            Ok(())
        })
    });
    let builder = world.transactional(
        |bus| bus.handler::<Command>(command),
        |bus| bus.handler::<Event>(records("event", &world.log)),
    );

    built(builder).dispatch_on(COMMANDS, Command::from("c")).await.expect("all succeed");

    let root = ["BEGIN 1", "BEGIN 2", "event imm", "COMMIT 2", "root", "COMMIT 1"];
    let delayed = ["BEGIN 1", "event del", "COMMIT 1"];
    assert_eq!(world.log.take(), [&root[..], &delayed[..]].concat());
}

#[tokio::test]
async fn s2_15_a_waiting_message_that_fails_undoes_only_itself() {
    let world = World::new();
    let command = call("root", |_: &Command, cx| {
        Box::pin(async move {
            cx.dispatch_on(EVENTS, Event::from("mail").with(After)).await?;
            Ok(())
        })
    });
    let builder = world.transactional(
        |bus| bus.handler::<Command>(command),
        |bus| bus.handler::<Event>(fails("event", &world.log)),
    );

    let error =
        built(builder).dispatch_on(COMMANDS, Command::from("c")).await.expect_err("it fails");

    let expected = ["BEGIN 1", "COMMIT 1", "BEGIN 1", "event mail", "ROLLBACK 1"];
    assert_eq!(world.log.take(), expected);
    assert!(matches!(error, DispatchError::Delayed(_)), "{error}");
}

#[tokio::test]
async fn a_group_of_messages_can_be_kept_out_of_the_transaction() {
    let world = World::new();
    let except = TransactionMiddleware { except: Some(Interface("Audited")) };
    let builder = world.one_bus(|bus| {
        bus.middleware(except)
            .handler::<Command>(records("command", &world.log))
            .handler::<Report>(records("report", &world.log))
    });
    let messenger = built(builder);

    messenger.dispatch_on(COMMANDS, Report::from("r")).await.expect("it succeeds");
    messenger.dispatch_on(COMMANDS, Command::from("c")).await.expect("it succeeds");

    assert_eq!(world.log.take(), ["report r", "BEGIN 1", "command c", "COMMIT 1"]);
}

#[tokio::test]
async fn a_commit_that_is_refused_is_an_error_and_drops_what_waited() {
    let world = World::new();
    let store = world.store.clone();
    let command = call("command", move |_: &Command, cx| {
        store.refuse(Refuse::Commit);
        Box::pin(async move {
            cx.dispatch_on(EVENTS, Event::from("e").with(After)).await?;
            Ok(())
        })
    });
    let builder = world.transactional(
        |bus| bus.handler::<Command>(command),
        |bus| bus.handler::<Event>(records("event", &world.log)),
    );

    let error =
        built(builder).dispatch_on(COMMANDS, Command::from("c")).await.expect_err("refused");

    assert!(matches!(error, DispatchError::Scope(_)), "{error}");
    assert_eq!(world.log.take(), ["BEGIN 1", "REFUSED 1"]);
}
