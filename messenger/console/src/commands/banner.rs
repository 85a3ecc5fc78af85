//! What `messenger:consume` says when it starts.

use super::consume::Consume;
use crate::application::Application;
use crate::terminal::{Terminal, Verbosity};

/// Says what is read, when the worker stops, and how to see more.
pub(super) fn show(
    consume: &Consume,
    app: &impl Application,
    terminal: &Terminal,
    receivers: &[String],
) {
    let s = if receivers.len() == 1 { "" } else { "s" };
    terminal
        .out
        .success(&format!("Consuming messages from transport{s} \"{}\".", receivers.join(", ")));
    let stops = stops(consume);
    terminal.out.comment(&format!("The worker will automatically exit once it has {stops}."));
    terminal.out.comment("Quit the worker with CONTROL-C.");
    terminal.out.comment(&format!(
        "{}{}, process {}.",
        build(&app.name()),
        app.environment().map(|name| format!(", in {name}")).unwrap_or_default(),
        std::process::id()
    ));
    if terminal.verbosity == Verbosity::Normal {
        terminal
            .out
            .comment("Re-run the command with a -vv option to see logs about consumed messages.");
    }
}

/// The version, and when the program was built: a worker that still runs old code shows itself.
fn build(version: &str) -> String {
    let built =
        std::env::current_exe().and_then(std::fs::metadata).and_then(|file| file.modified());
    match built {
        Ok(built) => {
            let built = chrono::DateTime::<chrono::Utc>::from(built);
            format!("{version}, built {} UTC", built.format("%Y-%m-%d %H:%M:%S"))
        }
        Err(_) => version.to_owned(),
    }
}

/// What stops the worker, in Symfony's words.
fn stops(consume: &Consume) -> String {
    let mut stops = Vec::new();
    if let Some(limit) = consume.limit {
        stops.push(format!("processed {limit} messages"));
    }
    if let Some(limit) = consume.failure_limit.filter(|limit| *limit > 0) {
        stops.push(format!("reached {limit} failed messages"));
    }
    if let Some(memory) = consume.memory_limit.as_ref().filter(|memory| memory.bytes > 0) {
        stops.push(format!("exceeded {} of memory", memory.typed));
    }
    if let Some(seconds) = consume.time_limit {
        stops.push(format!("been running for {seconds}s"));
    }
    let last = "received a stop signal via the messenger:stop-workers command";
    if stops.is_empty() { last.to_owned() } else { format!("{} or {last}", stops.join(", ")) }
}
