//! The HTML of a mail, made fit for a frame.
//!
//! The policy of the frame is what keeps scripts and requests in; this takes away what a policy does
//! not govern (`<base>`, `preconnect`), and lets links open beside the mailbox.

use html5ever::tokenizer::{
    CharacterTokens, Doctype, DoctypeToken, EndTag, StartTag, Tag, TagToken, Token,
};
use url::Url;

use super::inline_images::InlineImages;
use super::{attribute, each_token, is_link};

/// Longer HTML is not shown in the frame, in bytes; nor is what takes too long to be read.
const MAX_HTML: usize = 2 << 20;
const TOO_LONG: &str =
    "<!doctype html><p>This HTML is too long to be shown here. See the source.</p>";

/// Left out together with what is in them.
const WITHOUT_CONTENT: [&str; 5] = ["script", "iframe", "noembed", "noframes", "xmp"];
/// Left out, but not what is in them.
const WITHOUT_TAG: [&str; 10] = [
    "applet",
    "base",
    "embed",
    "frame",
    "frameset",
    "link",
    "meta",
    "object",
    "plaintext",
    "portal",
];
/// What loads, sends or leads elsewhere; `href` and `src` are looked at one by one.
const WITHOUT_ATTRIBUTE: [&str; 14] = [
    "action",
    "background",
    "data",
    "dynsrc",
    "formaction",
    "href",
    "lowsrc",
    "manifest",
    "ping",
    "poster",
    "rel",
    "src",
    "srcset",
    "target",
];
/// Where a link may lead.
const SCHEMES: [&str; 4] = ["http", "https", "mailto", "tel"];

struct Frame<'a> {
    images: &'a InlineImages<'a>,
    html: String,
    /// The element whose content is left out.
    skipped: Option<String>,
    is_style: bool,
}

/// The document for the frame.
pub(in crate::developer::mailbox) fn frame_document(
    html: &str,
    images: &InlineImages<'_>,
) -> String {
    if html.len() > MAX_HTML {
        return TOO_LONG.to_owned();
    }
    let mut frame =
        Frame { images, html: String::with_capacity(html.len()), skipped: None, is_style: false };
    let is_whole = each_token(html, |token| frame.add(token));
    if is_whole { frame.html } else { TOO_LONG.to_owned() }
}

impl Frame<'_> {
    fn add(&mut self, token: Token) {
        match token {
            TagToken(tag) => self.add_tag(&tag),
            _ if self.skipped.is_some() => {}
            // Within an <svg> a browser reads tags in a style; in CSS this is the same character.
            CharacterTokens(text) if self.is_style => {
                self.html.push_str(&text.replace('<', "\\3c "));
            }
            CharacterTokens(text) => push_escaped(&mut self.html, &text),
            DoctypeToken(doctype) => self.add_doctype(&doctype),
            _ => {}
        }
    }

    /// Kept, because without it or with an old one a browser lays the mail out differently.
    fn add_doctype(&mut self, doctype: &Doctype) {
        let known =
            |id: &&str| id.bytes().all(|b| b.is_ascii_alphanumeric() || b" -/.:".contains(&b));
        let public = doctype.public_id.as_deref().filter(known);
        match (public, doctype.system_id.as_deref().filter(known)) {
            (Some(public), Some(system)) => {
                self.html.push_str(&format!("<!doctype html public \"{public}\" \"{system}\">"));
            }
            (Some(public), None) => {
                self.html.push_str(&format!("<!doctype html public \"{public}\">"));
            }
            _ => self.html.push_str("<!doctype html>"),
        }
    }

    fn add_tag(&mut self, tag: &Tag) {
        let name = &*tag.name;
        if let Some(skipped) = &self.skipped {
            if tag.kind == EndTag && skipped == name {
                self.skipped = None;
            }
            return;
        }
        if tag.kind == StartTag && WITHOUT_CONTENT.contains(&name) {
            self.skipped = Some(name.to_owned());
            return;
        }
        let is_plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b':');
        if WITHOUT_TAG.contains(&name) || !is_plain {
            return;
        }
        self.is_style = tag.kind == StartTag && name == "style";
        if tag.kind == EndTag {
            self.html.push_str(&format!("</{name}>"));
            return;
        }
        self.html.push_str(&format!("<{name}"));
        self.add_attributes(tag);
        self.html.push_str(if tag.self_closing { "/>" } else { ">" });
    }

    fn add_attributes(&mut self, tag: &Tag) {
        for attribute in &tag.attrs {
            let name = &*attribute.name.local;
            let is_plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
            if is_plain && !name.starts_with("on") && !WITHOUT_ATTRIBUTE.contains(&name) {
                self.add_attribute(name, &attribute.value);
            }
        }
        if let Some(source) = attribute(tag, "src").filter(|_| &*tag.name == "img")
            && let Some(source) = self.images.source(source, self.html.len())
        {
            self.add_attribute("src", &source);
        }
        if let Some(href) = attribute(tag, "href").filter(|_| is_link(tag)) {
            self.add_link(href.trim());
        }
    }

    /// A link opens a window of its own that knows nothing of this one. What is relative would lead
    /// into the gallery, so it leads nowhere.
    fn add_link(&mut self, href: &str) {
        if href.starts_with('#') {
            self.add_attribute("href", href);
        } else if Url::parse(href).is_ok_and(|url| SCHEMES.contains(&url.scheme())) {
            self.add_attribute("href", href);
            self.html.push_str(" target=\"_blank\" rel=\"noopener noreferrer\"");
        }
    }

    fn add_attribute(&mut self, name: &str, value: &str) {
        self.html.push_str(&format!(" {name}=\""));
        push_escaped(&mut self.html, value);
        self.html.push('"');
    }
}

fn push_escaped(html: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            c => html.push(c),
        }
    }
}
