//! The order of a bus's middleware is one, whether code or a file lists it.

use messenger::TransactionMiddleware;
use messenger::config::MessengerConfig;

use crate::support::{Builder, COMMANDS, Command, Tap, World, built, records, refused};

fn configured(builder: Builder, text: &str) -> Builder {
    builder.configured_by(&MessengerConfig::parse(text).expect("the text is right"))
}

#[tokio::test]
async fn a_step_that_is_listed_twice_runs_once_at_its_first_place() {
    let in_code = |world: &World| {
        world.one_bus(|bus| {
            bus.handler::<Command>(records("H", &world.log))
                .middleware(Tap::new("own", &world.log))
                .middleware(Tap::new("other", &world.log))
                .middleware(Tap::new("own", &world.log))
        })
    };
    let in_a_file = |world: &World| {
        let builder = world
            .one_bus(|bus| bus.handler::<Command>(records("H", &world.log)))
            .middleware(Tap::new("own", &world.log))
            .middleware(Tap::new("other", &world.log));
        configured(builder, r#"buses."command.bus".middleware = ["own", "other", "own"]"#)
    };
    let makers: [&dyn Fn(&World) -> Builder; 2] = [&in_code, &in_a_file];
    for make in makers {
        let world = World::new();
        built(make(&world)).dispatch_on(COMMANDS, Command::from("c")).await.expect("handled");

        assert_eq!(world.log.take(), ["own", "other", "H c", "/other", "/own"]);
    }
}

#[test]
fn symfonys_name_means_the_transaction() {
    let world = World::new();
    let builder = world.one_bus(|bus| bus).middleware(TransactionMiddleware::default());
    let text = r#"buses."command.bus".middleware = ["doctrine_transaction", "transaction"]"#;

    let messenger = built(configured(builder, text));

    let chain = messenger.middleware(&COMMANDS).expect("the bus is there");
    assert_eq!(chain.iter().filter(|name| **name == "transaction").count(), 1, "{chain:?}");
}

#[test]
fn s2_18_symfonys_name_does_not_get_round_the_order() {
    let world = World::new();
    let chain =
        ["doctrine_transaction", "dispatch_after_current_bus", "send_message", "handle_message"];
    let problem = refused(
        world.one_bus(|bus| bus.middleware(TransactionMiddleware::default()).whole_chain(&chain)),
    );

    assert!(problem.contains("must come before"), "{problem}");
}

#[test]
fn what_is_wrong_with_a_chain_in_a_file_is_said_with_its_line() {
    let world = World::new();
    for (text, expected) in [
        (
            "[buses.'command.bus']\nmiddleware=['transaction',\n'dispatch_after_current_bus']",
            "messenger.toml:3: buses.\"command.bus\".middleware[1]: \
             \"dispatch_after_current_bus\" must come before \"transaction\": what it holds back \
             would be dispatched inside the transaction",
        ),
        (
            "[buses.'command.bus']\ndefault_middleware=false\nmiddleware=['handle_message']",
            "messenger.toml:1: buses.\"command.bus\": \"dispatch_after_current_bus\" is missing \
             in its middleware; it must be on every bus",
        ),
        (
            "[buses.'command.bus']\nmiddleware=['handle_message']",
            "messenger.toml:2: buses.\"command.bus\".middleware[0]: \"handle_message\" is added \
             by default; remove it here, or set default_middleware = false and list all of: \
             add_bus_name_stamp_middleware, reject_redelivered_message_middleware, \
             dispatch_after_current_bus, failed_message_processing_middleware, send_message, \
             handle_message",
        ),
        (
            "[buses.'command.bus']\nmiddleware=['transactoin']",
            "messenger.toml:2: buses.\"command.bus\".middleware[0]: unknown middleware \
             \"transactoin\"; known middlewares: add_bus_name_stamp_middleware, \
             dispatch_after_current_bus, failed_message_processing_middleware, handle_message, \
             reject_redelivered_message_middleware, send_message, transaction (did you mean \
             \"transaction\"?)",
        ),
    ] {
        let builder = world.one_bus(|bus| bus).middleware(TransactionMiddleware::default());

        assert_eq!(refused(configured(builder, text)), expected);
    }
}
