//! Every wrong file is refused with file, line, key, value and what is allowed.

use crate::config::{MessengerConfig, Problem};

use super::problems;

/// Asserts that a text has exactly one problem, and which.
#[track_caller]
fn refused(text: &str, expected: &str) {
    assert_eq!(problems(text), [expected]);
}

#[test]
fn unknown_keys_are_refused_at_every_level() {
    refused(
        "[buses.b]\nmidleware=[]",
        "messenger.toml:2: buses.b.midleware: unknown key \"midleware\"; known keys: aliases, middleware, \
         default_middleware, allow_no_handlers, allow_no_senders (did you mean \"middleware\"?)",
    );
    refused(
        "[transports.a]\ndsn='sync://'\nretry_strategy={retries=1}",
        "messenger.toml:3: transports.a.retry_strategy.retries: unknown key \"retries\"; known \
         keys: max_retries, delay, multiplier, max_delay, jitter (did you mean \"max_retries\"?)",
    );
    assert_eq!(problems("routing.M={sender=[]}\nfailure.discart=[]\ntransports.a.x=1").len(), 5);
}

#[test]
fn s3_15_unknown_names_are_refused_with_the_known_ones() {
    let transports = "transports={async='sync://',failed='sync://'}\n";
    refused(
        &format!("{transports}failure_transport='faild'"),
        "messenger.toml:2: failure_transport: unknown transport \"faild\"; known transports: \
         async, failed (did you mean \"failed\"?)",
    );
    refused(
        &format!("{transports}[routing]\nM=['async','x']"),
        "messenger.toml:3: routing.M[1]: unknown transport \"x\"; known transports: async, failed",
    );
    refused(
        "[transports.a]\ndsn='sync://'\nfailure_transport='b'",
        "messenger.toml:3: transports.a.failure_transport: unknown transport \"b\"; known \
         transports: a",
    );
    refused(
        "default_bus='command'\n[buses.'command.bus']",
        "messenger.toml:1: default_bus: unknown bus \"command\"; known buses: command.bus (did \
         you mean \"command.bus\"?)",
    );
}

#[test]
fn a_later_check_names_the_place_as_well() {
    let config = MessengerConfig::parse("transports.a='sync://'\nrouting.AddFrame='a'").unwrap();
    let known = ["AddFrameToImage", "DeletePhotoFile"];
    let problem = Problem::unknown(&config.routing[0].key, "message", known);
    assert_eq!(
        problem.to_string(),
        "messenger.toml:2: routing.AddFrame: unknown message \"AddFrame\"; known messages: \
         AddFrameToImage, DeletePhotoFile (did you mean \"AddFrameToImage\"?)",
    );
}

#[test]
fn several_buses_need_a_default() {
    refused(
        "[buses.a]\n[buses.b]",
        "messenger.toml: default_bus is missing and there is more than one bus; allowed: a, b",
    );
}

#[test]
fn wrong_types_and_ranges_say_what_was_expected() {
    let text = "default_bus=1\nbuses=[]\n[transports.a]\ndsn=''\noptions=3\n\
                rate_limiter={limit=0}\n[transports.a.retry_strategy]\nmax_retries=-1\n\
                delay='1s'\nmultiplier=0.5\njitter=2\n";
    let expected = [
        "messenger.toml:1: default_bus: expected a string, not empty, found the integer 1",
        "messenger.toml:2: buses: expected a table, found a list",
        "messenger.toml:4: transports.a.dsn: expected a string, not empty, found the string \"\"",
        "messenger.toml:5: transports.a.options: expected a table, found the integer 3",
        "messenger.toml:6: transports.a.rate_limiter: interval is missing; e.g. { limit = 10, \
         interval = 60 }",
        "messenger.toml:6: transports.a.rate_limiter.limit: expected an integer ≥ 1, found the \
         integer 0",
        "messenger.toml:8: transports.a.retry_strategy.max_retries: expected an integer ≥ 0 (0 = \
         never), found the integer -1",
        "messenger.toml:9: transports.a.retry_strategy.delay: expected milliseconds, an integer \
         ≥ 0, found the string \"1s\"",
        "messenger.toml:10: transports.a.retry_strategy.multiplier: expected a number ≥ 1, found \
         the number 0.5",
        "messenger.toml:11: transports.a.retry_strategy.jitter: expected a number from 0 to 1, \
         found the integer 2",
    ];
    assert_eq!(problems(text), expected);
}

#[test]
fn a_wrong_table_is_reported_once() {
    refused("transports=3", "messenger.toml:1: transports: expected a table, found the integer 3");
}

#[test]
fn a_middleware_is_a_string() {
    refused(
        "buses.b.middleware=['audit',{id='x'}]",
        "messenger.toml:1: buses.b.middleware[1]: expected a string, not empty, found a table",
    );
}

#[test]
fn wildcards_of_a_wrong_shape_are_refused() {
    for key in ["App\\*\\Foo", "App\\Message*", "\\*", "**", "App\\\\*", "", "A B"] {
        let found = problems(&format!("transports.a='sync://'\n[routing]\n'{key}'='a'"));
        assert!(found[0].contains(&format!("invalid routing key '{key}'; allowed:")), "{found:?}");
    }
}

#[test]
fn a_route_needs_senders() {
    let message = "no senders; name at least one transport";
    refused("routing.M=[]", &format!("messenger.toml:1: routing.M: {message}"));
    refused("routing.M={}", &format!("messenger.toml:1: routing.M: {message}"));
    refused("routing.M={senders=[]}", &format!("messenger.toml:1: routing.M.senders: {message}"));
}

#[test]
fn a_retry_strategy_by_message_is_checked_like_that_of_a_transport() {
    refused(
        "[retry_strategy]\nM={max_retry=1}",
        "messenger.toml:2: retry_strategy.M.max_retry: unknown key \"max_retry\"; known keys: \
         max_retries, delay, multiplier, max_delay, jitter (did you mean \"max_retries\"?)",
    );
    refused(
        "retry_strategy.M={delay='1s'}",
        "messenger.toml:1: retry_strategy.M.delay: expected milliseconds, an integer ≥ 0, found \
         the string \"1s\"",
    );
    refused(
        "retry_strategy.M=3",
        "messenger.toml:1: retry_strategy.M: expected a table, found the integer 3",
    );
    let found = problems("[retry_strategy]\n'App\\*\\Foo'={}");
    assert!(found[0].contains("'App\\*\\Foo'; allowed:"), "{found:?}");
    assert!(problems("retry_strateg.M={}")[0].contains("(did you mean \"retry_strategy\"?)"));
}

#[test]
fn a_wrong_dsn_is_refused_without_quoting_it() {
    let found =
        problems("transports.a='amqp:hunter2'\ntransports.b.options={}\ntransports.none='sync://'");
    assert_eq!(found.len(), 3);
    assert!(
        found[0].starts_with("messenger.toml:1: transports.a: not a DSN")
            && !found[0].contains("hunter2")
    );
    assert_eq!(found[1], "messenger.toml:2: transports.b: dsn is missing; e.g. dsn = \"sync://\"");
    assert!(found[2].contains("a transport cannot be called \"none\""));
}

#[test]
fn unknown_signals_list_the_known_ones() {
    refused(
        "stop_worker_on_signals=['SIGKILL',15]",
        "messenger.toml:1: stop_worker_on_signals[0]: unknown signal \"SIGKILL\"; known signals: \
         SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGTERM (did you mean \"SIGINT\"?)",
    );
}

#[test]
fn syntax_errors_are_reported_together_with_their_lines() {
    let found = problems("a = = 1\n[buses.a]\n[buses.a]\nx = \"open\n");
    assert!(found.len() >= 3, "{found:#?}");
    assert!(found.iter().all(|line| line.contains(": not valid TOML: ")), "{found:#?}");
    assert!(found[0].starts_with("messenger.toml:1: "));
}
