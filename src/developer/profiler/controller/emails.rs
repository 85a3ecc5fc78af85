//! The panel *Emails*: what was queued or sent, and how it will look.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::Value;

use super::outcome::Outcome;
use super::text::{pretty, size};
use crate::developer::profiler::{EmailStatus, Preview, Profile, ProfiledEmail};

#[derive(Debug, Serialize)]
pub(super) struct EmailsPanel {
    queued: usize,
    sent: usize,
    emails: Vec<EmailView>,
}

#[derive(Debug, Serialize)]
struct EmailView {
    /// `Queued`, `Sent`, `Failed`, `Dropped`.
    badge: &'static str,
    /// Chooses the colour.
    status: EmailStatus,
    transport: String,
    template: String,
    context: String,
    from: Option<String>,
    to: String,
    headers: Vec<String>,
    attachments: Vec<String>,
    outcome: Option<Outcome>,
    preview: Option<PreviewView>,
    problem: Option<String>,
}

#[derive(Debug, Serialize)]
struct PreviewView {
    subject: String,
    text: String,
    html: Option<String>,
    raw_size: String,
    /// The number of the mail in addresses.
    number: usize,
}

impl EmailsPanel {
    /// The mails of a profile, each rendered by `preview` as it is looked at.
    pub(super) fn new(
        profile: &Profile,
        outcomes: &HashMap<String, Outcome>,
        preview: impl Fn(&Value) -> Option<Result<Preview, String>>,
    ) -> Self {
        let emails = ProfiledEmail::all_of(profile);
        let counted = |wanted: fn(EmailStatus) -> bool| {
            emails.iter().filter(|email| wanted(email.status)).count()
        };
        let queued = counted(EmailStatus::counts_as_queued);
        let sent = counted(|status| status == EmailStatus::Sent);
        let rendered = emails.iter().map(|email| preview(&email.body)).collect::<Vec<_>>();
        let numbered = emails.into_iter().zip(rendered).enumerate();
        let view = |(number, (email, preview))| view(number, email, preview, outcomes);
        Self { queued, sent, emails: numbered.map(view).collect() }
    }
}

fn view(
    number: usize,
    email: ProfiledEmail,
    preview: Option<Result<Preview, String>>,
    outcomes: &HashMap<String, Outcome>,
) -> EmailView {
    let (preview, problem) = match preview {
        None => (None, None),
        Some(Ok(preview)) => (Some(preview_view(number, preview)), None),
        Some(Err(problem)) => (None, Some(problem)),
    };
    let attachment =
        |(name, kind, bytes): (String, String, usize)| format!("{name} ({kind}, {})", size(bytes));
    EmailView {
        badge: badge(email.status),
        status: email.status,
        transport: email.transports.join(", "),
        template: email.template,
        context: pretty(&email.context),
        from: email.from,
        to: email.to.join(", "),
        headers: email.headers,
        attachments: email.attachments.into_iter().map(attachment).collect(),
        outcome: email.unique_id.and_then(|id| outcomes.get(&id).cloned()),
        preview,
        problem,
    }
}

fn badge(status: EmailStatus) -> &'static str {
    match status {
        EmailStatus::Queued => "Queued",
        EmailStatus::Sent => "Sent",
        EmailStatus::Failed => "Failed",
        EmailStatus::Dropped => "Dropped",
    }
}

fn preview_view(number: usize, preview: Preview) -> PreviewView {
    PreviewView {
        subject: preview.subject,
        text: preview.text,
        html: preview.html,
        raw_size: size(preview.raw.len()),
        number,
    }
}
