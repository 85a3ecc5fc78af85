//! What became of a queued message after the request: what workers noted about it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::text::{ago, milliseconds};
use crate::controller::{App, AppError};
use crate::developer::message_trace::{self, MessageTrace, TraceEvent};
use crate::developer::profiler::Profile;

/// What became of one message.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Outcome {
    /// For the colour: `waiting`, `running`, `done`, `failed`.
    pub(super) kind: &'static str,
    /// `handled by host/12, attempt 1, 180 ms ago`.
    pub(super) sentence: String,
}

/// What became of the queued messages of a profile, by their ids.
pub(super) async fn look_up(
    app: &App,
    profile: &Profile,
) -> Result<HashMap<String, Outcome>, AppError> {
    let queued = profile.messages.iter().filter(|message| !message.queued_on.is_empty());
    let ids: Vec<String> = queued.filter_map(|message| message.unique_id.clone()).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let wanted = ids.clone();
    let traces = app.database.run(move |connection| message_trace::of(connection, &wanted));
    // The last one of an id wins.
    let last: HashMap<String, MessageTrace> =
        traces.await?.into_iter().map(|trace| (trace.unique_id.clone(), trace)).collect();
    let now = app.clock.now();
    Ok(ids.into_iter().map(|id| (id.clone(), outcome(last.get(&id), now))).collect())
}

fn outcome(trace: Option<&MessageTrace>, now: DateTime<Utc>) -> Outcome {
    let Some(trace) = trace else {
        return Outcome { kind: "waiting", sentence: "waiting for a worker".to_owned() };
    };
    let since = ago((now - trace.at.and_utc()).to_std().unwrap_or_default());
    let MessageTrace { worker, attempt, .. } = trace;
    let error = trace.error.as_deref().unwrap_or_default();
    let took = milliseconds(trace.duration);
    let (kind, sentence) = match trace.event {
        TraceEvent::Received => {
            ("running", format!("received by {worker}, attempt {attempt}, {since}"))
        }
        TraceEvent::Handled => {
            ("done", format!("handled by {worker}, attempt {attempt}, {since} (it took {took})"))
        }
        TraceEvent::Retried => (
            "running",
            format!("attempt {attempt} failed at {worker}, {since}; it is tried again: {error}"),
        ),
        TraceEvent::Failed => {
            ("failed", format!("failed at {worker}, attempt {attempt}, {since}: {error}"))
        }
    };
    Outcome { kind, sentence }
}
