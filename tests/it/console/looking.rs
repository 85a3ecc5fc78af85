//! Commands that show: `messenger:stats`, `debug:*`, `--help`.

use super::project::{MISSING_FILE, Project};

#[test]
fn stats_count_every_transport_as_text_and_as_json() {
    let project = Project::new();
    project.send(MISSING_FILE);
    let said = project.console("messenger:stats");
    assert!(said.out.contains("  async                 1"), "{}", said.out);
    let said = project.console("messenger:stats async failed --format=json");
    let expected = "{\n    \"transports\": {\n        \"async\": {\n            \"count\": 1\n        \
                    },\n        \"failed\": {\n            \"count\": 0\n        }\n    }\n}\n";
    assert_eq!(said.out, expected);
}

#[test]
fn s3_q5_stats_show_what_was_dropped() {
    let project = Project::new();
    project.execute("INSERT INTO messenger_discards VALUES ('App\\Message\\LogEmoji', 'async', 3)");
    assert!(project.console("messenger:stats").out.contains("Dropped messages"));
    let json: serde_json::Value =
        serde_json::from_str(&project.console("messenger:stats --format=json").out).unwrap();
    assert_eq!(json["discards"][0]["count"], 3);
}

#[test]
fn stats_of_an_unknown_transport_are_a_warning_or_wrong_usage() {
    let project = Project::new();
    let said = project.console("messenger:stats nope async");
    assert!(said.err.contains("[WARNING]") && said.code == Some(0));
    assert_eq!(project.console("messenger:stats --format=xml").code, Some(2));
}

#[test]
fn buses_are_shown_with_middleware_messages_and_handlers() {
    let project = Project::new();
    let said = project.console("debug:messenger command.bus");
    assert!(said.out.contains(
        "dispatch_after_current_bus → failed_message_processing_middleware → audit → transaction"
    ));
    assert!(said.out.contains(r"App\Message\AddPonkaToImage"));
    assert!(
        said.out.contains("handled by AddPonkaToImageHandler") && !said.out.contains("query.bus")
    );
    assert_eq!(project.console("debug:messenger nope").code, Some(1));
}

#[test]
fn s2_4_s2_6_there_are_three_buses_and_two_handlers_of_the_event() {
    let said = Project::new().console("debug:messenger").out;
    for words in [
        "command.bus",
        "event.bus",
        "query.bus",
        r"App\Messenger\Event\UserRegistered",
        "handled by ClaimPhotosWhenUserRegistered",
        "handled by SendWelcomeEmailWhenUserRegistered",
    ] {
        assert!(said.contains(words), "{words} is missing in {said}");
    }
}

#[test]
fn the_effective_configuration_has_defaults_and_no_secrets() {
    let project = Project::new();
    let mut command = project.command("debug:config messenger");
    let dsn = "doctrine://default?auto_setup=1";
    let out = command.env("MESSENGER_TRANSPORT_DSN", dsn).output().unwrap().stdout;
    let out = String::from_utf8(out).unwrap();
    assert!(out.contains("retry_strategy = { max_retries = 3, delay = 1000, multiplier = 2"));
    assert!(messenger::config::MessengerConfig::parse(&out).is_ok());
}

#[test]
fn routing_tells_transport_retries_and_failure_transport() {
    let project = Project::new();
    let said = project.console("debug:routing AddPonkaToImage");
    assert!(said.out.contains("async_priority_high   3 after 1000 ms ×2, ±10 %   failed"));
    let said = project.console("debug:routing Nope");
    assert!(said.code == Some(1) && said.err.contains("Known messages are: AddPonkaToImage"));
}

#[test]
fn s3_10_transports_are_shown_with_options_defaults_and_meaning() {
    let said = Project::new().console("debug:transports");
    assert!(said.out.contains("doctrine://") && said.out.contains("sync://"));
    assert!(said.out.contains("  queue_name                  default "));
    assert!(said.out.contains("external_json"));
}

#[test]
fn every_command_has_help_with_an_example() {
    let project = Project::new();
    let help = project.console("--help").out;
    let commands = help.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let commands: Vec<&str> =
        commands.filter(|word| word.contains(':') || *word == "doctor").collect();
    assert_eq!(commands.len(), 19, "{commands:?}");
    for command in commands {
        let said = project.console(&format!("{command} --help"));
        assert!(said.code == Some(0) && said.out.contains("Example: console "), "{command}");
    }
}

#[test]
fn a_wrong_value_in_the_environment_is_named() {
    let project = Project::new();
    let output = project.command("doctor").env("APP_ENV", "foo").output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(err.contains("APP_ENV") && err.contains("dev, test or prod"), "{err}");
    assert_eq!(output.status.code(), Some(1));
}
