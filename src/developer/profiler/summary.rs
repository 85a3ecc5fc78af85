//! A profile on one line.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::email::{self, EmailStatus};
use super::profile::Profile;

/// A profile on one line of the list, and what the toolbar fetches.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Names the profile in its address.
    pub token: String,
    /// When the request came.
    pub at: DateTime<Utc>,
    /// The HTTP method, in capitals.
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// The HTTP status; 0 while there is none.
    pub status: u16,
    /// Milliseconds until the answer's head was ready.
    pub duration: f64,
    /// Who was signed in.
    pub user: Option<String>,
    /// How many SQL statements ran.
    pub statements: usize,
    /// How many messages were dispatched.
    pub messages: usize,
    /// How many of them failed.
    pub failed_messages: usize,
    /// How many mails were put into a queue, or would have been.
    pub queued_emails: usize,
    /// How many mails were sent.
    pub sent_emails: usize,
    /// How many lines were logged.
    pub logs: usize,
}

impl Summary {
    /// The line of this profile.
    #[must_use]
    pub fn of(profile: &Profile) -> Self {
        let messages = &profile.messages;
        let emails = email::statuses(profile);
        Self {
            token: profile.token.clone(),
            at: profile.at,
            method: profile.request.method.clone(),
            path: profile.request.path.clone(),
            status: profile.answer.status,
            duration: profile.duration,
            user: profile.answer.user.clone(),
            statements: profile.statements.len(),
            messages: messages.len(),
            failed_messages: messages.iter().filter(|one| one.exception.is_some()).count(),
            queued_emails: emails.iter().filter(|status| status.counts_as_queued()).count(),
            sent_emails: emails.iter().filter(|status| **status == EmailStatus::Sent).count(),
            logs: profile.logs.len(),
        }
    }
}
