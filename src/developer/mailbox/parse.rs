//! Bytes into the parts of a mail, whatever the bytes are.

use std::panic::{AssertUnwindSafe, catch_unwind};

use mail_parser::{Address, Message, MessageParser, PartType};
use serde::Deserialize;

use super::shape::Shape;

/// How much of a mail is read for its headers alone, in bytes.
const HEADERS: usize = 64 << 10;

/// lettre's file beside a mail: also those are in it who are in no header (`Bcc`).
#[derive(Debug, Default, Deserialize)]
pub(super) struct Envelope {
    #[serde(default)]
    pub(super) forward_path: Vec<String>,
    #[serde(default)]
    pub(super) reverse_path: Option<String>,
}

impl Envelope {
    /// What the file says; nothing, if it is missing or makes no sense.
    pub(super) fn read(json: Option<&[u8]>) -> Self {
        json.and_then(|json| serde_json::from_slice(json).ok()).unwrap_or_default()
    }
}

/// The mail of this shape; `None` if there is none in it.
pub(super) fn parse<'a>(shape: &'a Shape<'_>) -> Option<Message<'a>> {
    unharmed(|| MessageParser::default().parse(shape.bytes()))
}

/// The headers at the beginning of these bytes, whatever comes after them.
pub(super) fn headers(bytes: &[u8]) -> Option<Message<'_>> {
    let bytes = &bytes[..bytes.len().min(HEADERS)];
    unharmed(|| MessageParser::default().parse_headers(bytes))
}

/// One hostile mail must not take the whole list with it.
fn unharmed<'a>(parse: impl FnOnce() -> Option<Message<'a>>) -> Option<Message<'a>> {
    catch_unwind(AssertUnwindSafe(parse)).ok().flatten()
}

/// The plain text; `None` if the mail has none of its own.
pub(super) fn text(message: &Message<'_>) -> Option<String> {
    let parts = message.text_bodies().filter_map(|part| match &part.body {
        PartType::Text(text) => Some(text.as_ref()),
        _ => None,
    });
    joined(parts, "\n\n")
}

/// The HTML; `None` if the mail has none of its own.
pub(super) fn html(message: &Message<'_>) -> Option<String> {
    let parts = message.html_bodies().filter_map(|part| match &part.body {
        PartType::Html(html) => Some(html.as_ref()),
        _ => None,
    });
    joined(parts, "\n")
}

fn joined<'a>(parts: impl Iterator<Item = &'a str>, separator: &str) -> Option<String> {
    let parts: Vec<&str> = parts.collect();
    (!parts.is_empty()).then(|| parts.join(separator))
}

/// The bare addresses of a header.
pub(super) fn addresses<'a>(header: Option<&'a Address<'_>>) -> impl Iterator<Item = &'a str> {
    header.into_iter().flat_map(Address::iter).filter_map(|one| one.address())
}
