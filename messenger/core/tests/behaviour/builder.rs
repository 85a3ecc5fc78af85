//! What cannot work is refused when the messenger is built, all of it at once.

use messenger::retry::MultiplierRetryStrategy;
use messenger::{DispatchError, Interface, TransactionMiddleware};

use crate::support::{
    COMMANDS, Command, EVENTS, Imitation, Probe, Tap, Welcome, World, built, records, refused,
};

const ORDER: [&str; 8] = [
    "add_bus_name_stamp_middleware",
    "reject_redelivered_message_middleware",
    "dispatch_after_current_bus",
    "failed_message_processing_middleware",
    "transaction",
    "own",
    "send_message",
    "handle_message",
];

#[test]
fn s2_17_the_default_steps_stand_around_the_applications_own() {
    let world = World::new();
    let messenger = built(world.one_bus(|bus| {
        bus.middleware(TransactionMiddleware::default()).middleware(Tap::new("own", &world.log))
    }));

    assert_eq!(messenger.middleware(&COMMANDS).expect("the bus is there"), ORDER);
}

#[test]
fn s2_18_holding_messages_back_inside_the_transaction_is_refused() {
    let world = World::new();
    let chain = ["transaction", "dispatch_after_current_bus", "send_message", "handle_message"];
    let problem = refused(
        world.one_bus(|bus| bus.middleware(TransactionMiddleware::default()).whole_chain(&chain)),
    );

    assert!(problem.contains("command.bus"), "{problem}");
    assert!(problem.contains(r#""dispatch_after_current_bus" must come before"#), "{problem}");
}

#[test]
fn s2_18_the_right_order_by_hand_is_accepted() {
    let world = World::new();
    let messenger = built(world.one_bus(|bus| {
        let own = Tap::new("own", &world.log);
        bus.middleware(TransactionMiddleware::default()).middleware(own).whole_chain(&ORDER)
    }));

    assert_eq!(messenger.middleware(&COMMANDS).expect("the bus is there"), ORDER);
}

#[test]
fn s2_19_a_bus_that_cannot_hold_messages_back_is_refused() {
    let world = World::new();
    let builder = world
        .one_bus(|bus| bus)
        .bus(EVENTS, |bus| bus.whole_chain(&["send_message", "handle_message"]));

    let problem = refused(builder);

    assert!(problem.contains("event.bus") && !problem.contains("command.bus"), "{problem}");
    assert!(problem.contains(r#""dispatch_after_current_bus" is missing"#), "{problem}");
}

#[test]
fn an_unknown_middleware_is_refused_with_the_known_ones() {
    let world = World::new();
    let builder = world
        .one_bus(|bus| bus.whole_chain(&["dispatch_after_current_bus", "validate"]))
        .middleware(Tap::new("validation", &world.log));

    let problem = refused(builder);

    assert!(problem.contains(r#"unknown middleware "validate""#), "{problem}");
    assert!(problem.contains("validation") && problem.contains("handle_message"), "{problem}");
}

#[tokio::test]
async fn a_shared_middleware_can_be_put_on_every_bus_by_name() {
    let world = World::new();
    let chain = ["dispatch_after_current_bus", "shared", "handle_message"];
    let builder = world
        .one_bus(|bus| bus.handler::<Command>(records("H", &world.log)).whole_chain(&chain))
        .middleware(Tap::new("shared", &world.log));

    built(builder).dispatch_on(COMMANDS, Command::from("c")).await.expect("handled");

    assert_eq!(world.log.take(), ["shared", "H c", "/shared"]);
}

#[test]
fn s0_16_unknown_transports_are_refused_wherever_they_are_named() {
    let world = World::new();
    let builder = world
        .one_bus(|bus| bus)
        .transport("async", Probe::outside("async", &world))
        .route::<Command>(&["async", "nowhere"])
        .on_failure("async", MultiplierRetryStrategy::default(), Some("lost"))
        .on_failure("missing", MultiplierRetryStrategy::default(), None);

    let error = builder.build().expect_err("it cannot work");

    assert_eq!(error.problems.len(), 3, "{error}");
    for name in ["nowhere", "lost", "missing"] {
        assert!(error.problems.iter().any(|problem| problem.contains(name)), "{error}");
    }
    assert!(error.to_string().contains("known transports: async"), "{error}");
}

#[test]
fn two_messages_of_one_name_are_refused() {
    let world = World::new();
    let builder = world
        .one_bus(|bus| bus.handler::<Command>(records("H", &world.log)))
        .message::<Command>()
        .message::<Imitation>();

    let problem = refused(builder);

    assert!(problem.contains("share the name"), "{problem}");
}

#[test]
fn a_query_may_not_be_routed_in_any_way() {
    let world = || World::new();
    let queries = |world: &World| {
        world
            .one_bus(|bus| bus.handler::<Welcome>(records("H", &world.log)).never_routed())
            .transport("async", Probe::outside("async", world))
    };
    let world = world();

    let by_type = refused(queries(&world).route::<Welcome>(&["async"]));
    let by_group = refused(queries(&world).route_interface(Interface("AsyncMessage"), &["async"]));
    let by_namespace = refused(queries(&world).route_wildcard(r"App\*", &["async"]));

    for problem in [by_type, by_group, by_namespace] {
        assert!(problem.contains(r"App\\Message\\Sms\\Welcome"), "{problem}");
        assert!(problem.contains("query"), "{problem}");
    }
}

#[test]
fn at_least_one_bus_is_needed_and_the_default_one_must_exist() {
    assert!(refused(World::new().builder()).contains("there is no bus"));
    let unknown = World::new().one_bus(|bus| bus).default_bus("query.bus");
    assert!(refused(unknown).contains("query.bus"));
}

#[test]
fn the_first_bus_is_the_default_one_unless_another_is_named() {
    let two = || World::new().one_bus(|bus| bus).bus(EVENTS, |bus| bus);

    assert_eq!(built(two()).default_bus(), COMMANDS);
    assert_eq!(built(two().default_bus(EVENTS)).default_bus(), EVENTS);
    assert_eq!(built(two()).buses().collect::<Vec<_>>(), [&COMMANDS, &EVENTS]);
}

#[tokio::test]
async fn an_unknown_bus_is_an_error_that_names_the_known_ones() {
    let messenger = built(World::new().one_bus(|bus| bus).bus(EVENTS, |bus| bus));

    let error = messenger.dispatch_on("query.bus", Command::from("c")).await.expect_err("unknown");

    assert!(matches!(error, DispatchError::UnknownBus { .. }));
    let text = error.to_string();
    assert!(text.contains("query.bus") && text.contains("command.bus, event.bus"), "{text}");
}

#[test]
fn messages_to_discard_are_known_by_name() {
    let messenger = built(World::new().one_bus(|bus| bus).discard::<Command>());

    assert!(messenger.is_discarded(r"App\Message\Command"));
    assert!(!messenger.is_discarded(r"App\Message\Report"));
}
