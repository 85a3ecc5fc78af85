//! A profile that is being written.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use chrono::{DateTime, Utc};
use messenger::{Dispatch, Envelope};
use messenger_doctrine::SqlStatement;
use serde::Serialize;

use super::budget::{Budget, cut};
use super::entry::{ProfiledLog, ProfiledMessage, ProfiledStatement};
use super::listeners::Said;
use super::profile::{Answer, Profile, Request};
use super::redact::{is_secret, scrub};
use super::summary::Summary;

/// A profile that is being written, also after the answer: a stream or a task may go on. Clones
/// write to the same one.
#[derive(Clone)]
pub struct Recording(Arc<Inner>);

struct Inner {
    token: String,
    is_file: bool,
    started_at: Instant,
    state: Mutex<State>,
}

struct State {
    profile: Profile,
    budget: Budget,
    /// Messages that are held back, by their place in the list.
    waiting: Vec<(usize, Envelope)>,
}

impl Recording {
    pub(super) fn new(token: String, at: DateTime<Utc>, request: Request) -> Self {
        let is_file = request.is_file;
        let profile = Profile::new(token.clone(), at, request);
        let state = State { profile, budget: Budget::default(), waiting: Vec::new() };
        let (started_at, state) = (Instant::now(), Mutex::new(state));
        Self(Arc::new(Inner { token, is_file, started_at, state }))
    }

    /// Names the profile: ten hexadecimal digits.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.0.token
    }

    /// The request that led here by a redirect.
    #[must_use]
    pub fn redirected_from(&self) -> Option<Summary> {
        self.state().profile.request.redirected_from.clone()
    }

    /// Notes that a form with this field was sent; its value is nobody's business.
    pub fn note_form_field(&self, name: &str) {
        let mut state = self.state();
        let name = cut(name);
        if !state.profile.form_fields.contains(&name) && state.makes_room_for(&name) {
            state.profile.form_fields.push(name);
        }
    }

    /// Notes what was answered.
    pub fn finish(&self, answer: Answer) {
        let duration = self.0.started_at.elapsed().as_secs_f64() * 1000.0;
        let mut state = self.state();
        state.profile.answer = answer;
        state.profile.duration = duration;
    }

    pub(super) fn is_file(&self) -> bool {
        self.0.is_file
    }

    /// The profile as it is now, its messages in the order in which they began.
    pub(super) fn profile(&self) -> Profile {
        let mut profile = self.state().profile.clone();
        profile.messages.sort_by(|one, other| one.start.total_cmp(&other.start));
        profile
    }

    pub(super) fn summary(&self) -> Summary {
        Summary::of(&self.state().profile)
    }

    pub(super) fn add_message(&self, dispatch: &Dispatch<'_>) {
        let mut message = ProfiledMessage::of(dispatch, self.since_start(dispatch.started_at));
        let held_back = dispatch
            .result
            .ok()
            .filter(|after| after.has::<messenger::stamp::DispatchAfterCurrentBusStamp>());
        message.is_waiting = held_back.is_some();
        let mut state = self.state();
        if state.makes_room_for(&message) {
            let place = state.profile.messages.len();
            state.waiting.extend(held_back.map(|envelope| (place, envelope.clone())));
            state.profile.messages.push(message);
        }
    }

    pub(super) fn release_message(&self, dispatch: &Dispatch<'_>) {
        let mut state = self.state();
        let same = |(_, held): &(usize, Envelope)| held.is_same_message(dispatch.before);
        let Some(found) = state.waiting.iter().position(same) else { return };
        let (place, _) = state.waiting.swap_remove(found);
        if let Some(message) = state.profile.messages.get_mut(place) {
            message.is_waiting = false;
            message.end(dispatch);
        }
    }

    pub(super) fn add_statement(&self, statement: &SqlStatement<'_>) {
        let statement = ProfiledStatement {
            sql: scrub(&cut(statement.sql)),
            start: self.since_start(statement.started_at),
            duration: statement.duration.as_secs_f64() * 1000.0,
            error: statement.error.map(|error| scrub(&cut(&error.to_string()))),
        };
        let mut state = self.state();
        if state.makes_room_for(&statement) {
            state.profile.statements.push(statement);
        }
    }

    pub(super) fn add_log(&self, level: &'static str, target: &str, said: Said) {
        let field = |(name, value): (&str, String)| match is_secret(name) {
            true => format!("{name}=***"),
            false => format!("{name}={}", scrub(&cut(&value))),
        };
        let log = ProfiledLog {
            level,
            target: target.to_owned(),
            message: scrub(&cut(&said.message)),
            fields: said.fields.into_iter().map(field).collect(),
            start: self.since_start(Instant::now()),
        };
        let mut state = self.state();
        if state.makes_room_for(&log) {
            state.profile.logs.push(log);
        }
    }

    /// Milliseconds.
    fn since_start(&self, moment: Instant) -> f64 {
        moment.saturating_duration_since(self.0.started_at).as_secs_f64() * 1000.0
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether the entry may be kept; one that may not is counted.
    fn makes_room_for(&mut self, entry: &impl Serialize) -> bool {
        let size = serde_json::to_vec(entry).map_or(0, |json| json.len());
        let fits = self.budget.take(size);
        self.profile.left_out += usize::from(!fits);
        fits
    }
}
