//! The panel *Messages*: what was dispatched, and what became of it.

use std::collections::HashMap;

use serde::Serialize;

use super::outcome::Outcome;
use super::text::{milliseconds, pretty};
use crate::developer::profiler::{Profile, ProfiledMessage, ProfiledStamp};

#[derive(Debug, Serialize)]
pub(super) struct MessagesPanel {
    buses: Vec<BusTab>,
    messages: Vec<MessageView>,
    /// Messages of all buses are shown, and there are several buses.
    is_bus_shown: bool,
}

/// All messages, or those of one bus.
#[derive(Debug, Serialize)]
struct BusTab {
    /// Only messages of this bus are shown; `None`: of all.
    bus: Option<String>,
    count: usize,
    failed: usize,
    is_current: bool,
}

#[derive(Debug, Serialize)]
struct MessageView {
    name: String,
    class: String,
    bus: String,
    caller: String,
    contents: String,
    before: Vec<StampView>,
    after: Vec<StampView>,
    exception: Option<String>,
    is_waiting: bool,
    queued_on: String,
    took: String,
    outcome: Option<Outcome>,
}

#[derive(Debug, Serialize)]
struct StampView {
    name: &'static str,
    contents: String,
}

impl MessagesPanel {
    /// The messages of a profile; `bus` shows only those of one bus.
    pub(super) fn new(
        profile: &Profile,
        bus: Option<&str>,
        outcomes: &HashMap<String, Outcome>,
    ) -> Self {
        let bus = bus.filter(|bus| profile.messages.iter().any(|message| message.bus == *bus));
        let shown =
            profile.messages.iter().filter(|message| bus.is_none_or(|bus| message.bus == bus));
        let buses = buses(&profile.messages, bus);
        Self {
            is_bus_shown: bus.is_none(),
            messages: shown.map(|message| view(message, outcomes)).collect(),
            buses,
        }
    }
}

fn buses(messages: &[ProfiledMessage], current: Option<&str>) -> Vec<BusTab> {
    let mut names: Vec<&str> = messages.iter().map(|message| message.bus.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    if names.len() < 2 {
        return Vec::new();
    }
    let tab = |bus: Option<&str>| {
        let all = || messages.iter().filter(|message| bus.is_none_or(|bus| message.bus == bus));
        BusTab {
            bus: bus.map(ToOwned::to_owned),
            count: all().count(),
            failed: all().filter(|message| message.exception.is_some()).count(),
            is_current: bus == current,
        }
    };
    std::iter::once(None).chain(names.into_iter().map(Some)).map(tab).collect()
}

fn view(message: &ProfiledMessage, outcomes: &HashMap<String, Outcome>) -> MessageView {
    let outcome = message.unique_id.as_ref().and_then(|id| outcomes.get(id));
    MessageView {
        name: message.name.clone(),
        class: message.class.clone(),
        bus: message.bus.clone(),
        caller: message.caller.clone(),
        contents: pretty(&message.contents),
        before: message.stamps_before.iter().map(stamp).collect(),
        after: message.stamps_after.iter().map(stamp).collect(),
        exception: message.exception.clone(),
        is_waiting: message.is_waiting,
        queued_on: message.queued_on.join(", "),
        took: milliseconds(message.duration),
        outcome: outcome.filter(|_| !message.queued_on.is_empty()).cloned(),
    }
}

fn stamp(stamp: &ProfiledStamp) -> StampView {
    let contents = match &stamp.contents {
        // A debug text begins with the name.
        serde_json::Value::String(text) => {
            text.strip_prefix(stamp.name).unwrap_or(text).trim().to_owned()
        }
        other => other.to_string(),
    };
    StampView { name: stamp.name, contents }
}
