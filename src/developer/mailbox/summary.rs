//! A mail as a list shows it.

use std::path::Path;

use chrono::{DateTime, Utc};
use mail_parser::Message;
use serde::Serialize;

use super::error::MailboxError;
use super::files::{self, MailFile};
use super::mail_id::MailId;
use super::parse;
use super::parse::Envelope;
use super::shape::Shape;

/// How many characters of the text a list shows.
const SNIPPET: usize = 140;
/// How many recipients are looked at.
const MAX_RECIPIENTS: usize = 2000;
/// How many characters of the text are looked at for it.
const SNIPPET_SOURCE: usize = 4000;

/// Who, to whom, about what, when.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MailSummary {
    /// Names it in addresses.
    pub id: MailId,
    /// The sender's bare address; empty if there is none.
    pub from: String,
    /// The sender's name, if the mail tells one.
    pub from_name: Option<String>,
    /// The bare addresses of all recipients: `To`, `Cc` and the envelope.
    pub to: Vec<String>,
    /// The subject; empty if there is none.
    pub subject: String,
    /// The first words of the text.
    pub snippet: String,
    /// When the mail was written into the folder.
    pub received_at: DateTime<Utc>,
    /// In bytes.
    pub size: u64,
    /// Nobody has looked at it here.
    pub is_unread: bool,
}

impl MailSummary {
    /// Reads what a list needs of a mail.
    ///
    /// # Errors
    /// When the mail is gone or cannot be read.
    pub(super) fn read(folder: &Path, file: &MailFile) -> Result<Self, MailboxError> {
        let head = files::read_head(folder, &file.id)?;
        let envelope = Envelope::read(files::read_envelope(folder, &file.id).as_deref());
        let shape = Shape::of(&head);
        let message = match &shape {
            Some(shape) => parse::parse(shape),
            None => parse::headers(&head),
        };
        Ok(Self::of(file, message.as_ref(), envelope))
    }

    pub(super) fn of(file: &MailFile, message: Option<&Message<'_>>, envelope: Envelope) -> Self {
        let from = message.and_then(|message| message.from()?.first());
        let address = from.and_then(|from| from.address()).map(ToOwned::to_owned);
        Self {
            id: file.id.clone(),
            from: address.or(envelope.reverse_path).unwrap_or_default(),
            from_name: from.and_then(|from| from.name()).map(ToOwned::to_owned),
            to: recipients(message, &envelope.forward_path),
            subject: message.and_then(Message::subject).unwrap_or_default().to_owned(),
            snippet: message.map(snippet).unwrap_or_default(),
            received_at: file.received_at,
            size: file.size,
            is_unread: file.is_unread,
        }
    }
}

fn recipients(message: Option<&Message<'_>>, forward_path: &[String]) -> Vec<String> {
    let headers = message.into_iter().flat_map(|message| [message.to(), message.cc()]);
    let named = headers.flat_map(parse::addresses);
    let mut all: Vec<String> = Vec::new();
    let named = named.chain(forward_path.iter().map(String::as_str));
    // Each is compared with all before it.
    for address in named.take(MAX_RECIPIENTS) {
        if !all.iter().any(|known| known.eq_ignore_ascii_case(address)) {
            all.push(address.to_owned());
        }
    }
    all
}

fn snippet(message: &Message<'_>) -> String {
    let text = message.body_text(0).unwrap_or_default();
    let start: String = text.chars().take(SNIPPET_SOURCE).collect();
    let words = start.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.chars().count() <= SNIPPET {
        return words;
    }
    words.chars().take(SNIPPET - 1).chain(['…']).collect()
}
