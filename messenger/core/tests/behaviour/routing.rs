//! Which transports a message is sent to.

use messenger::stamp::TransportNamesStamp;
use messenger::{Envelope, Interface, Message};

use crate::support::{
    Builder, COMMANDS, Command, Foreign, Global, Probe, Report, Welcome, World, built, sent_to,
};

const TRANSPORTS: [&str; 5] = ["first", "second", "third", "fourth", "other"];

/// Where a message goes with these routes; also checks that it really is sent there.
async fn routed(
    routes: impl FnOnce(Builder) -> Builder,
    envelope: impl Into<Envelope>,
) -> Vec<String> {
    let world = World::new();
    let builder = TRANSPORTS
        .into_iter()
        .fold(world.one_bus(crate::support::Bus::allow_no_handlers), |builder, name| {
            builder.transport(name, Probe::outside(name, &world))
        });
    let messenger = built(routes(builder));
    let envelope = envelope.into();
    let names: Vec<_> = messenger.route(&envelope).iter().map(ToString::to_string).collect();
    let envelope = messenger.dispatch_on(COMMANDS, envelope).await.expect("sent");
    assert_eq!(sent_to(&envelope), names);
    names
}

#[tokio::test]
async fn l1_a_message_goes_where_its_type_is_routed_and_others_nowhere() {
    let routes = |builder: Builder| builder.route::<Command>(&["first"]);

    assert_eq!(routed(routes, Command::from("c")).await, ["first"]);
    assert!(routed(routes, Report::from("r")).await.is_empty());
}

#[tokio::test]
async fn l2_the_transports_named_by_a_stamp_replace_the_routing() {
    let routes = |builder: Builder| builder.route::<Command>(&["first"]);

    let stamped = Command::from("c").with(TransportNamesStamp::new(["other"]));
    assert_eq!(routed(routes, stamped).await, ["other"]);
    let unrouted = Report::from("r").with(TransportNamesStamp::new(["other"]));
    assert_eq!(routed(routes, unrouted).await, ["other"]);
    let twice = Command::from("c")
        .with(TransportNamesStamp::new(["first"]))
        .with(TransportNamesStamp::new(["other", "second", "other"]));
    assert_eq!(routed(routes, twice).await, ["other", "second", "other"]);
    let nowhere = Command::from("c").with(TransportNamesStamp::new::<String>([]));
    assert!(routed(routes, nowhere).await.is_empty());
}

#[tokio::test]
async fn l8_the_wildcard_is_a_fallback() {
    let routes = |builder: Builder| {
        builder.route_wildcard("*", &["second", "third"]).route::<Command>(&["first"])
    };

    assert_eq!(routed(routes, Command::from("c")).await, ["first"]);
    assert_eq!(routed(routes, Report::from("r")).await, ["second", "third"]);
}

#[tokio::test]
async fn s0_17_a_group_is_routed_by_its_name() {
    let routes = |builder: Builder| builder.route_interface(Interface("AsyncMessage"), &["first"]);

    assert_eq!(routed(routes, Welcome::from("w")).await, ["first"]);
    assert!(routed(routes, Report::from("r")).await.is_empty());
}

#[tokio::test]
async fn s0_18_type_and_groups_add_up_and_each_transport_counts_once() {
    let routes = |builder: Builder| {
        builder
            .route_interface(Interface("Audited"), &["second", "first", "third"])
            .route::<Welcome>(&["first", "second"])
    };

    assert_eq!(routed(routes, Welcome::from("w")).await, ["first", "second", "third"]);
}

/// Symfony's order: that of the type list, not that of the configuration.
#[tokio::test]
async fn s0_18_groups_count_in_the_order_in_which_the_message_names_them() {
    let routes = |builder: Builder| {
        builder
            .route_interface(Interface("Audited"), &["second"])
            .route_interface(Interface("AsyncMessage"), &["first"])
    };

    assert_eq!(routed(routes, Welcome::from("w")).await, ["first", "second"]);
}

#[tokio::test]
async fn s0_19_one_line_can_name_several_transports() {
    let routes = |builder: Builder| builder.route::<Command>(&["second", "first"]);

    assert_eq!(routed(routes, Command::from("c")).await, ["second", "first"]);
}

fn by_namespace(builder: Builder) -> Builder {
    builder
        .route_wildcard("*", &["fourth"])
        .route_wildcard(r"App\*", &["third"])
        .route_wildcard(r"App\Message\*", &["second"])
        .route_wildcard(r"App\Message\Sms\*", &["first"])
}

#[tokio::test]
async fn l8_a_more_specific_namespace_hides_the_less_specific_ones() {
    assert_eq!(routed(by_namespace, Welcome::from("w")).await, ["first"]);
    assert_eq!(routed(by_namespace, Command::from("c")).await, ["second"]);
    assert_eq!(routed(by_namespace, crate::support::Event::from("e")).await, ["third"]);
    assert_eq!(routed(by_namespace, Foreign::from("f")).await, ["fourth"]);
    assert_eq!(routed(by_namespace, Global::from("g")).await, ["fourth"]);
}

#[tokio::test]
async fn l8_a_type_or_a_group_hides_every_namespace() {
    let typed = |builder| by_namespace(builder).route::<Welcome>(&["other"]);
    assert_eq!(routed(typed, Welcome::from("w")).await, ["other"]);

    let grouped = |builder| by_namespace(builder).route_interface(Interface("Audited"), &["other"]);
    assert_eq!(routed(grouped, Welcome::from("w")).await, ["other"]);
    assert_eq!(routed(grouped, Command::from("c")).await, ["second"]);
}

#[test]
fn s0_16_the_route_of_a_name_can_be_asked_without_a_message() {
    let world = World::new();
    let builder = world
        .one_bus(|bus| bus)
        .transport("first", Probe::outside("first", &world))
        .message::<Command>()
        .route::<Command>(&["first"]);
    let messenger = built(builder);

    assert_eq!(messenger.route_of(Command::NAME, Command::INTERFACES).len(), 1);
    assert!(messenger.route_of(Report::NAME, Report::INTERFACES).is_empty());
}
