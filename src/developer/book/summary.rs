//! The table of contents: which pages there are, and in which order.

use pulldown_cmark::{Event, Parser, Tag, TagEnd};
use serde::Serialize;

/// A page as the table of contents names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Chapter {
    /// Its name in the table of contents.
    pub title: String,
    /// Its path below `docs/`.
    pub path: String,
}

/// The links of a table of contents, in their order.
pub(super) fn chapters(contents: &str) -> Vec<Chapter> {
    let mut chapters = Vec::new();
    let mut open: Option<Chapter> = None;
    for event in Parser::new(contents) {
        match event {
            Event::Start(Tag::Link { dest_url, .. }) => {
                let path = dest_url.trim_start_matches("./").to_owned();
                open = Some(Chapter { title: String::new(), path });
            }
            Event::Text(text) | Event::Code(text) => {
                if let Some(chapter) = &mut open {
                    chapter.title.push_str(&text);
                }
            }
            Event::End(TagEnd::Link) => chapters.extend(open.take()),
            _ => {}
        }
    }
    chapters
}

/// What stands before and after this page.
pub(super) fn neighbours(chapters: &[Chapter], path: &str) -> (Option<Chapter>, Option<Chapter>) {
    let Some(here) = chapters.iter().position(|chapter| chapter.path == path) else {
        return (None, None);
    };
    let previous = here.checked_sub(1).and_then(|before| chapters.get(before));
    (previous.cloned(), chapters.get(here + 1).cloned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_links_are_the_pages_and_each_knows_its_neighbours() {
        let contents =
            "# Contents\n\n[Start](README.md)\n\n# One\n\n- [A `queue`](a/1.md)\n- [B](./a/2.md)\n";
        let chapters = chapters(contents);
        let names: Vec<_> = chapters.iter().map(|one| (&*one.title, &*one.path)).collect();
        assert_eq!(names, [("Start", "README.md"), ("A queue", "a/1.md"), ("B", "a/2.md")]);
        let around = |path| {
            let (before, after) = neighbours(&chapters, path);
            (before.map(|one| one.path), after.map(|one| one.path))
        };
        assert_eq!(around("README.md"), (None, Some("a/1.md".to_owned())));
        assert_eq!(around("a/1.md"), (Some("README.md".to_owned()), Some("a/2.md".to_owned())));
        assert_eq!(around("a/2.md"), (Some("a/1.md".to_owned()), None));
        assert_eq!(around("else.md"), (None, None));
    }
}
