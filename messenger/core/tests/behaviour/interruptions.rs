//! Panics, and futures that are dropped half-way: nothing is left open, nothing is left over.

use std::sync::Arc;

use futures_util::FutureExt;
use messenger::stamp::{DispatchAfterCurrentBusStamp as After, HandledStamp};
use messenger::{
    Context, DispatchError, Envelope, HandlerOptions, Handles, Message, Middleware, Next, Scope,
    async_trait,
};
use tokio::sync::Notify;

use crate::support::{
    COMMANDS, Command, EVENTS, Event, Group, World, built, call, handler_failures, records,
};

/// A middleware with a bug.
struct Panics;

#[async_trait]
impl<S: Scope> Middleware<S> for Panics {
    async fn handle(
        &self,
        envelope: Envelope,
        _cx: &mut Context<S>,
        _next: Next<S>,
    ) -> Result<Envelope, DispatchError> {
        panic!("no {}", envelope.name());
    }
}

#[tokio::test]
async fn a_panic_in_a_handler_rolls_back_and_is_a_failure_like_any_other() {
    let world = World::new();
    let command = call("command", |_: &Command, cx| {
        Box::pin(async move {
            cx.begin().await?;
            assert!(cx.bus() != COMMANDS, "no {}", "ponka");
            Ok(())
        })
    });
    let builder = world.transactional(
        |bus| {
            let other = Group::new("other", &world.log);
            bus.handler::<Command>(command).group_handler(
                Handles::Any,
                other,
                HandlerOptions::default(),
            )
        },
        |bus| bus,
    );

    let error =
        built(builder).dispatch_on(COMMANDS, Command::from("c")).await.expect_err("a panic");

    let expected = ["BEGIN 1", "BEGIN 2", "ROLLBACK 2", "other Command", "ROLLBACK 1"];
    assert_eq!(world.log.take(), expected);
    assert_eq!(handler_failures(&error), ["command: the handler panicked: no ponka"]);
    assert_eq!(error.class(), "panic");
}

#[tokio::test]
async fn a_dispatch_that_is_abandoned_commits_nothing() {
    let world = World::new();
    let forever = Arc::new(Notify::new());
    let command = call("command", move |_: &Command, cx| {
        let forever = Arc::clone(&forever);
        Box::pin(async move {
            cx.dispatch_on(EVENTS, Event::from("e").with(After)).await?;
            forever.notified().await;
            Ok(())
        })
    });
    let builder = world.transactional(
        |bus| bus.handler::<Command>(command),
        |bus| bus.handler::<Event>(records("event", &world.log)),
    );
    let messenger = built(builder);

    assert!(messenger.dispatch_on(COMMANDS, Command::from("c")).now_or_never().is_none());

    assert_eq!(world.log.take(), ["BEGIN 1", "ABANDON 1"]);
}

/// For example a time limit around a nested dispatch: its savepoint is still open.
#[tokio::test]
async fn a_nested_dispatch_that_is_abandoned_is_undone_and_the_rest_still_commits() {
    let world = World::new();
    let forever = Arc::new(Notify::new());
    let event = call("event", move |_: &Event, _cx| {
        let forever = Arc::clone(&forever);
        Box::pin(async move {
            forever.notified().await;
            Ok(())
        })
    });
    let command = call("command", |_: &Command, cx| {
        Box::pin(async move {
            assert!(cx.dispatch_on(EVENTS, Event::from("e")).now_or_never().is_none());
            Ok(())
        })
    });
    let builder = world
        .transactional(|bus| bus.handler::<Command>(command), |bus| bus.handler::<Event>(event))
        .bus(COMMANDS, |bus| {
            let bus_name = call("name", |_: &Command, cx| {
                let bus = cx.bus();
                Box::pin(async move {
                    assert_eq!(bus, COMMANDS);
                    Ok(())
                })
            });
            bus.handler::<Command>(bus_name)
        });

    built(builder).dispatch_on(COMMANDS, Command::from("c")).await.expect("the command succeeds");

    assert_eq!(world.log.take(), ["BEGIN 1", "BEGIN 2", "ROLLBACK 2", "COMMIT 1"]);
}

#[tokio::test]
async fn after_a_panic_in_a_nested_middleware_the_next_handler_is_on_its_own_bus() {
    let world = World::new();
    let command = call("command", |_: &Command, cx| {
        Box::pin(async move {
            cx.dispatch_on(EVENTS, Event::from("e")).await?;
            Ok(())
        })
    });
    let second = call("second", |_: &Command, cx| {
        let bus = cx.bus();
        Box::pin(async move { Ok(bus.as_str().to_owned()) })
    });
    let builder = world
        .one_bus(|bus| bus.handler::<Command>(command).handler::<Command>(second))
        .bus(EVENTS, |bus| bus.middleware(Panics));

    let error =
        built(builder).dispatch_on(COMMANDS, Command::from("c")).await.expect_err("a panic");

    let envelope = error.envelope().expect("the envelope");
    let bus = envelope.last::<HandledStamp>().expect("the second ran").result.to_json();
    assert_eq!(bus, "command.bus");
}
