//! A mail, opened.

use std::path::Path;

use mail_parser::{Message, MessagePart, MimeHeaders};

use super::error::MailboxError;
use super::files::{self, MailFile};
use super::html::{self, InlineImages};
use super::parse::Envelope;
use super::shape::{Shape, kind_as_sent};
use super::summary::MailSummary;
use super::{links, parse};

/// Everything that a mail says.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Who, to whom, about what, when.
    pub summary: MailSummary,
    /// The `Message-ID`, without the angle brackets.
    pub message_id: Option<String>,
    /// The plain text; `None` if the mail has none of its own.
    pub text: Option<String>,
    /// The HTML as it was sent; `None` if the mail has none of its own.
    pub html: Option<String>,
    /// Where the mail links to, each address once, the HTML's first.
    pub links: Vec<String>,
    /// The headers, in order, as they were sent.
    pub headers: Vec<(String, String)>,
    /// The attachments, pictures in the text included.
    pub attachments: Vec<Attachment>,
    /// The mail as it was sent; empty if it is too large to be opened.
    pub raw: Vec<u8>,
    /// Why nothing but the summary is here.
    pub problem: Option<MailProblem>,
}

/// Why a mail could not be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailProblem {
    /// It is larger than this, in bytes.
    TooLarge(u64),
    /// What is in the file is no mail.
    NotAMail,
    /// It has more parts or headers than can be shown.
    TooManyParts,
}

/// A file in a mail.
#[derive(Debug, Clone)]
pub struct Attachment {
    /// The name that the sender gave it; may be hostile.
    pub name: Option<String>,
    /// The type that the sender says it has, such as `image/png`.
    pub content_type: String,
    /// By what the HTML names it (`cid:`).
    pub content_id: Option<String>,
    /// What was attached, decoded.
    pub bytes: Vec<u8>,
}

impl Mail {
    /// Opens a mail; one that is too large or no mail comes with a [`MailProblem`].
    ///
    /// # Errors
    /// When the mail is gone or cannot be read.
    pub(super) fn open(folder: &Path, file: &MailFile) -> Result<Self, MailboxError> {
        let raw = match files::read_whole(folder, file) {
            Err(MailboxError::TooLarge { limit }) => {
                let summary = MailSummary::read(folder, file)?;
                return Ok(Self::unopened(summary, MailProblem::TooLarge(limit)));
            }
            raw => raw?,
        };
        let envelope = Envelope::read(files::read_envelope(folder, &file.id).as_deref());
        let Some(shape) = Shape::of(&raw) else {
            let summary = MailSummary::of(file, parse::headers(&raw).as_ref(), envelope);
            return Ok(Self { raw, ..Self::unopened(summary, MailProblem::TooManyParts) });
        };
        let Some(message) = parse::parse(&shape) else {
            let summary = MailSummary::of(file, None, envelope);
            drop(shape);
            return Ok(Self { raw, ..Self::unopened(summary, MailProblem::NotAMail) });
        };
        let (text, html) = (parse::text(&message), parse::html(&message));
        let opened = Self {
            summary: MailSummary::of(file, Some(&message), envelope),
            message_id: message.message_id().map(ToOwned::to_owned),
            links: links::of(html.as_deref(), text.as_deref()),
            headers: headers(&message, &raw),
            attachments: message.attachments().map(Attachment::of).collect(),
            text,
            html,
            raw: Vec::new(),
            problem: None,
        };
        drop(message);
        drop(shape);
        Ok(Self { raw, ..opened })
    }

    fn unopened(summary: MailSummary, problem: MailProblem) -> Self {
        Self {
            summary,
            message_id: None,
            text: None,
            html: None,
            links: Vec::new(),
            headers: Vec::new(),
            attachments: Vec::new(),
            raw: Vec::new(),
            problem: Some(problem),
        }
    }

    /// The HTML made fit for a frame: without what would load, send or lead astray, pictures of the
    /// mail itself in place, links into a new window. The frame's own policy is the border; this keeps
    /// the document from trying. `None` if there is no HTML.
    #[must_use]
    pub fn frame_document(&self) -> Option<String> {
        let images = InlineImages::of(&self.attachments);
        self.html.as_deref().map(|html| html::frame_document(html, &images))
    }
}

impl Attachment {
    fn of(part: &MessagePart<'_>) -> Self {
        let content_type = part.content_type().map(|kind| match kind.subtype() {
            Some(subtype) => format!("{}/{subtype}", kind.ctype()).to_ascii_lowercase(),
            None => kind.ctype().to_ascii_lowercase(),
        });
        Self {
            name: part.attachment_name().map(ToOwned::to_owned),
            content_type: content_type
                .map_or_else(|| "application/octet-stream".to_owned(), |kind| kind_as_sent(&kind)),
            content_id: part.content_id().map(ToOwned::to_owned),
            bytes: part.contents().to_vec(),
        }
    }
}

/// From the bytes: a header that is not UTF-8, or that the parser took for nonsense, is shown too.
fn headers(message: &Message<'_>, raw: &[u8]) -> Vec<(String, String)> {
    let value = |from: u32, to: u32| {
        let bytes = raw.get(from as usize..to as usize).unwrap_or_default();
        String::from_utf8_lossy(bytes).trim().to_owned()
    };
    let named = message.headers().iter();
    let shown = named.map(|header| {
        (header.name().to_owned(), value(header.offset_start(), header.offset_end()))
    });
    shown.collect()
}
