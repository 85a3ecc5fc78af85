//! Messages that waited for a root which succeeded, and then failed themselves.

use messenger::stamp::{BusNameStamp, DispatchAfterCurrentBusStamp as After};
use messenger::{DispatchError, Envelope, Message, Middleware, Next, async_trait};

use crate::after_current_bus::{dispatches_held, two_buses};
use crate::support::{
    COMMANDS, Command, Cx, EVENTS, Event, FakeScope, Other, World, built, call, fails, handled_by,
    records,
};

#[tokio::test]
async fn s2_16_the_error_holds_every_failure_the_root_and_lets_later_messages_run() {
    let world = World::new();
    let command = call("command", |_: &Command, cx| {
        Box::pin(async move {
            cx.dispatch_on(EVENTS, Event::from("1").with(After)).await?;
            cx.dispatch_on(EVENTS, Event::from("2").with(After)).await?;
            cx.dispatch_on(EVENTS, Other::from("3").with(After)).await?;
            Ok(7)
        })
    });
    let builder = two_buses(&world, command, fails("event", &world.log))
        .bus(EVENTS, |bus| bus.handler::<Other>(records("other", &world.log)));

    let error =
        built(builder).dispatch_on(COMMANDS, Command::from("a")).await.expect_err("two fail");

    assert_eq!(world.log.take(), ["event 1", "event 2", "other 3"]);
    let DispatchError::Delayed(delayed) = &error else { panic!("{error}") };
    let failed = delayed
        .failures
        .iter()
        .map(|failure| failure.envelope.message::<Event>().expect("an event").text.clone());
    assert_eq!(failed.collect::<Vec<_>>(), ["1", "2"]);
    assert_eq!(error.to_string().matches("event broke").count(), 2, "{error}");
    assert_eq!(handled_by(&delayed.root), ["command"]);
    assert_eq!(handled_by(error.envelope().expect("the root")), ["command"]);
}

#[tokio::test]
async fn a_failure_of_a_held_back_message_keeps_the_handlers_that_did_succeed() {
    let world = World::new();
    let builder = two_buses(&world, dispatches_held(&world, false), fails("bad", &world.log))
        .bus(EVENTS, |bus| bus.handler::<Event>(records("good", &world.log)));

    let error =
        built(builder).dispatch_on(COMMANDS, Command::from("a")).await.expect_err("one fails");

    let DispatchError::Delayed(delayed) = error else { panic!("{error}") };
    assert_eq!(handled_by(&delayed.failures[0].envelope), ["good"]);
}

/// The core of FI-3: a root that is retried after this still knows its bus.
#[tokio::test]
async fn fi_3_the_stamps_of_the_root_survive_a_failing_held_back_message() {
    let world = World::new();
    let log = world.log.clone();
    let root = call("root", |_: &Command, cx| {
        Box::pin(async move {
            cx.dispatch_on("some.bus", Event::from("s").with(After)).await?;
            Ok(())
        })
    });
    let builder = world
        .builder()
        .bus("some.bus", |bus| bus.handler::<Command>(root).handler::<Event>(fails("S", &log)));

    let result = built(builder).dispatch_on("some.bus", Command::from("d")).await;

    assert_eq!(log.take(), ["S s"]);
    let Err(DispatchError::Delayed(delayed)) = result else { panic!("{result:?}") };
    let bus = delayed.root.last::<BusNameStamp>().expect("the bus was noted");
    assert_eq!(&*bus.bus_name, "some.bus");
}

/// A middleware that reports every message to another bus, and passes the error on.
struct Reports;

#[async_trait]
impl Middleware<FakeScope> for Reports {
    async fn handle(
        &self,
        envelope: Envelope,
        cx: &mut Cx,
        next: Next<FakeScope>,
    ) -> Result<Envelope, DispatchError> {
        cx.dispatch_on("reports", Other::from("report")).await?;
        next.run(envelope, cx).await
    }
}

/// Otherwise a worker would retry the report and drop the message.
#[tokio::test]
async fn a_failure_is_that_of_the_message_that_waited_not_of_one_that_a_middleware_dispatched() {
    let world = World::new();
    let builder = world
        .one_bus(|bus| bus.handler::<Command>(dispatches_held(&world, false)))
        .bus(EVENTS, |bus| bus.middleware(Reports).handler::<Event>(records("event", &world.log)))
        .bus("reports", |bus| bus.handler::<Other>(fails("reports", &world.log)));

    let error =
        built(builder).dispatch_on(COMMANDS, Command::from("a")).await.expect_err("it fails");

    let DispatchError::Delayed(delayed) = error else { panic!("{error}") };
    assert_eq!(delayed.failures[0].envelope.message(), Some(&Event::from("a")));
}
