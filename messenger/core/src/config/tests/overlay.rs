//! Base, overlay and environment.

use crate::config::{ConfigLoader, FailureTransport, MessengerConfig};

use super::lines;

fn variables(name: &str) -> Option<String> {
    match name {
        "DSN" => Some("amqp://u:hunter2@h".to_owned()),
        "EMPTY" => Some(String::new()),
        _ => None,
    }
}

fn layered(base: &str, overlay: &str) -> MessengerConfig {
    ConfigLoader::new(&variables)
        .text("messenger.toml", base)
        .text("messenger.test.toml", overlay)
        .load()
        .unwrap()
}

#[test]
fn an_overlay_wins_key_by_key_at_every_depth() {
    let base = "[transports]\nb='sync://'\n[transports.a]\ndsn='sync://'\n\
                retry_strategy={max_retries=7,delay=5}";
    let config = layered(base, "[transports.a.retry_strategy]\ndelay=9\n[transports]\nc='sync://'");
    let retry = config.transports[1].retry_strategy;
    assert_eq!((retry.max_retries, retry.delay.as_millis()), (7, 9));
    let names = config.transports.iter().map(|one| one.name.as_str()).collect::<Vec<_>>();
    assert_eq!(names, ["b", "a", "c"]);
}

#[test]
fn a_later_short_form_replaces_the_dsn_only() {
    let base = "[transports.a]\ndsn='sync://'\noptions={x=1}";
    let a = layered(base, "transports.a='in-memory://'").transports.remove(0);
    assert_eq!((a.dsn.scheme(), a.options.len()), ("in-memory", 1));
    assert_eq!(a.dsn.origin.to_string(), "messenger.test.toml:1: transports.a");
}

#[test]
fn a_later_long_form_keeps_the_dsn_it_does_not_name() {
    let config = layered("transports.a='in-memory://'", "transports.a.options={x=1}");
    assert_eq!(
        (config.transports[0].dsn.scheme(), config.transports[0].options.len()),
        ("in-memory", 1)
    );
}

#[test]
fn a_route_is_replaced_as_a_whole() {
    let base = "routing.M=['a','b']\ntransports={a='sync://',b='sync://'}";
    let config = layered(base, "routing.M={senders=['b']}");
    assert_eq!(config.routing[0].senders.len(), 1);
}

#[test]
fn an_overlay_can_switch_the_failure_transport_off() {
    let base = "failure_transport='a'\n[transports]\na='sync://'";
    let config = layered(base, "failure_transport='none'");
    assert_eq!(config.failure_transport, None);
    assert_eq!(config.transports[0].failure_transport, FailureTransport::Inherit);
}

#[test]
fn variables_are_filled_in() {
    let base =
        "[transports]\na='${DSN}'\nb='${NOPE:-sync}://x'\nc='${EMPTY:-sync://}'\nd='d://h/$${x}$'";
    let dsns = layered(base, "").transports;
    let shown = dsns.iter().map(|one| one.dsn.expose()).collect::<Vec<_>>();
    assert_eq!(shown, ["amqp://u:hunter2@h", "sync://x", "sync://", "d://h/${x}$"]);
}

#[test]
fn an_unset_variable_is_named_together_with_every_other_problem() {
    let text = "nope=1\n[transports]\na='${AMQP_DSN}'\nb='${}'\nc='${x'\n[routing]\nM='a'";
    let error = ConfigLoader::new(&variables).text("messenger.toml", text).load().unwrap_err();
    let expected = [
        "messenger.toml:1: nope: unknown key \"nope\"; known keys: default_bus, \
         failure_transport, buses, transports, routing, retry_strategy, failure, stop_worker_on_signals",
        "messenger.toml:3: transports.a: environment variable AMQP_DSN is not set; set it, or \
         give a default with ${AMQP_DSN:-default}",
        "messenger.toml:4: transports.b: \"\" is not a variable name; allowed: letters, digits \
         and _",
        "messenger.toml:5: transports.c: \"${\" without \"}\"; write $${ for a literal ${",
    ];
    assert_eq!(lines(&error), expected);
}

#[test]
fn a_secret_from_the_environment_is_never_shown() {
    let text = "default_bus='${DSN}'\nbuses='${DSN}'\n[routing]\nM='${DSN}'";
    let error = ConfigLoader::new(&variables).text("messenger.toml", text).load().unwrap_err();
    assert_eq!(error.problems.len(), 3);
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
}

#[test]
fn files_are_read_with_their_overlay() {
    let directory = tempfile::tempdir().unwrap();
    let load = || ConfigLoader::new(&variables).directory(directory.path(), "test").load();
    assert!(load().unwrap_err().to_string().contains("could not read"));
    std::fs::write(directory.path().join("messenger.toml"), "transports.a='sync://'").unwrap();
    assert_eq!(load().unwrap().transports[0].dsn.scheme(), "sync");
    let overlay = directory.path().join("messenger.test.toml");
    std::fs::write(overlay, "transports.a='in-memory://'").unwrap();
    assert_eq!(load().unwrap().transports[0].dsn.scheme(), "in-memory");
}
