//! The name of a person as it stands beside an address.

use std::fmt;
use std::str::FromStr;

use unicode_normalization::UnicodeNormalization;

use super::problem::{InvalidMailbox, is_control};

/// The name of a person: not empty, without control characters, at most
/// [`MAX_CHARS`](Self::MAX_CHARS) long.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DisplayName(String);

impl DisplayName {
    /// How long a name may be, in characters.
    pub const MAX_CHARS: usize = 255;

    /// Reads a name; spaces around it are dropped, its letters composed (NFC).
    ///
    /// # Errors
    /// When it is missing, too long, or contains a control character.
    pub fn parse(text: &str) -> Result<Self, InvalidMailbox> {
        let name: String = text.trim_matches(' ').nfc().collect();
        if name.is_empty() {
            return Err(InvalidMailbox::NoName);
        }
        if name.contains(is_control) {
            return Err(InvalidMailbox::ControlInName);
        }
        if name.chars().count() > Self::MAX_CHARS {
            return Err(InvalidMailbox::NameTooLong);
        }
        Ok(Self(name))
    }

    /// The name as it was given, without spaces around it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DisplayName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for DisplayName {
    type Err = InvalidMailbox;

    fn from_str(text: &str) -> Result<Self, InvalidMailbox> {
        Self::parse(text)
    }
}
