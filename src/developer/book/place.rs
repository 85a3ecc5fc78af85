//! Where the links of a page lead.

/// Whether a link leads to another page or picture of the book, to a heading, or to the web.
///
/// What lies outside `docs/` (the sources that a page speaks of) is not served.
pub(super) fn is_reachable(from: &str, link: &str) -> bool {
    if link.starts_with('#') || link.contains("://") || link.starts_with("mailto:") {
        return true;
    }
    let path = link.split(['#', '?']).next().unwrap_or_default();
    let mut depth = from.matches('/').count();
    if path.starts_with('/') {
        return false;
    }
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match depth.checked_sub(1) {
                Some(above) => depth = above,
                None => return false,
            },
            _ => depth += 1,
        }
    }
    path.rsplit_once('.').is_some_and(|(_, kind)| matches!(kind, "md" | "png" | "jpg" | "svg"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_outside_the_book_is_not_reachable() {
        for (from, link, expected) in [
            ("README.md", "walkthrough/01.md", true),
            ("walkthrough/01.md", "../README.md#try", true),
            ("walkthrough/01.md", "drawings/way.svg", true),
            ("walkthrough/01.md", "#try", true),
            ("walkthrough/01.md", "https://symfony.com/doc", true),
            ("walkthrough/01.md", "http://127.0.0.1:8000", true),
            ("walkthrough/01.md", "../../README.md", false),
            ("walkthrough/01.md", "../../src/kernel.rs", false),
            ("README.md", "../messenger.toml", false),
            ("README.md", "/etc/passwd.md", false),
            ("README.md", "book.toml", false),
            ("README.md", "walkthrough/", false),
        ] {
            assert_eq!(is_reachable(from, link), expected, "{from} {link}");
        }
    }
}
