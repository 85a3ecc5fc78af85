//! Text that a terminal can be shown, whoever wrote it.

use std::borrow::Cow;

/// Whether the user has nothing against colours: <https://no-color.org>.
#[must_use]
pub fn colours_are_wanted() -> bool {
    let unset = |name: &str| std::env::var_os(name).is_none_or(|value| value.is_empty());
    unset("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// The text without anything that a terminal would obey or that would begin a new line: what
/// comes from outside must not pass for a line of ours.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_dangerous) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_dangerous(c) {
            escaped.extend(c.escape_default());
        } else {
            escaped.push(c);
        }
    }
    Cow::Owned(escaped)
}

/// Whether a terminal would obey it: control characters, line separators, and what turns the
/// direction of writing.
#[must_use]
pub fn is_dangerous(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn what_comes_from_outside_cannot_command_a_terminal_or_pretend_to_be_a_line() {
        assert_eq!(printable("a\u{1b}[2Jb\r\nINFO c"), "a\\u{1b}[2Jb\\r\\nINFO c");
        assert_eq!(printable("\u{9b}31m\u{202e}"), "\\u{9b}31m\\u{202e}");
        assert_eq!(printable("🐱 \"miaut\""), "🐱 \"miaut\"");
    }
}
