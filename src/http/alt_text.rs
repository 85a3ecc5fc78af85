//! What is to be seen on a photo, in its owner's words: for those who do not see it.

use super::original_filename::{is_ignorable, visible};

/// How long a text may be, in characters.
const LONGEST: usize = 500;

/// The text cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AltTextProblem {
    /// It is too long.
    #[error("The description has {0} characters, and can have {LONGEST}. Shorten it a little.")]
    TooLong(usize),
    /// There is a control character in it, or one that turns the text around, or nothing that is
    /// seen or said.
    #[error("The description contains an invisible character. Type it again.")]
    Invisible,
}

impl AltTextProblem {
    /// The word for programs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLong(_) => "too_long",
            Self::Invisible => "invisible_character",
        }
    }
}

/// The text to keep; `None` if there is none, and the gallery is to say something by itself.
///
/// # Errors
/// Why the text cannot be taken.
pub fn parse(typed: &str) -> Result<Option<String>, AltTextProblem> {
    let text = typed.trim();
    let length = text.chars().count();
    if length > LONGEST {
        return Err(AltTextProblem::TooLong(length));
    }
    if text.chars().any(|c| visible(c) != c) {
        return Err(AltTextProblem::Invisible);
    }
    if text.is_empty() {
        return Ok(None);
    }
    if text.chars().all(|c| c.is_whitespace() || is_ignorable(c)) {
        return Err(AltTextProblem::Invisible);
    }
    Ok(Some(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_trimmed_counted_in_characters_and_visible() {
        assert_eq!(parse("  Two cats\t"), Ok(Some("Two cats".to_owned())));
        assert_eq!(parse(" \r\n "), Ok(None));
        assert!(parse(&"ä".repeat(500)).is_ok());
        assert_eq!(parse(&"ä".repeat(501)), Err(AltTextProblem::TooLong(501)));
        assert!(parse("\u{1F469}\u{200D}\u{1F680} and a cat").is_ok(), "a joiner has its uses");
        for text in [
            "a\nb",
            "a\0",
            "a\u{202e}b",
            "a\u{2028}b",
            "\u{200b}",
            "\u{2060} \u{feff}\u{ad}",
            "\u{3164}\u{fe0f}\u{2800}",
        ] {
            assert_eq!(parse(text), Err(AltTextProblem::Invisible), "{text:?}");
        }
    }
}
