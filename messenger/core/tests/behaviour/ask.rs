//! Queries: exactly one answer of the asked type.

use messenger::{DispatchError, HandlerOptions, Messenger};

use crate::support::{Bus, COMMANDS, Command, FakeScope, Probe, World, built, call, fails};

fn answering(bus: Bus, alias: &'static str, answer: u32) -> Bus {
    let handler = call("H", move |_: &Command, _cx| Box::pin(async move { Ok(answer) }));
    bus.handler_with::<Command>(handler, HandlerOptions::default().alias(alias))
}

fn asked(build: impl FnOnce(Bus) -> Bus) -> Messenger<FakeScope> {
    built(World::new().one_bus(|bus| build(bus.allow_no_handlers())))
}

fn handlers(result: Result<u32, DispatchError>) -> usize {
    match result {
        Err(DispatchError::NoAnswer { handlers, .. }) => handlers,
        other => panic!("there should be no answer: {other:?}"),
    }
}

#[tokio::test]
async fn one_handler_gives_the_answer() {
    let messenger = asked(|bus| answering(bus, "one", 42));

    let answer: u32 = messenger.ask_on(COMMANDS, Command::from("c")).await.expect("answered");

    assert_eq!(answer, 42);
}

#[tokio::test]
async fn no_handler_and_two_handlers_give_none() {
    let nobody = asked(|bus| bus);
    assert_eq!(handlers(nobody.ask_on(COMMANDS, Command::from("c")).await), 0);

    let two = asked(|bus| answering(answering(bus, "one", 1), "two", 2));
    let result = two.ask_on(COMMANDS, Command::from("c")).await;
    assert_eq!(handlers(result), 2);
}

#[tokio::test]
async fn an_answer_of_another_type_is_none() {
    let messenger = asked(|bus| answering(bus, "one", 42));

    let result = messenger.ask_on::<String>(COMMANDS, Command::from("c")).await;

    let error = result.expect_err("it is a number");
    assert!(error.to_string().contains(r"App\Message\Command"), "{error}");
    assert!(matches!(error, DispatchError::NoAnswer { handlers: 1, .. }), "{error}");
}

#[tokio::test]
async fn a_handler_that_fails_gives_its_error() {
    let world = World::new();
    let messenger = asked(|bus| bus.handler::<Command>(fails("H", &world.log)));

    let result = messenger.ask_on::<u32>(COMMANDS, Command::from("c")).await;

    assert!(matches!(result, Err(DispatchError::HandlerFailed(_))), "{result:?}");
}

#[tokio::test]
async fn a_query_that_was_sent_away_has_no_answer() {
    let world = World::new();
    let builder = world
        .one_bus(|bus| answering(bus, "one", 42))
        .transport("queue", Probe::outside("queue", &world))
        .route::<Command>(&["queue"]);

    assert_eq!(handlers(built(builder).ask_on(COMMANDS, Command::from("c")).await), 0);
}
