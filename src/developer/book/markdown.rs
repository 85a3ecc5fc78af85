//! One page: Markdown in, HTML out that a strict policy allows.

use pulldown_cmark::{
    Alignment, CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html,
};

use super::code;
use super::heading::HeadingNames;
use super::place::is_reachable;

/// A page as HTML.
pub(super) struct Rendered {
    /// The first heading, as text.
    pub(super) title: String,
    pub(super) html: String,
}

/// Renders the page at `path` below `docs/`.
pub(super) fn render(markdown: &str, path: &str) -> Rendered {
    let mut page = Page::new(path);
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut events = Parser::new_ext(markdown, options);
    while let Some(event) = events.next() {
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                page.heading(level, until(&mut events, TagEnd::Heading(level)));
            }
            Event::Start(Tag::CodeBlock(kind)) => {
                page.code(&kind, &until(&mut events, TagEnd::CodeBlock));
            }
            event => page.other(event),
        }
    }
    let mut html = String::new();
    html::push_html(&mut html, page.events.into_iter());
    Rendered { title: page.title.unwrap_or_else(|| path.to_owned()), html }
}

/// The events up to the end of what has begun.
fn until<'a>(events: &mut impl Iterator<Item = Event<'a>>, end: TagEnd) -> Vec<Event<'a>> {
    events.take_while(|event| *event != Event::End(end)).collect()
}

struct Page<'a> {
    path: &'a str,
    names: HeadingNames,
    title: Option<String>,
    /// Whether the link that is open leads out of the book.
    is_elsewhere: bool,
    events: Vec<Event<'a>>,
}

impl<'a> Page<'a> {
    fn new(path: &'a str) -> Self {
        let names = HeadingNames::default();
        Self { path, names, title: None, is_elsewhere: false, events: Vec::new() }
    }

    /// A heading with a name that links can lead to.
    fn heading(&mut self, level: HeadingLevel, content: Vec<Event<'a>>) {
        let text = text(&content);
        let id = Some(self.names.next(&text).into());
        self.title.get_or_insert(text);
        self.events.push(Event::Start(Tag::Heading {
            level,
            id,
            classes: Vec::new(),
            attrs: Vec::new(),
        }));
        for event in content {
            self.other(event);
        }
        self.events.push(Event::End(TagEnd::Heading(level)));
    }

    fn code(&mut self, kind: &CodeBlockKind<'_>, content: &[Event<'a>]) {
        let words = match kind {
            CodeBlockKind::Fenced(words) => words,
            CodeBlockKind::Indented => "",
        };
        self.events.extend(code::block(words, &text(content)));
    }

    fn other(&mut self, event: Event<'a>) {
        match event {
            Event::Start(Tag::Table(columns)) => {
                self.raw("<div class=\"scroll\" tabindex=\"0\">");
                // An alignment would be an inline style.
                let columns = columns.iter().map(|_| Alignment::None).collect();
                self.events.push(Event::Start(Tag::Table(columns)));
            }
            Event::End(TagEnd::Table) => {
                self.events.push(Event::End(TagEnd::Table));
                self.raw("</div>\n");
            }
            Event::Start(Tag::Link { dest_url, .. }) if !is_reachable(self.path, &dest_url) => {
                self.is_elsewhere = true;
                self.raw("<span class=\"elsewhere\">");
            }
            Event::End(TagEnd::Link) if self.is_elsewhere => {
                self.is_elsewhere = false;
                self.raw("</span>");
            }
            event => self.events.push(event),
        }
    }

    fn raw(&mut self, html: &'static str) {
        self.events.push(Event::InlineHtml(html.into()));
    }
}

fn text(events: &[Event<'_>]) -> String {
    let part = |event: &Event<'_>| match event {
        Event::Text(text) | Event::Code(text) => text.to_string(),
        Event::SoftBreak | Event::HardBreak => " ".to_owned(),
        _ => String::new(),
    };
    events.iter().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_have_names_tables_no_styles_and_links_lead_only_into_the_book() {
        let markdown = "# The `queue`\n\n## Try\n\n## Try\n\n| a | b |\n| - | -: |\n| 1 | 2 |\n\n\
            [next](02.md#try) and [the `code`](../../src/kernel.rs).\n\n```console exit=1\n$ ls\n```\n";
        let Rendered { title, html } = render(markdown, "walkthrough/01.md");
        assert_eq!(title, "The queue");
        for part in [
            "<h1 id=\"the-queue\">The <code>queue</code></h1>",
            "<h2 id=\"try\">",
            "<h2 id=\"try-1\">",
            "<a href=\"02.md#try\">next</a>",
            "<span class=\"elsewhere\">the <code>code</code></span>.",
            "<div class=\"scroll\" tabindex=\"0\"><table>",
            "</table>\n</div>",
            "<pre class=\"listing console\"",
        ] {
            assert!(html.contains(part), "{part} is not in {html}");
        }
        assert!(!html.contains("style="), "{html}");
    }

    #[test]
    fn a_page_without_a_heading_is_called_by_its_path() {
        assert_eq!(render("Nothing.", "a/b.md").title, "a/b.md");
    }
}
