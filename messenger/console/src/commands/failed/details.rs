//! One failed message in detail.

use messenger::codec::Codec;
use messenger::dsn::{MASK, is_secret};
use messenger::failed::FailedMessage;
use messenger::stamp::ErrorDetailsStamp;
use serde_json::Value;

use super::php_exception;
use crate::terminal::{Terminal, printable};

const DATE: &str = "%Y-%m-%d %H:%M:%S";
/// Stamps that say nothing to a reader: raw bytes, the claim on a row, or what is said elsewhere.
const INTERNAL_STAMPS: [&str; 3] =
    ["SerializedMessageStamp", "DoctrineReceivedStamp", "QueueStateStamp"];

/// Shows everything about a message.
pub(super) fn show(
    terminal: &Terminal,
    transport: &str,
    codec: &dyn Codec,
    message: &FailedMessage,
) {
    terminal.out.title("Failed Message Details");
    if message.original_transport().is_none() {
        terminal
            .out
            .warning("Message does not appear to have been sent to this transport after failing");
    }
    terminal.out.table(&[], &facts(message));
    if message.original_transport().is_some() {
        terminal.out.line(" Message history:");
        for (index, date) in message.history().enumerate() {
            let left_out = message.history_left_out();
            if index == 1 && left_out > 0 {
                terminal.out.line(format!("  * ({left_out} more were left out here)"));
            }
            terminal
                .out
                .line(format!("  * Message failed at {} and was redelivered", date.format(DATE)));
        }
        terminal.out.line("");
    }
    if let Some(undecodable) = message.envelope.undecodable() {
        terminal.out.error(&format!("The message could not be decoded: {}", undecodable.reason));
    }
    if terminal.is_very_verbose() {
        show_message(terminal, codec, message);
        show_errors(terminal, message);
    } else {
        terminal.err.line(" Re-run command with -vv to see more message & error details.\n");
    }
    let id = message.id();
    terminal.err.line(format!(
        " Run messenger:failed:retry {id} --transport={transport} -vv to retry this message."
    ));
    terminal
        .err
        .line(format!(" Run messenger:failed:remove {id} --transport={transport} to delete it.\n"));
}

fn facts(message: &FailedMessage) -> Vec<Vec<String>> {
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let mut rows = vec![row("Class", message.class().to_owned())];
    if !message.id().is_empty() {
        rows.push(row("Message Id", message.id()));
    }
    if let Some(due) = due(message) {
        rows.push(row("Due", due));
    }
    let Some(transport) = message.original_transport() else { return rows };
    let unknown = || "(unknown)".to_owned();
    let error = message.error();
    rows.extend([
        row("Failed at", failed_at(message)),
        row("Error", error.map_or_else(unknown, |error| error.exception_message.clone())),
        row("Error Code", error.map_or_else(unknown, code)),
        row("Error Class", error.map_or_else(unknown, |error| error.exception_class.clone())),
        row("Transport", transport.to_owned()),
    ]);
    rows
}

/// When a message is due that is not, or that somebody holds it.
pub(super) fn due(message: &FailedMessage) -> Option<String> {
    if message.is_held() {
        return Some("in hand".to_owned());
    }
    let seconds = message.due_in().as_millis().div_ceil(1000);
    match seconds {
        0 => None,
        1..120 => Some(format!("in {seconds} s")),
        120..7_200 => Some(format!("in {} min", seconds / 60)),
        7_200..172_800 => Some(format!("in {} h", seconds / 3_600)),
        _ => Some(format!("in {} days", seconds / 86_400)),
    }
}

/// When a message failed last, as tables show it.
pub(super) fn failed_at(message: &FailedMessage) -> String {
    message.failed_at().map(|date| date.format(DATE).to_string()).unwrap_or_default()
}

fn code(error: &ErrorDetailsStamp) -> String {
    match &error.exception_code {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn show_message(terminal: &Terminal, codec: &dyn Codec, message: &FailedMessage) {
    terminal.out.title("Message:");
    let encoded = match message.envelope.undecodable() {
        Some(undecodable) => Some((*undecodable.encoded).clone()),
        None => codec.encode(&message.envelope).ok(),
    };
    let body = encoded.map(|encoded| encoded.body).unwrap_or_default();
    let text = match serde_json::from_slice::<Value>(&body) {
        Ok(value) => serde_json::to_string_pretty(&masked(value)).unwrap_or_default(),
        Err(_) => String::from_utf8_lossy(&body).into_owned(),
    };
    lines(terminal, &text);
    terminal.out.title("Stamps:");
    let is_internal =
        |stamp: &String| INTERNAL_STAMPS.iter().any(|internal| stamp.starts_with(internal));
    for stamp in message.envelope.stamps().filter(|stamp| !is_internal(stamp)) {
        lines(terminal, &stamp);
    }
}

/// What is secret by its name stays so.
fn masked(value: Value) -> Value {
    match value {
        Value::Object(entries) => {
            let mask = |(key, value): (String, Value)| match is_secret(&key) {
                true => (key, Value::from(MASK)),
                false => (key, masked(value)),
            };
            Value::Object(entries.into_iter().map(mask).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(masked).collect()),
        other => other,
    }
}

fn show_errors(terminal: &Terminal, message: &FailedMessage) {
    terminal.out.title("Exception:");
    let mut errors = message.envelope.all::<ErrorDetailsStamp>().peekable();
    if errors.peek().is_none() {
        lines(terminal, "(no data)");
    }
    for error in errors.rev() {
        if error.flatten_exception.is_object() {
            lines(terminal, &php_exception::text(&error.flatten_exception));
            continue;
        }
        lines(terminal, &format!("{} (code {}):", error.exception_class, code(error)));
        for (depth, cause) in error.exception_message.split(": ").enumerate() {
            lines(terminal, &format!("{}{cause}", "  ".repeat(depth + 1)));
        }
    }
    terminal.out.line("");
}

fn lines(terminal: &Terminal, text: &str) {
    for line in text.lines() {
        terminal.out.line(format!(" {}", printable(line)));
    }
}
