//! The book about the gallery: `docs/`, turned into pages for developers.

mod code;
mod controller;
mod heading;
mod markdown;
mod place;
mod summary;

use std::borrow::Cow;

use rust_embed::RustEmbed;
use serde::Serialize;

use summary::Chapter;

pub(super) use controller::routes;

/// `docs/`: in a release build part of the binary, in a debug build read anew each time.
#[derive(RustEmbed)]
#[folder = "docs/"]
struct BookFiles;

/// The page that `/` stands for.
const FIRST: &str = "README.md";
/// The table of contents, which is also the order of the pages.
const CONTENTS: &str = "SUMMARY.md";

/// One page of the book.
#[derive(Debug, Serialize)]
pub struct BookPage {
    /// Its first heading, without markup.
    pub title: String,
    /// The text as HTML, without a style or a script.
    pub html: String,
    /// Where to go on, if the page is in the table of contents.
    pub next: Option<Chapter>,
    /// What came before.
    pub previous: Option<Chapter>,
}

/// A picture of the book.
#[derive(Debug)]
pub struct BookPicture {
    /// The type of its bytes.
    pub content_type: &'static str,
    /// The whole file.
    pub bytes: Cow<'static, [u8]>,
}

/// The page of this path below `docs/`; the empty path is the first page.
#[must_use]
pub fn page(path: &str) -> Option<BookPage> {
    let path = if path.is_empty() { FIRST } else { path };
    let text = text(path)?;
    let markdown::Rendered { title, html } = markdown::render(&text, path);
    let (previous, next) = summary::neighbours(&chapters(), path);
    Some(BookPage { title, html, next, previous })
}

/// The picture of this path below `docs/`.
#[must_use]
pub fn picture(path: &str) -> Option<BookPicture> {
    let (_, extension) = path.rsplit_once('.')?;
    let content_type = match extension {
        "jpg" => "image/jpeg",
        "png" => "image/png",
        "svg" => "image/svg+xml; charset=utf-8",
        _ => return None,
    };
    Some(BookPicture { content_type, bytes: BookFiles::get(path)?.data })
}

/// The pages in their order.
#[must_use]
pub fn chapters() -> Vec<Chapter> {
    text(CONTENTS).map(|contents| summary::chapters(&contents)).unwrap_or_default()
}

fn text(path: &str) -> Option<String> {
    let is_page = path.rsplit_once('.').is_some_and(|(_, extension)| extension == "md");
    let file = is_page.then(|| BookFiles::get(path)).flatten()?;
    String::from_utf8(file.data.into_owned()).ok()
}
