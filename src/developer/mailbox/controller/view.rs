//! What the pages of the mailbox are given.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::developer::mailbox::{Attachment, Mail, MailProblem, MailSummary};
use crate::http::original_filename::OriginalFilename;

/// How much of a mail's bytes a page shows, in bytes.
const MAX_RAW: usize = 512 << 10;

/// `mailbox/list.html`.
#[derive(Serialize)]
pub(super) struct ListPage {
    pub(super) now: DateTime<Utc>,
    pub(super) mails: Vec<MailSummary>,
    pub(super) total: usize,
    pub(super) unread: usize,
    pub(super) page: usize,
    pub(super) has_older: bool,
    /// Where mails go if they are not here.
    pub(super) elsewhere: Option<String>,
}

/// One way to look at a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Tab {
    Html,
    Text,
    Source,
    Headers,
    Raw,
    Links,
}

/// `mailbox/show.html`.
#[derive(Serialize)]
pub(super) struct MailPage {
    now: DateTime<Utc>,
    mail: MailSummary,
    problem: Option<String>,
    tab: Tab,
    tabs: [(Tab, &'static str); 6],
    has_html: bool,
    text: Option<String>,
    source: Option<String>,
    headers: Vec<(String, String)>,
    raw: Option<Raw>,
    links: Vec<Link>,
    attachments: Vec<AttachmentView>,
}

#[derive(Serialize)]
struct Raw {
    text: String,
    is_cut: bool,
}

#[derive(Serialize)]
struct Link {
    address: String,
    /// Whether it may be clicked.
    is_web: bool,
}

#[derive(Serialize)]
struct AttachmentView {
    name: String,
    content_type: String,
    size: String,
}

const TABS: [(Tab, &str); 6] = [
    (Tab::Html, "HTML"),
    (Tab::Text, "Text"),
    (Tab::Source, "Source"),
    (Tab::Headers, "Headers"),
    (Tab::Raw, "Raw"),
    (Tab::Links, "Links"),
];

impl MailPage {
    /// The page of a mail; only what the tab shows is given along.
    pub(super) fn new(now: DateTime<Utc>, mail: Mail, tab: Option<Tab>) -> Self {
        let has_html = mail.html.is_some();
        let tab = tab.unwrap_or(if has_html { Tab::Html } else { Tab::Text });
        let at = |wanted: Tab| tab == wanted;
        Self {
            now,
            problem: mail.problem.map(sentence),
            tab,
            tabs: TABS,
            has_html,
            raw: at(Tab::Raw).then(|| Raw::of(&mail.raw)),
            attachments: mail.attachments.iter().map(AttachmentView::of).collect(),
            text: mail.text.filter(|_| at(Tab::Text)),
            source: mail.html.filter(|_| at(Tab::Source)),
            headers: if at(Tab::Headers) { mail.headers } else { Vec::new() },
            links: mail.links.into_iter().map(Link::of).collect(),
            mail: mail.summary,
        }
    }
}

impl Raw {
    fn of(bytes: &[u8]) -> Self {
        let shown = &bytes[..bytes.len().min(MAX_RAW)];
        let is_cut = shown.len() < bytes.len();
        Self { text: String::from_utf8_lossy(shown).into_owned(), is_cut }
    }
}

impl Link {
    fn of(address: String) -> Self {
        let is_web = address.starts_with("https://") || address.starts_with("http://");
        Self { address, is_web }
    }
}

impl AttachmentView {
    fn of(attachment: &Attachment) -> Self {
        let name = attachment.name.as_deref().unwrap_or("attachment");
        Self {
            name: OriginalFilename::clean(name).to_string(),
            content_type: attachment.content_type.clone(),
            size: size(attachment.bytes.len()),
        }
    }
}

fn size(bytes: usize) -> String {
    match bytes {
        1 => "1 byte".to_owned(),
        0..1000 => format!("{bytes} bytes"),
        1000..1_000_000 => format!("{} KB", bytes / 1000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

fn sentence(problem: MailProblem) -> String {
    match problem {
        MailProblem::TooLarge(limit) => too_large(limit),
        MailProblem::TooManyParts => "This mail has more parts or headers than can be shown here. \
                                      See under Raw what is in it."
            .to_owned(),
        MailProblem::NotAMail => {
            "There is no mail in this file. See under Raw what is in it.".to_owned()
        }
    }
}

/// Why a mail was not opened.
pub(super) fn too_large(limit: u64) -> String {
    let limit = limit >> 20;
    format!("This mail is larger than {limit} MB and is not opened here. Look at its file instead.")
}
