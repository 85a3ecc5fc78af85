//! How a message is handled: by all its handlers, whatever the others do.

use messenger::stamp::{HandledStamp, ReceivedStamp};
use messenger::{DispatchError, HandlerOptions, Message};
use serde_json::Value;

use crate::support::{
    Bus, COMMANDS, Command, Event, World, built, call, fails, handled_by, handler_failures,
    records, records_only,
};

const CHAIN: [&str; 3] = ["dispatch_after_current_bus", "handle_message", "next"];

/// A bus whose handlers are followed by a step that writes `next`.
fn followed(world: &World, bus: Bus) -> Bus {
    bus.middleware(records_only("next", &world.log)).whole_chain(&CHAIN)
}

#[tokio::test]
async fn m1_the_handler_is_called_once_with_the_message_and_the_chain_goes_on() {
    let world = World::new();
    let builder =
        world.one_bus(|bus| followed(&world, bus.handler::<Command>(records("H", &world.log))));

    built(builder).dispatch_on(COMMANDS, Command::from("c")).await.expect("handled");

    assert_eq!(world.log.take(), ["H c", "next"]);
}

#[tokio::test]
async fn m2_a_failing_handler_stops_the_chain_and_its_error_is_kept_under_its_name() {
    let world = World::new();
    let builder =
        world.one_bus(|bus| followed(&world, bus.handler::<Command>(fails("H", &world.log))));

    let error = built(builder).dispatch_on(COMMANDS, Command::from("c")).await.expect_err("fails");

    assert_eq!(handler_failures(&error), ["H: H broke"]);
    assert_eq!(error.to_string(), r#"Handling "App\Message\Command" failed: H broke"#);
    assert_eq!(world.log.take(), ["H c"]);
}

#[tokio::test]
async fn m3_the_result_is_kept_typed_and_as_json() {
    let world = World::new();
    let answer =
        call("H", |_: &Command, _cx| Box::pin(async { Ok(("first result".to_owned(), 1.0)) }));
    let messenger = built(world.one_bus(|bus| bus.handler::<Command>(answer)));

    let envelope = messenger.dispatch_on(COMMANDS, Command::from("c")).await.expect("handled");

    let stamp = envelope.last::<HandledStamp>().expect("handled");
    assert_eq!(stamp.result.to_json(), serde_json::json!(["first result", 1.0]));
    assert_eq!(stamp.result.get(), Some(&("first result".to_owned(), 1.0)));
    assert_eq!(stamp.result.get::<String>(), None);
    assert_eq!(&*stamp.handler_name, "H");
}

#[tokio::test]
async fn m4_two_handlers_of_one_name_are_told_apart_by_their_alias() {
    let world = World::new();
    let first = call("H", |_: &Command, _cx| Box::pin(async { Ok("first result".to_owned()) }));
    let second = call("H", |_: &Command, _cx| Box::pin(async { Ok(()) }));
    let builder = world.one_bus(|bus| {
        bus.handler_with::<Command>(first, HandlerOptions::default().alias("first"))
            .handler_with::<Command>(second, HandlerOptions::default().alias("second"))
    });

    let envelope = built(builder).dispatch_on(COMMANDS, Command::from("c")).await.expect("handled");

    assert_eq!(handled_by(&envelope), ["H@first", "H@second"]);
    let results: Vec<_> = envelope.all::<HandledStamp>().map(|s| s.result.to_json()).collect();
    assert_eq!(results, [Value::from("first result"), Value::Null]);
}

#[tokio::test]
async fn m5_all_handlers_are_tried_and_the_error_knows_those_that_succeeded() {
    let world = World::new();
    let builder = world.one_bus(|bus| {
        let bus = bus
            .handler::<Command>(records("first", &world.log))
            .handler::<Command>(fails("bad", &world.log))
            .handler::<Command>(fails("worse", &world.log))
            .handler::<Command>(records("second", &world.log));
        followed(&world, bus)
    });

    let error = built(builder).dispatch_on(COMMANDS, Command::from("c")).await.expect_err("fails");

    assert_eq!(world.log.take(), ["first c", "bad c", "worse c", "second c"]);
    assert_eq!(handled_by(error.envelope().expect("the envelope")), ["first", "second"]);
    assert_eq!(handler_failures(&error), ["bad: bad broke", "worse: worse broke"]);
    assert!(error.to_string().contains("2 handlers failed. First failure is: bad broke"));
    assert_eq!(error.detail(), "bad broke");
}

#[tokio::test]
async fn m6_the_same_handler_twice_is_called_once() {
    let world = World::new();
    let builder = world.one_bus(|bus| {
        bus.handler::<Command>(records("H", &world.log))
            .handler::<Command>(records("H", &world.log))
    });

    let envelope = built(builder).dispatch_on(COMMANDS, Command::from("c")).await.expect("handled");

    assert_eq!(world.log.take(), ["H c"]);
    assert_eq!(handled_by(&envelope), ["H"]);
}

#[tokio::test]
async fn m7_a_message_without_handler_is_an_error_that_names_it() {
    let world = World::new();
    let messenger = built(world.one_bus(|bus| followed(&world, bus)));

    let error = messenger.dispatch_on(COMMANDS, Command::from("c")).await.expect_err("nobody");

    assert!(matches!(error, DispatchError::NoHandler { .. }));
    assert!(error.to_string().contains(r#"No handler for message "App\Message\Command""#));
    assert!(world.log.take().is_empty());
}

#[tokio::test]
async fn m8_an_envelope_that_was_handled_is_not_handled_again() {
    let world = World::new();
    let builder =
        world.one_bus(|bus| followed(&world, bus.handler::<Command>(records("H", &world.log))));
    let messenger = built(builder);

    let envelope = messenger.dispatch_on(COMMANDS, Command::from("c")).await.expect("handled");
    let envelope = messenger.dispatch_on(COMMANDS, envelope).await.expect("it passes");

    assert_eq!(world.log.take(), ["H c", "next", "next"]);
    assert_eq!(handled_by(&envelope), ["H"]);
}

#[tokio::test]
async fn m8_only_the_handlers_that_failed_run_again() {
    let world = World::new();
    let builder = world.one_bus(|bus| {
        bus.handler::<Command>(records("good", &world.log))
            .handler::<Command>(fails("bad", &world.log))
    });
    let messenger = built(builder);

    let error = messenger.dispatch_on(COMMANDS, Command::from("c")).await.expect_err("fails");
    let envelope = error.envelope().expect("the envelope").clone();
    messenger.dispatch_on(COMMANDS, envelope).await.expect_err("it fails again");

    assert_eq!(world.log.take(), ["good c", "bad c", "bad c"]);
}

#[tokio::test]
async fn m9_where_it_is_allowed_a_message_without_handler_is_a_success() {
    let world = World::new();
    let builder = world.one_bus(|bus| followed(&world, bus.allow_no_handlers()));

    let envelope = built(builder).dispatch_on(COMMANDS, Event::from("e")).await.expect("allowed");

    assert!(!envelope.has::<HandledStamp>());
    assert_eq!(world.log.take(), ["next"]);
}

#[tokio::test]
async fn no_handler_covers_those_that_are_meant_for_another_transport() {
    let world = World::new();
    let only = HandlerOptions::default().from_transport("b");
    let builder = world.one_bus(|bus| bus.handler_with::<Command>(records("H", &world.log), only));

    let received = Command::from("c").with(ReceivedStamp { transport_name: "a".into() });
    let error = built(builder).dispatch_on(COMMANDS, received).await.expect_err("nobody");

    assert!(matches!(error, DispatchError::NoHandler { .. }), "{error}");
}

#[tokio::test]
async fn a_panic_is_a_failure_and_the_other_handlers_run() {
    let world = World::new();
    let panics = call("panics", |command: &Command, _cx| {
        let text = command.text.clone();
        Box::pin(async move { if text == "c" { panic!("boom") } else { Ok(()) } })
    });
    let builder = world.one_bus(|bus| {
        bus.handler::<Command>(panics).handler::<Command>(records("other", &world.log))
    });

    let error =
        built(builder).dispatch_on(COMMANDS, Command::from("c")).await.expect_err("a panic");

    assert_eq!(handler_failures(&error), ["panics: the handler panicked: boom"]);
    assert_eq!(handled_by(error.envelope().expect("the envelope")), ["other"]);
    assert_eq!(world.log.take(), ["other c"]);
}
