//! Questions at a terminal: `script` of util-linux gives the console one.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::io::Write;
use std::process::{Command, Stdio};

use super::project::Project;

/// Runs the console at a terminal and types these lines; gives everything that was on the screen.
pub(crate) fn type_into(project: &Project, arguments: &str, lines: &str) -> String {
    let console = format!("{} {arguments}", env!("CARGO_BIN_EXE_console"));
    let mut script = Command::new("script")
        .args(["-qec", &console, "/dev/null"])
        .current_dir(project.path(""))
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("script is part of every Linux (util-linux)");
    script.stdin.as_mut().unwrap().write_all(lines.as_bytes()).unwrap();
    String::from_utf8(script.wait_with_output().unwrap().stdout).unwrap()
}

#[test]
fn s3_17_several_receivers_are_chosen_in_order() {
    let project = Project::new();
    let screen = type_into(&project, "messenger:consume --time-limit=1", "0,async\n");
    assert!(screen.contains("Select receivers to consume:"), "{screen}");
    for choice in ["] async", "] failed", "] async_priority_high", "] external_messages"] {
        assert!(screen.contains(choice), "{choice} is missing in {screen}");
    }
    assert!(screen.contains("transports \"async_priority_high, async\""), "{screen}");
}

#[test]
fn s3_17_the_first_receiver_is_the_default() {
    let screen = type_into(&Project::new(), "messenger:consume --time-limit=1", "\n");
    assert!(
        screen.contains("Consuming messages from transport \"async_priority_high\"."),
        "{screen}"
    );
}

#[test]
fn s3_24_failed_messages_are_skipped_and_deleted_one_by_one() {
    let project = Project::new();
    project.fail();
    project.fail();
    let screen = type_into(&project, "messenger:failed:retry", "skip\ndelete\n");
    assert!(screen.contains("Please select an action") && screen.contains("was moved to the end."));
    assert!(
        screen.contains("was deleted.") && screen.contains("1 message(s) were skipped"),
        "{screen}"
    );
    let said = project.console("messenger:failed:show");
    assert!(said.out.contains("There is 1 message pending"), "{said:?}");
}

#[test]
fn s3_24_a_message_is_removed_after_a_yes() {
    let project = Project::new();
    let id = project.fail();
    let screen = type_into(&project, &format!("messenger:failed:remove {id}"), "yes\n");
    assert!(screen.contains(&format!("Message with id {id} removed.")), "{screen}");
}
