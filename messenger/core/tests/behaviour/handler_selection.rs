//! Which handlers a message has, and in which order they run.

use messenger::stamp::{ReceivedStamp, SentToFailureTransportStamp};
use messenger::{Envelope, HandlerOptions, Handles, Interface, Message};

use crate::support::{
    Bus, COMMANDS, Command, EVENTS, Foreign, Global, Group, Report, Welcome, World, built, records,
};

/// What the handlers of a bus write about a message.
async fn called(
    build: impl FnOnce(Bus, &World) -> Bus,
    envelope: impl Into<Envelope>,
) -> Vec<String> {
    let world = World::new();
    let messenger = built(world.one_bus(|bus| build(bus.allow_no_handlers(), &world)));
    messenger.dispatch_on(COMMANDS, envelope).await.expect("handled");
    world.log.take()
}

fn group(bus: Bus, handles: Handles, name: &'static str, world: &World) -> Bus {
    bus.group_handler(handles, Group::new(name, &world.log), HandlerOptions::default())
}

fn priority(priority: i32) -> HandlerOptions {
    HandlerOptions::default().priority(priority)
}

fn received_from(name: &str) -> ReceivedStamp {
    ReceivedStamp { transport_name: name.into() }
}

#[tokio::test]
async fn h1_a_message_has_the_handlers_of_its_type_and_no_others() {
    let build = |bus: Bus, world: &World| {
        bus.handler::<Command>(records("command", &world.log))
            .handler::<Report>(records("report", &world.log))
    };

    assert_eq!(called(build, Command::from("c")).await, ["command c"]);
    assert!(called(build, Foreign::from("f")).await.is_empty());
}

fn from_transports(bus: Bus, world: &World) -> Bus {
    let only = |name| HandlerOptions::default().from_transport(name);
    bus.handler::<Command>(records("one", &world.log))
        .handler_with::<Command>(records("two", &world.log), only("ignored"))
        .handler_with::<Command>(records("three", &world.log), only("transportName"))
}

#[tokio::test]
async fn h2_a_received_message_reaches_only_the_handlers_of_its_transport() {
    let received = Command::from("c").with(received_from("transportName"));
    assert_eq!(called(from_transports, received).await, ["one c", "three c"]);

    let last = received_from("transportName");
    let twice = Command::from("c").with(received_from("failed")).with(last);
    assert_eq!(called(from_transports, twice).await, ["one c", "three c"]);
}

#[tokio::test]
async fn h2_a_message_that_never_travelled_reaches_all_of_them() {
    assert_eq!(called(from_transports, Command::from("c")).await, ["one c", "two c", "three c"]);
}

#[tokio::test]
async fn h2_a_message_retried_from_the_failure_transport_reaches_the_handlers_of_its_first_one() {
    let original_receiver_name = "transportName".to_owned();
    let failed = Command::from("c")
        .with(SentToFailureTransportStamp { original_receiver_name })
        .with(received_from("failed"));

    assert_eq!(called(from_transports, failed).await, ["one c", "three c"]);
}

#[tokio::test]
async fn h3_all_namespaces_apply_and_the_most_specific_comes_first() {
    let build = |bus: Bus, world: &World| {
        let bus = group(bus, Handles::Any, "any", world);
        let bus = group(bus, Handles::Namespace(r"App\*"), "app", world);
        let bus = group(bus, Handles::Namespace(r"App\Message\Sms\*"), "sms", world);
        group(bus, Handles::Namespace(r"App\Message\*"), "message", world)
    };

    let welcome = called(build, Welcome::from("w")).await;
    assert_eq!(welcome, ["sms Welcome", "message Welcome", "app Welcome", "any Welcome"]);
    let command = called(build, Command::from("c")).await;
    assert_eq!(command, ["message Command", "app Command", "any Command"]);
    assert_eq!(called(build, Foreign::from("f")).await, ["any Foreign"]);
    assert_eq!(called(build, Global::from("g")).await, ["any Global"]);
}

#[tokio::test]
async fn handlers_of_the_type_come_before_those_of_a_group_whatever_their_priority() {
    let build = |bus: Bus, world: &World| {
        let audit = Group::new("audit", &world.log);
        let bus = group(bus, Handles::Any, "any", world);
        bus.group_handler(Handles::Interface(Interface("Audited")), audit, priority(100))
            .handler_with::<Welcome>(records("welcome", &world.log), priority(-100))
    };

    let welcome = called(build, Welcome::from("w")).await;
    assert_eq!(welcome, ["welcome w", "audit Welcome", "any Welcome"]);
}

/// The order of the type list: priorities count only within one group.
#[tokio::test]
async fn handlers_of_several_groups_run_in_the_order_in_which_the_message_names_its_groups() {
    let build = |bus: Bus, world: &World| {
        let (audited, waiting) =
            (Group::new("second", &world.log), Group::new("first", &world.log));
        bus.group_handler(Handles::Interface(Interface("Audited")), audited, priority(9))
            .group_handler(Handles::Interface(Interface("AsyncMessage")), waiting, priority(0))
    };

    assert_eq!(called(build, Welcome::from("w")).await, ["first Welcome", "second Welcome"]);
}

#[tokio::test]
async fn higher_priorities_run_first_and_ties_in_the_order_of_registration() {
    let build = |bus: Bus, world: &World| {
        let log = &world.log;
        bus.handler_with::<Command>(records("last", log), priority(i32::MIN))
            .handler::<Command>(records("tie 1", log))
            .handler_with::<Command>(records("low", log), priority(-5))
            .handler_with::<Command>(records("high", log), priority(5))
            .handler::<Command>(records("tie 2", log))
            .handler_with::<Command>(records("first", log), priority(i32::MAX))
    };

    let expected = ["first c", "high c", "tie 1 c", "tie 2 c", "low c", "last c"];
    assert_eq!(called(build, Command::from("c")).await, expected);
}

#[tokio::test]
async fn m6_a_name_that_applies_twice_is_called_once_at_its_most_specific_place() {
    let build = |bus: Bus, world: &World| {
        let bus = group(bus, Handles::Any, "H", world);
        group(bus, Handles::Interface(Interface("Audited")), "H", world)
            .handler::<Report>(records("report", &world.log))
    };

    assert_eq!(called(build, Report::from("r")).await, ["report r", "H Report"]);
    assert_eq!(called(build, Command::from("c")).await, ["H Command"]);
}

#[tokio::test]
async fn a_handler_belongs_to_its_bus_alone() {
    let world = World::new();
    let builder = world
        .one_bus(|bus| bus.handler::<Command>(records("commands", &world.log)))
        .bus(EVENTS, |bus| bus.handler::<Command>(records("events", &world.log)));

    built(builder).dispatch_on(EVENTS, Command::from("c")).await.expect("handled");

    assert_eq!(world.log.take(), ["events c"]);
}

#[tokio::test]
async fn the_handlers_of_a_bus_can_be_listed() {
    let world = World::new();
    let options = HandlerOptions::default().priority(3).from_transport("async").alias("a");
    let builder = world.one_bus(|bus| {
        let bus = group(bus, Handles::Namespace(r"App\*"), "app", &world);
        bus.handler_with::<Command>(records("H", &world.log), options)
    });

    let listed = built(builder).handlers(&COMMANDS).expect("the bus is there");

    let names: Vec<_> =
        listed.iter().map(|one| (one.handles.as_str(), one.name.as_str())).collect();
    assert_eq!(names, [(Command::NAME, "H@a"), (r"App\*", "app")]);
    assert_eq!(listed[0].priority, 3);
    assert_eq!(listed[0].from_transport.as_deref(), Some("async"));
}
