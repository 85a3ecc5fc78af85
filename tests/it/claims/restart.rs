//! S0.9: a worker keeps what it was started with, until it is stopped and another one starts.

use super::process::{Running, count};
use crate::console::project::{MISSING_FILE, Project};

fn retries(number: u32) -> String {
    format!(
        "[transports.async]\nretry_strategy = {{ max_retries = {number}, delay = 1, jitter = 0 }}\n"
    )
}

#[test]
fn s0_9_s3_16_a_running_worker_keeps_its_configuration_and_the_next_one_has_the_new_one() {
    let project = Project::new();
    project.configure(&retries(2));
    let consume = "messenger:consume async -vv";
    let mut worker = Running::start(&mut project.command(consume));
    worker.line(concat!("// Ponka ", env!("CARGO_PKG_VERSION"), ", built "));
    project.configure(&retries(0));
    assert!(project.console("debug:config messenger").out.contains("max_retries = 0"));
    project.send(MISSING_FILE);
    worker.line("Sending for retry #2");
    worker.line("Removing from transport after 2 retries.");
    let said = project.console("messenger:stop-workers");
    assert!(said.code == Some(0) && said.out.contains("Signal successfully sent"), "{said:?}");
    let (status, lines) = worker.ended();
    assert_eq!(status.code(), Some(0), "{lines:#?}");
    assert_eq!(count(&lines, "Stopping worker: a restart was requested"), 1, "{lines:#?}");

    let mut worker = Running::start(&mut project.command(consume));
    project.send(MISSING_FILE);
    worker.line("Removing from transport after 0 retries.");
    let lines = worker.stop();
    assert_eq!(count(&lines, "Sending for retry"), 0, "{lines:#?}");
}
