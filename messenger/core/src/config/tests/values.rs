//! What a correct file becomes, defaults included.

use std::time::Duration;

use crate::{
    Interface,
    config::{
        DEFAULT_BUS, FailureTransport, Located, MessengerConfig, RateLimitConfig, RetryConfig,
        RouteKey, Signal, TransportConfig,
    },
    dsn::Dsn,
};

const CONTRACT: &str = r#"
default_bus = "command.bus"
failure_transport = "failed"
stop_worker_on_signals = ["SIGTERM", 2]

[buses."command.bus"]
middleware = ["audit", "transaction"]
[buses."event.bus"]
middleware = ["audit", "transaction"]
allow_no_handlers = true
[buses."query.bus"]

[transports]
failed = "doctrine://default?queue_name=failed"
async = "doctrine://default"

[transports.async_priority_high]
dsn = "amqp://guest:hunter2@localhost/%2f"
options = { queue_name = "high", ratio = 0.5, auto_setup = false, exchange = { name = "x" } }
retry_strategy = { max_retries = 5, delay = 500, multiplier = 2, max_delay = 9000, jitter = 0.1 }
failure_transport = "none"
rate_limiter = { limit = 10, interval = 60 }
serializer = "mine"

[routing]
AddFrameToImage = "async_priority_high"
SendEmailMessage = ["async", "failed"]
'App\Message\*' = { senders = ["async"] }
"*" = "async"

[retry_strategy]
SendEmailMessage = { max_retries = 10, max_delay = 300000 }
AsyncMessage = { delay = 1 }
'App\Message\*' = { max_retries = 0 }

[failure]
discard = ["LogEmoji"]
"#;

fn contract() -> MessengerConfig {
    MessengerConfig::parse(CONTRACT).unwrap()
}

#[test]
fn the_example_of_the_contract_is_read_in_order() {
    let config = contract();
    let buses = config.buses.iter().map(|bus| bus.name.as_str()).collect::<Vec<_>>();
    assert_eq!(buses, ["command.bus", "event.bus", "query.bus"]);
    assert!(config.buses[1].allow_no_handlers && !config.buses[0].allow_no_handlers);
    let transports = config.transports.iter().map(|one| one.name.as_str()).collect::<Vec<_>>();
    assert_eq!(transports, ["failed", "async", "async_priority_high"]);
    let signals = config.stop_worker_on_signals.iter().map(|one| one.value).collect::<Vec<_>>();
    assert_eq!(signals, [Signal::Terminate, Signal::Interrupt]);
    assert_eq!(config.failure.discard[0].as_str(), "LogEmoji");
    assert_eq!(
        config.failure.discard[0].origin.to_string(),
        "messenger.toml:37: failure.discard[0]"
    );
}

#[test]
fn an_expanded_transport_has_all_it_says() {
    let config = contract();
    let high = &config.transports[2];
    assert_eq!(high.failure_transport, FailureTransport::None);
    assert_eq!(config.failure_transport_of(high), None);
    assert_eq!(config.failure_transport_of(&config.transports[1]).unwrap().as_str(), "failed");
    let minute = Duration::from_secs(60);
    assert_eq!(high.rate_limiter, Some(RateLimitConfig { limit: 10, interval: minute }));
    assert_eq!(high.retry_strategy.max_retries, 5);
    assert_eq!(high.retry_strategy.max_delay, Duration::from_secs(9));
    let options = high.options.iter().map(ToString::to_string).collect::<Vec<_>>();
    let expected = [
        "queue_name = \"high\"",
        "ratio = 0.5",
        "auto_setup = false",
        "\"exchange[name]\" = \"x\"",
    ];
    assert_eq!(options, expected);
}

#[test]
fn routes_know_their_kind() {
    let keys = contract().routing.into_iter().map(|route| route.key.value).collect::<Vec<_>>();
    assert_eq!(keys[0], RouteKey::Name("AddFrameToImage".to_owned()));
    assert_eq!(keys[2], RouteKey::Namespace("App\\Message\\".to_owned()));
    assert_eq!((&keys[3], keys[2].to_string()), (&RouteKey::Any, "App\\Message\\*".to_owned()));
}

#[test]
fn a_message_may_have_a_retry_strategy_of_its_own() {
    let config = contract();
    let transport = &config.transports[1];
    let groups = [Interface("AsyncMessage")];
    let retries = |name: &str, groups: &[Interface]| {
        let strategy = config.retry_strategy_of(transport, name, groups);
        (strategy.max_retries, strategy.delay.as_millis())
    };
    assert_eq!(retries(r"App\Mailer\SendEmailMessage", &groups), (10, 1000));
    assert_eq!(retries(r"App\Message\Other", &groups), (3, 1));
    assert_eq!(retries(r"App\Message\Other", &[]), (0, 1000));
    assert_eq!(retries(r"App\Mailer\Other", &[]), (3, 1000));
    assert_eq!(config.retry_strategy[0].strategy.max_delay, Duration::from_secs(300));
}

#[test]
fn without_configuration_there_is_one_bus() {
    let config = MessengerConfig::parse("").unwrap();
    assert_eq!(config, MessengerConfig::default());
    assert_eq!(config.default_bus_name(), Some(DEFAULT_BUS));
}

#[test]
fn a_transport_has_symfonys_retry_defaults() {
    let config = MessengerConfig::parse("transports.async = 'sync://'").unwrap();
    assert_eq!(config.transports[0].retry_strategy, RetryConfig::default());
    let shown = "retry_strategy = { max_retries = 3, delay = 1000, multiplier = 2, \
                 max_delay = 0, jitter = 0.1 }";
    assert!(config.to_toml().contains(shown));
}

#[test]
fn a_configuration_made_in_code_equals_the_same_one_read() {
    let mut config = MessengerConfig::default();
    config.transports.push(TransportConfig::new("async", Dsn::parse("sync://").unwrap()));
    assert_eq!(config, MessengerConfig::parse("transports.async = 'sync://'").unwrap());
}

#[test]
fn symfonys_table_of_default_middleware_is_read() {
    let text = "buses.b.default_middleware = { enabled = false, allow_no_handlers = true }";
    let bus = MessengerConfig::parse(text).unwrap().buses.remove(0);
    assert!(!bus.default_middleware && bus.allow_no_handlers && bus.allow_no_senders);
}

#[test]
fn the_effective_configuration_masks_secrets_and_reads_back_the_same() {
    let config = contract();
    let shown = config.to_toml();
    assert!(!shown.contains("hunter2"));
    assert!(shown.contains("dsn = \"amqp://guest:***@localhost/%2f\""));
    let mut again = MessengerConfig::parse(&shown).unwrap();
    again.transports[2].dsn = config.transports[2].dsn.clone();
    assert_eq!(again, config);
}

#[test]
fn a_value_made_in_code_has_no_origin() {
    assert_eq!(Located::<String>::from("x").origin.to_string(), "");
}
