//! The HTML of mails, token by token: nothing is loaded and no tree is built, so that no nesting is
//! too deep.

mod frame;
mod inline_images;

use std::cell::RefCell;
use std::time::{Duration, Instant};

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, StartTag, Tag, TagToken, Token, TokenSink, TokenSinkResult, Tokenizer,
    TokenizerOpts,
};

pub(super) use frame::frame_document;
pub(super) use inline_images::InlineImages;

/// How long HTML is read; an honest mail takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(1);
/// After how many bytes the time is looked at.
const PIECE: usize = 1 << 10;

/// Gives each token to a function, and reads what is in a `<style>` or `<script>` as a browser does.
struct EachToken<F>(RefCell<F>);

impl<F: FnMut(Token)> TokenSink for EachToken<F> {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let next = match &token {
            TagToken(tag) if tag.kind == StartTag => content_of(&tag.name),
            _ => TokenSinkResult::Continue,
        };
        (self.0.borrow_mut())(token);
        next
    }
}

/// How the text after this start tag is to be read.
fn content_of(tag: &str) -> TokenSinkResult<()> {
    match tag {
        "script" => TokenSinkResult::RawData(RawKind::ScriptData),
        "style" | "xmp" | "iframe" | "noembed" | "noframes" => {
            TokenSinkResult::RawData(RawKind::Rawtext)
        }
        "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
        "plaintext" => TokenSinkResult::Plaintext,
        _ => TokenSinkResult::Continue,
    }
}

/// Gives each token of the HTML to a function; `false` if that takes so long that the rest is left out:
/// the tokenizer compares each attribute of a tag with all before it.
fn each_token(html: &str, look: impl FnMut(Token)) -> bool {
    let began = Instant::now();
    let tokenizer = Tokenizer::new(EachToken(RefCell::new(look)), TokenizerOpts::default());
    let (input, mut rest) = (BufferQueue::default(), html);
    while !rest.is_empty() {
        if began.elapsed() > PATIENCE {
            return false;
        }
        let (piece, after) = rest.split_at(rest.ceil_char_boundary(PIECE));
        rest = after;
        input.push_back(StrTendril::from_slice(piece));
        // It stops where a browser would run a script; there is no script to run.
        while !matches!(tokenizer.feed(&input), html5ever::TokenizerResult::Done) {}
    }
    tokenizer.end();
    true
}

/// Where the HTML links to, as it is written there; links within the mail are left out. Of HTML that
/// takes too long to be read, what has been found by then.
pub(super) fn links(html: &str) -> Vec<String> {
    let mut links = Vec::new();
    each_token(html, |token| {
        if let TagToken(tag) = token
            && is_link(&tag)
            && let Some(href) = attribute(&tag, "href")
        {
            let href = href.trim();
            if !href.is_empty() && !href.starts_with('#') {
                links.push(href.to_owned());
            }
        }
    });
    links
}

fn is_link(tag: &Tag) -> bool {
    tag.kind == StartTag && matches!(&*tag.name, "a" | "area")
}

fn attribute<'a>(tag: &'a Tag, name: &str) -> Option<&'a str> {
    let found = tag.attrs.iter().find(|attribute| &*attribute.name.local == name);
    found.map(|attribute| &*attribute.value)
}
