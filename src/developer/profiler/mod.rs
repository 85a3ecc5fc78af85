//! The profiler: what happened while a request was answered, kept in memory for developers.
//!
//! A [`Recording`] belongs to one request and is found through the task that answers it, so that
//! requests at the same time never mix. Whoever listens ([`Messages`], [`Statements`], [`Logs`])
//! does nothing on a task without one.

mod budget;
mod controller;
mod current;
mod email;
mod entry;
mod listeners;
mod middleware;
mod preview;
mod profile;
mod recording;
mod redact;
mod summary;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use messenger::clock::Clock;
use serde_json::Value;
use uuid::Uuid;

pub(super) use controller::routes;
pub use current::{current, record};
pub use email::{EmailStatus, ProfiledEmail};
pub use entry::{ProfiledLog, ProfiledMessage, ProfiledStamp, ProfiledStatement};
pub use listeners::{Logs, Messages, Statements};
pub use middleware::{link, profile_requests};
pub use profile::{Answer, Profile, Request};
pub use recording::Recording;
pub use redact::{is_secret, scrub};
pub use summary::Summary;

/// How many profiles are kept of each kind.
pub const KEPT: usize = 100;

/// The profiles of this process. A clone is cheap and sees the same ones.
#[derive(Clone)]
pub struct Profiler(Arc<Inner>);

struct Inner {
    clock: Clock,
    /// Pages and API requests.
    pages: Mutex<Ring>,
    /// Files and streams, which would push the others out.
    files: Mutex<Ring>,
    preview: Option<Arc<dyn EmailPreview>>,
}

/// Shows a queued mail as the worker would render it.
pub trait EmailPreview: Send + Sync + 'static {
    /// Renders the JSON body of a `SendEmailMessage`.
    ///
    /// # Errors
    /// Why it cannot be rendered, as a sentence.
    fn preview(&self, body: &Value) -> Result<Preview, String>;
}

/// A mail as a worker would render it.
#[derive(Debug, Clone, Default)]
pub struct Preview {
    /// One line.
    pub subject: String,
    /// For programs that show text.
    pub text: String,
    /// Its HTML, if it has any.
    pub html: Option<String>,
    /// The whole mail as it would be sent (RFC 5322).
    pub raw: Vec<u8>,
}

impl Profiler {
    /// A profiler without a profile.
    #[must_use]
    pub fn new(clock: Clock, preview: Option<Arc<dyn EmailPreview>>) -> Self {
        let (pages, files) = (Mutex::default(), Mutex::default());
        Self(Arc::new(Inner { clock, pages, files, preview }))
    }

    /// Begins to record a request; `redirected_from` names the one that led here, if it is known.
    #[must_use]
    pub fn begin(&self, mut request: Request, redirected_from: Option<&str>) -> Recording {
        request.redirected_from =
            redirected_from.and_then(|token| self.recording(token)).map(|one| one.summary());
        let mut token = Uuid::new_v4().simple().to_string();
        token.truncate(10);
        Recording::new(token, self.0.clock.now(), request)
    }

    /// Keeps what was recorded; the oldest of its kind makes room.
    pub fn keep(&self, recording: Recording) {
        let ring = if recording.is_file() { &self.0.files } else { &self.0.pages };
        ring.lock().unwrap_or_else(PoisonError::into_inner).push(recording);
    }

    /// A profile by its token.
    #[must_use]
    pub fn find(&self, token: &str) -> Option<Profile> {
        self.recording(token).map(|recording| recording.profile())
    }

    fn recording(&self, token: &str) -> Option<Recording> {
        let find =
            |ring: &Mutex<Ring>| ring.lock().unwrap_or_else(PoisonError::into_inner).find(token);
        find(&self.0.pages).or_else(|| find(&self.0.files))
    }

    /// The newest first; pages and API requests, or files and streams.
    #[must_use]
    pub fn list(&self, files: bool) -> Vec<Summary> {
        let ring = if files { &self.0.files } else { &self.0.pages };
        let recordings = ring.lock().unwrap_or_else(PoisonError::into_inner).newest_first();
        recordings.iter().map(Recording::summary).collect()
    }

    /// Renders a mail; `None` if nobody can.
    #[must_use]
    pub fn preview(&self, body: &Value) -> Option<Result<Preview, String>> {
        self.0.preview.as_ref().map(|preview| preview.preview(body))
    }
}

/// The last recordings of one kind, the oldest first.
#[derive(Default)]
struct Ring(VecDeque<Recording>);

impl Ring {
    fn push(&mut self, recording: Recording) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back(recording);
    }

    fn find(&self, token: &str) -> Option<Recording> {
        self.0.iter().rev().find(|recording| recording.token() == token).cloned()
    }

    fn newest_first(&self) -> Vec<Recording> {
        self.0.iter().rev().cloned().collect()
    }
}
