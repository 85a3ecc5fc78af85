//! The page of one profile: its panels, of which one is shown.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::emails::EmailsPanel;
use super::messages::MessagesPanel;
use super::outcome::Outcome;
use super::statements::StatementsPanel;
use super::text::milliseconds;
use super::timeline::TimelinePanel;
use crate::developer::profiler::{Answer, Preview, Profile, ProfiledLog, Request, Summary, link};

/// What is shown of a profile.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Panel {
    #[default]
    Request,
    Messages,
    Emails,
    Sql,
    Logs,
    Timeline,
}

/// `profiler/profile.html`.
#[derive(Debug, Serialize)]
pub(super) struct ProfilePage {
    summary: Summary,
    link: String,
    time: String,
    took: String,
    left_out: usize,
    tabs: Vec<Tab>,
    panel: Panel,
    #[serde(flatten)]
    contents: Contents,
}

/// A link to a panel.
#[derive(Debug, Serialize)]
struct Tab {
    panel: Panel,
    title: &'static str,
    count: Option<usize>,
    /// How many of them went wrong.
    failed: usize,
}

/// What the shown panel needs.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Contents {
    Request(Box<RequestPanel>),
    Messages(MessagesPanel),
    Emails(EmailsPanel),
    Sql(StatementsPanel),
    Logs { logs: Vec<LogView> },
    Timeline(TimelinePanel),
}

#[derive(Debug, Serialize)]
struct RequestPanel {
    request: Request,
    answer: Answer,
    form_fields: Vec<String>,
    before: Option<String>,
}

#[derive(Debug, Serialize)]
struct LogView {
    at: String,
    #[serde(flatten)]
    log: ProfiledLog,
}

impl ProfilePage {
    /// The page with one panel.
    pub(super) fn new(
        profile: &Profile,
        panel: Panel,
        bus: Option<&str>,
        outcomes: &HashMap<String, Outcome>,
        preview: impl Fn(&Value) -> Option<Result<Preview, String>>,
    ) -> Self {
        let summary = Summary::of(profile);
        let contents = match panel {
            Panel::Request => Contents::Request(Box::new(request_panel(profile))),
            Panel::Messages => Contents::Messages(MessagesPanel::new(profile, bus, outcomes)),
            Panel::Emails => Contents::Emails(EmailsPanel::new(profile, outcomes, preview)),
            Panel::Sql => Contents::Sql(StatementsPanel::new(profile)),
            Panel::Logs => Contents::Logs { logs: profile.logs.iter().map(log_view).collect() },
            Panel::Timeline => Contents::Timeline(TimelinePanel::new(profile)),
        };
        Self {
            link: link(&profile.token),
            time: profile.at.format("%Y-%m-%d %H:%M:%S UTC").to_string(),
            took: milliseconds(profile.duration),
            left_out: profile.left_out,
            tabs: tabs(profile, &summary),
            summary,
            panel,
            contents,
        }
    }
}

fn tabs(profile: &Profile, summary: &Summary) -> Vec<Tab> {
    let tab = |panel, title, count, failed| Tab { panel, title, count, failed };
    let emails = summary.queued_emails.max(summary.sent_emails);
    let failed_sql = profile.statements.iter().filter(|one| one.error.is_some()).count();
    let errors = profile.logs.iter().filter(|log| log.level == "ERROR").count();
    vec![
        tab(Panel::Request, "Request", None, 0),
        tab(Panel::Messages, "Messages", Some(summary.messages), summary.failed_messages),
        tab(Panel::Emails, "Emails", Some(emails), 0),
        tab(Panel::Sql, "SQL", Some(summary.statements), failed_sql),
        tab(Panel::Logs, "Logs", Some(summary.logs), errors),
        tab(Panel::Timeline, "Timeline", None, 0),
    ]
}

fn request_panel(profile: &Profile) -> RequestPanel {
    let before = profile.request.redirected_from.as_ref();
    RequestPanel {
        before: before.map(|before| link(&before.token)),
        request: profile.request.clone(),
        answer: profile.answer.clone(),
        form_fields: profile.form_fields.clone(),
    }
}

fn log_view(log: &ProfiledLog) -> LogView {
    LogView { at: milliseconds(log.start), log: log.clone() }
}
