//! The mails of a profile: messages that say what is to be sent.

use serde::Serialize;
use serde_json::Value;

use super::budget::uncut_length;
use super::entry::ProfiledMessage;
use super::profile::Profile;

/// The message that is a mail.
const CLASS: &str = r"App\Mailer\SendEmailMessage";

/// What became of a mail during the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EmailStatus {
    /// It is in a queue; a worker renders and sends it.
    Queued,
    /// It was sent at once.
    Sent,
    /// It could not be queued or sent.
    Failed,
    /// The dispatch that it waited for failed.
    Dropped,
}

impl EmailStatus {
    /// Whether it went to the bus: a mail that is sent at once counts as queued and as sent, as in
    /// Symfony.
    #[must_use]
    pub fn counts_as_queued(self) -> bool {
        self != Self::Dropped
    }

    fn of(message: &ProfiledMessage) -> Self {
        if message.exception.is_some() {
            Self::Failed
        } else if message.is_waiting {
            Self::Dropped
        } else if message.queued_on.is_empty() {
            Self::Sent
        } else {
            Self::Queued
        }
    }
}

/// One mail, as the request left it.
#[derive(Debug, Clone, Serialize)]
pub struct ProfiledEmail {
    /// What became of it.
    pub status: EmailStatus,
    /// The queues it is in.
    pub transports: Vec<String>,
    /// The template that will be rendered.
    pub template: String,
    /// What the template is given.
    pub context: Value,
    /// Who sends it; `None`: the gallery.
    pub from: Option<String>,
    /// Whom it is for.
    pub to: Vec<String>,
    /// Other headers, `Cc: …` each.
    pub headers: Vec<String>,
    /// What is attached: names, types and sizes in bytes.
    pub attachments: Vec<(String, String, usize)>,
    /// The id that the audit gave the message.
    pub unique_id: Option<String>,
    /// The body of the message, without attachments that were cut.
    #[serde(skip)]
    pub body: Value,
}

impl ProfiledEmail {
    /// The mails of a profile, in order.
    #[must_use]
    pub fn all_of(profile: &Profile) -> Vec<Self> {
        mails(profile).map(Self::of).collect()
    }

    fn of(message: &ProfiledMessage) -> Self {
        let body = &message.contents;
        let named = [("cc", "Cc"), ("bcc", "Bcc"), ("replyTo", "Reply-To")];
        let header = |(field, name): (&str, &str)| {
            let all = addresses(&body[field]);
            (!all.is_empty()).then(|| format!("{name}: {}", all.join(", ")))
        };
        Self {
            status: EmailStatus::of(message),
            transports: message.queued_on.clone(),
            template: text(&body["template"]),
            context: body["context"].clone(),
            from: address(&body["from"]),
            to: addresses(&body["to"]),
            headers: named.into_iter().filter_map(header).collect(),
            attachments: items(&body["attachments"]).iter().map(attachment).collect(),
            unique_id: message.unique_id.clone(),
            body: renderable(body.clone()),
        }
    }
}

pub(super) fn statuses(profile: &Profile) -> Vec<EmailStatus> {
    mails(profile).map(EmailStatus::of).collect()
}

/// The second half of `sync://` is the same mail again.
fn mails(profile: &Profile) -> impl Iterator<Item = &ProfiledMessage> {
    profile.messages.iter().filter(|message| message.class == CLASS && !message.is_received)
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn addresses(value: &Value) -> Vec<String> {
    items(value).iter().filter_map(address).collect()
}

/// `Vera <vera@example.org>`.
fn address(value: &Value) -> Option<String> {
    let address = value["address"].as_str()?;
    Some(match value["name"].as_str() {
        Some(name) if !name.is_empty() => format!("{name} <{address}>"),
        _ => address.to_owned(),
    })
}

fn renderable(mut body: Value) -> Value {
    if let Some(attachments) = body.get_mut("attachments").and_then(Value::as_array_mut) {
        let is_whole = |body: &str| uncut_length(body) == body.len();
        attachments.retain(|attachment| attachment["body"].as_str().is_some_and(is_whole));
    }
    body
}

fn attachment(value: &Value) -> (String, String, usize) {
    let body = value["body"].as_str().unwrap_or_default();
    let padding = body.len() - body.trim_end_matches('=').len();
    let size = (uncut_length(body) / 4 * 3).saturating_sub(padding);
    (text(&value["filename"]), text(&value["contentType"]), size)
}
