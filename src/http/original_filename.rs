//! The client's name for a file: data to show, never a path.

use std::fmt;

use serde::Serialize;
use unicode_normalization::UnicodeNormalization;

/// The longest name that is kept, in characters.
const MAX_CHARS: usize = 120;

/// The longest thing after the last dot that counts as an extension, in characters.
const MAX_EXTENSION_CHARS: usize = 10;

/// The name of a photo that came without one.
const NAMELESS: &str = "photo";

/// The last part of the path that the client sent, in NFC, without control and bidi characters, at
/// most 120 characters long and never empty. Still to be escaped wherever it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct OriginalFilename(String);

impl OriginalFilename {
    /// Makes the best of whatever a client called its file; this cannot fail.
    #[must_use]
    pub fn clean(raw: &str) -> Self {
        let name: String = basename(raw).nfc().map(visible).collect();
        match name.trim() {
            "" | "." | ".." => Self(NAMELESS.to_owned()),
            name => Self(shorten_stem(name)),
        }
    }

    /// The name, to be shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OriginalFilename {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The character, or U+FFFD in place of one that hides, breaks a line or turns the text around.
pub(super) fn visible(c: char) -> char {
    let turns_text = matches!(
        c,
        '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
    );
    let breaks_line = matches!(c, '\u{2028}' | '\u{2029}');
    if c.is_control() || turns_text || breaks_line { char::REPLACEMENT_CHARACTER } else { c }
}

/// Whether nothing is shown of a character that stands alone: Unicode's default ignorable ones, and
/// the blank of Braille.
pub(super) fn is_ignorable(c: char) -> bool {
    matches!(
        c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}' | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}'
    )
}

fn basename(path: &str) -> &str {
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    match name.split_once(':') {
        Some((drive, rest)) if drive.len() == 1 && drive.as_bytes()[0].is_ascii_alphabetic() => {
            rest
        }
        _ => name,
    }
}

/// Cuts before the extension, which says what kind of picture it was.
fn shorten_stem(name: &str) -> String {
    let length = name.chars().count();
    if length <= MAX_CHARS {
        return name.to_owned();
    }
    let extension = match name.rsplit_once('.') {
        Some((_, extension)) if extension.chars().count() <= MAX_EXTENSION_CHARS => extension,
        _ => "",
    };
    let tail = if extension.is_empty() { "…".to_owned() } else { format!("….{extension}") };
    name.chars().take(MAX_CHARS - tail.chars().count()).chain(tail.chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_becomes_a_harmless_one() {
        for (raw, expected) in [
            ("cat.jpg", "cat.jpg"),
            ("../../../../tmp/pwn.jpg", "pwn.jpg"),
            ("..\\..\\tmp\\pwn.jpg", "pwn.jpg"),
            ("C:\\Users\\me\\x.jpg", "x.jpg"),
            ("C:x.jpg", "x.jpg"),
            ("/etc/passwd", "passwd"),
            ("photos/", "photo"),
            ("", "photo"),
            ("  ", "photo"),
            (".", "photo"),
            ("..", "photo"),
            (".htaccess", ".htaccess"),
            ("a.jpg\0.php", "a.jpg\u{FFFD}.php"),
            ("a\r\nSet-Cookie: x.jpg", "a\u{FFFD}\u{FFFD}Set-Cookie: x.jpg"),
            ("\u{202E}gpj.exe", "\u{FFFD}gpj.exe"),
            ("a\u{2066}b\u{2028}c.png", "a\u{FFFD}b\u{FFFD}c.png"),
            ("cafe\u{301}.jpg", "café.jpg"),
            ("<img src=x onerror=alert(1)>.jpg", "<img src=x onerror=alert(1)>.jpg"),
            ("{{7*7}}.jpg", "{{7*7}}.jpg"),
            ("日本の猫.webp", "日本の猫.webp"),
        ] {
            assert_eq!(OriginalFilename::clean(raw).as_str(), expected, "{raw:?}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_extension() {
        for (raw, ends_with) in [
            (format!("{}.jpg", "a".repeat(4096)), "a….jpg"),
            ("é".repeat(4096), "é…"),
            (format!("x.{}", "b".repeat(4096)), "b…"),
        ] {
            let name = OriginalFilename::clean(&raw);
            assert_eq!(name.as_str().chars().count(), 120);
            assert!(name.as_str().ends_with(ends_with), "{name}");
        }
    }
}
