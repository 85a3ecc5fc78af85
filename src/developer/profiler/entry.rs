//! What a profile lists: messages, SQL, log lines.

use messenger::stamp::{ReceivedStamp, SentStamp};
use messenger::{Dispatch, Envelope, short_name};
use serde::Serialize;
use serde_json::Value;

use super::budget::{cut, cut_texts, cut_value};
use super::redact::{redact, scrub};

/// One message that was dispatched.
#[derive(Debug, Clone, Serialize)]
pub struct ProfiledMessage {
    /// Its wire name, such as `App\Message\LogEmoji`.
    pub class: String,
    /// The wire name without its namespace.
    pub name: String,
    /// The bus on which it was dispatched.
    pub bus: String,
    /// `FILE:LINE` of the code that dispatched.
    pub caller: String,
    /// Milliseconds after the request came.
    pub start: f64,
    /// Milliseconds it took; for a message that waited, those of its handling.
    pub duration: f64,
    /// The message as JSON.
    pub contents: Value,
    /// The stamps when it was dispatched.
    pub stamps_before: Vec<ProfiledStamp>,
    /// The stamps afterwards; after an error, those of before.
    pub stamps_after: Vec<ProfiledStamp>,
    /// Why the dispatch failed, without secrets.
    pub exception: Option<String>,
    /// It was held back, and not released since.
    pub is_waiting: bool,
    /// It was dispatched by `sync://` for the second time.
    pub is_received: bool,
    /// The transports in whose queues it was put.
    pub queued_on: Vec<String>,
    /// The id that the audit gave it, under which a worker will know it.
    pub unique_id: Option<String>,
}

/// One stamp on the envelope.
#[derive(Debug, Clone, Serialize)]
pub struct ProfiledStamp {
    /// The name of its type.
    pub name: &'static str,
    /// What it says, as JSON.
    pub contents: Value,
}

/// One SQL statement that ran.
#[derive(Debug, Clone, Serialize)]
pub struct ProfiledStatement {
    /// Its text with placeholders.
    pub sql: String,
    /// Milliseconds after the request came.
    pub start: f64,
    /// Milliseconds it took.
    pub duration: f64,
    /// Why it failed, without secrets.
    pub error: Option<String>,
}

/// One line that was logged.
#[derive(Debug, Clone, Serialize)]
pub struct ProfiledLog {
    /// `ERROR`, `WARN`, `INFO`, `DEBUG`.
    pub level: &'static str,
    /// Which part of the program says so.
    pub target: String,
    /// The sentence, without secrets.
    pub message: String,
    /// What else is known, `name=value` each.
    pub fields: Vec<String>,
    /// Milliseconds after the request came.
    pub start: f64,
}

impl ProfiledMessage {
    pub(super) fn of(dispatch: &Dispatch<'_>, start: f64) -> Self {
        let class = dispatch.before.name();
        let mut message = Self {
            class: class.to_owned(),
            name: short_name(class).to_owned(),
            bus: dispatch.bus.to_string(),
            caller: format!("{}:{}", dispatch.caller.file(), dispatch.caller.line()),
            start,
            duration: 0.0,
            contents: kept(dispatch.before.body()),
            stamps_before: stamps(dispatch.before),
            stamps_after: Vec::new(),
            exception: None,
            is_waiting: false,
            is_received: dispatch.before.has::<ReceivedStamp>(),
            queued_on: Vec::new(),
            unique_id: None,
        };
        message.end(dispatch);
        message
    }

    /// Notes how the dispatch ended.
    pub(super) fn end(&mut self, dispatch: &Dispatch<'_>) {
        let after = dispatch.result.unwrap_or(dispatch.before);
        self.duration = dispatch.duration.as_secs_f64() * 1000.0;
        self.stamps_after = stamps(after);
        self.exception = dispatch.result.err().map(|error| scrub(&cut(&error.to_string())));
        let sent = after.all::<SentStamp>().filter(|sent| sent.sender_class != "SyncTransport");
        self.queued_on = sent.map(|sent| sent.sender_alias.to_string()).collect();
        let id = self.stamps_after.iter().rev().find(|stamp| stamp.name == "UniqueIdStamp");
        let id = id.and_then(|stamp| stamp.contents.get("id")).and_then(Value::as_str);
        self.unique_id = id.map(ToOwned::to_owned);
    }
}

fn stamps(envelope: &Envelope) -> Vec<ProfiledStamp> {
    let shown = envelope
        .describe_stamps()
        .map(|stamp| ProfiledStamp { name: stamp.name, contents: kept(stamp.contents) });
    shown.collect()
}

/// What is kept of a value. Texts are cut first: looking for secrets takes time.
fn kept(value: Value) -> Value {
    cut_value(redact(cut_texts(value)))
}
