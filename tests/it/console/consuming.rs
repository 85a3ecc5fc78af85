//! `messenger:consume`: its banner, its choices, its log lines, its ends.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::project::{MISSING_FILE, MISSING_PHOTO, Project, Said, pause};

#[test]
fn the_banner_says_what_is_read_and_when_the_worker_stops() {
    let said =
        Project::new().console("messenger:consume async --time-limit=1 --memory-limit=1G -l 3");
    assert!(said.out.contains(" [OK] Consuming messages from transport \"async\"."));
    assert!(said.out.contains(
        "once it has processed 3 messages, exceeded 1G of memory, been running for 1s or received \
         a stop signal via the messenger:stop-workers command."
    ));
    assert!(said.out.contains(" // Quit the worker with CONTROL-C."));
    assert!(said.out.contains(concat!("Ponka ", env!("CARGO_PKG_VERSION"))));
    assert!(said.out.contains("-vv option to see logs") && !said.out.contains('\u{1b}'));
    assert_eq!((said.err.as_str(), said.code), ("", Some(0)));
}

#[test]
fn at_vv_each_step_of_a_message_is_one_line() {
    let project = Project::new();
    project.send(MISSING_PHOTO);
    let said = project.console("-vv messenger:consume async_priority_high async --limit=1");
    let class = r"App\Message\AddPonkaToImage";
    for line in [
        format!("Received message {class}"),
        format!("Message {class} handled by AddPonkaToImageHandler"),
        format!("{class} was handled successfully (acknowledging to transport). message_id=1"),
        "ALERT: Image post 0190a0a0-0000-7000-8000-000000000001 was missing!".to_owned(),
        "Stopping worker: maximum count of 1 messages processed".to_owned(),
    ] {
        assert!(said.err.contains(&line), "{line} is missing in {}", said.err);
    }
    assert!(!said.out.contains("-vv option") && !said.out.contains("Received message"));
    let audit = std::fs::read_to_string(project.path("var/log/messenger.log")).unwrap();
    assert!(audit.contains("] Received App\\Message\\AddPonkaToImage"));
}

#[test]
fn without_vv_only_the_banner_and_what_goes_wrong_is_printed() {
    let project = Project::new();
    project.send(MISSING_FILE);
    let said = project.console("messenger:consume async --limit=2");
    assert!(said.err.contains("Sending for retry #1 using 1 ms delay. Error: \""), "{}", said.err);
    assert!(said.err.contains("Removing from transport after 1 retries. Error: \""));
    assert!(!said.err.contains("INFO"));
}

#[test]
fn s3_21_s3_22_a_message_that_is_given_up_is_said_to_go_to_the_failure_transport() {
    let project = Project::new();
    project.send(MISSING_FILE);
    let said = project.console("messenger:consume async -vv --limit=2");
    let lines: Vec<&str> = said.err.lines().collect();
    let rejected = r#"Rejected message App\Message\DeletePhotoFile will be sent to the failure transport "failed""#;
    let at = lines.iter().position(|line| line.ends_with(rejected)).unwrap();
    assert!(lines[at + 1].contains(
        r"Sending message App\Message\DeletePhotoFile with failed sender using DoctrineTransport"
    ));
}

#[test]
fn a_text_from_outside_cannot_command_the_terminal_or_pretend_to_be_a_line() {
    let project = Project::new();
    project.send([
        r#"{"filename":"\u001b[2J\n2026 INFO forged"}"#,
        r"App\\Message\\DeletePhotoFile",
        "default",
    ]);
    let said = project.console("messenger:consume async -vv --limit=1");
    assert!(!said.err.contains('\u{1b}'));
    assert!(!said.err.lines().any(|line| line.starts_with("2026 INFO forged")));
}

#[test]
fn s3_17_without_a_terminal_the_receivers_must_be_named_rightly() {
    let project = Project::new();
    let said = project.console("messenger:consume");
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("async_priority_high, async, failed, external_messages"));
    let said = project.console("messenger:consume nope");
    assert_eq!(said.code, Some(1));
    assert!(
        said.err.contains("\"nope\" does not exist") && said.err.contains("async_priority_high")
    );
}

#[test]
fn q2_all_receives_from_everything_but_failure_transports_in_the_order_of_the_file() {
    let project = Project::new();
    let id = project.fail();
    let said = project.console("messenger:consume --all --time-limit=1");
    let transports = "transports \"async_priority_high, async, external_messages\"";
    assert!(said.out.contains(transports), "{}", said.out);
    let failed = "SELECT CAST(id AS TEXT) AS value FROM messenger_messages";
    assert_eq!(project.values(failed), [id.to_string()], "nobody touched it");
    let said = project.console("messenger:consume --all --exclude-receivers async --time-limit=1");
    assert!(said.out.contains("transports \"async_priority_high, external_messages\""));
}

#[test]
fn q4_a_queue_without_a_name_is_wrong_usage() {
    let project = Project::new();
    for arguments in ["--queues=", "--queues special --queues="] {
        let said = project.console(&format!("messenger:consume async {arguments}"));
        assert!(said.code == Some(2) && said.err.contains("name is empty"), "{said:?}");
    }
}

#[test]
fn q4_a_retry_is_handled_by_the_worker_that_reads_that_queue() {
    let project = Project::new();
    let [body, class, _] = MISSING_FILE;
    project.send([body, class, "special"]);
    let said = project.console("messenger:consume async --queues=special --limit=2");
    assert!(said.err.contains("Removing from transport after 1 retries."), "{said:?}");
}

#[test]
fn q9_a_closed_terminal_stops_a_worker_after_what_it_has_in_hand() {
    let project = Project::new();
    project.send(MISSING_FILE);
    let consume = project.command("messenger:consume async -vv");
    // Whoever runs these tests may have been started to outlive a terminal, and so would the worker.
    let mut command = Command::new("/usr/bin/env");
    command
        .arg("--default-signal=HUP")
        .arg(consume.get_program())
        .args(consume.get_args())
        .current_dir(consume.get_current_dir().unwrap())
        .env_clear()
        .env("DELETE_SLEEP_MS", "1500")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut worker = command.spawn().unwrap();
    let mut log = BufReader::new(worker.stderr.take().unwrap()).lines().map_while(Result::ok);
    let id = Pid::from_raw(worker.id().try_into().unwrap());
    assert!(log.any(|line| line.contains("Received message")));
    // Shell and system both tell of it.
    kill(id, Signal::SIGHUP).unwrap();
    kill(id, Signal::SIGHUP).unwrap();
    assert!(log.any(|line| line.contains("Received signal 1.")));
    assert!(log.any(|line| line.contains("Sending for retry #1")), "it finishes");
    assert_eq!(worker.wait().unwrap().code(), Some(0));
}

#[test]
fn a_limit_that_makes_no_sense_is_wrong_usage_also_as_a_variable() {
    let project = Project::new();
    for option in
        ["--limit=0", "--limit -3", "--time-limit=soon", "--memory-limit=5x", "--sleep=-1"]
    {
        let said = project.console(&format!("messenger:consume async {option}"));
        assert_eq!(said.code, Some(2), "{option}: {said:?}");
    }
    let mut command = project.command("messenger:consume async");
    let said = Said::from(command.env("MESSENGER_CONSUME_LIMIT", "0").output().unwrap());
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("comes from the variable MESSENGER_CONSUME_LIMIT"), "{said:?}");
}

#[test]
fn a_second_signal_ends_the_worker_at_once() {
    let project = Project::new();
    project.send(MISSING_FILE);
    let mut command = project.command("messenger:consume async -vv");
    let mut worker = command.env("DELETE_SLEEP_MS", "60000").spawn().unwrap();
    let mut log = BufReader::new(worker.stderr.take().unwrap()).lines().map_while(Result::ok);
    let id = Pid::from_raw(worker.id().try_into().unwrap());
    assert!(log.any(|line| line.contains("Received message")));
    kill(id, Signal::SIGINT).unwrap();
    assert!(log.any(|line| line.contains("Received signal 2.")));
    kill(id, Signal::SIGINT).unwrap();
    assert_eq!(worker.wait().unwrap().code(), Some(130));
}

#[test]
fn a_transport_that_handles_at_once_cannot_be_consumed() {
    let project = Project::new();
    let toml = "[transports]\nsync = \"sync://\"\n";
    std::fs::write(project.path("messenger.dev.toml"), toml).unwrap();
    let said = project.console("messenger:consume sync");
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("handles each message at once"), "{}", said.err);
}

#[test]
fn a_signal_stops_the_worker_gracefully() {
    let project = Project::new();
    let mut worker = project.start("messenger:consume async -vv");
    let banner = BufReader::new(worker.stdout.take().unwrap()).lines();
    assert!(banner.map_while(Result::ok).any(|line| line.contains("Ponka")));
    pause(Duration::from_millis(300));
    kill(Pid::from_raw(worker.id().try_into().unwrap()), Signal::SIGTERM).unwrap();
    let said = Said::from(worker.wait_with_output().unwrap());
    assert_eq!(said.code, Some(0));
    assert!(said.err.contains("Received signal 15.") && said.err.contains("Stopping worker."));
}

#[test]
fn stop_workers_stops_a_running_worker() {
    let project = Project::new();
    let mut worker = project.start("messenger:consume async -vv");
    let deadline = Instant::now() + Duration::from_secs(20);
    while worker.try_wait().unwrap().is_none() {
        assert!(Instant::now() < deadline, "the worker goes on");
        assert!(project.console("messenger:stop-workers").out.contains("Signal successfully sent"));
        pause(Duration::from_millis(200));
    }
    let said = Said::from(worker.wait_with_output().unwrap());
    assert_eq!(said.code, Some(0));
    assert!(said.err.contains("Stopping worker: a restart was requested"));
}
