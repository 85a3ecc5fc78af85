//! How much a profile may hold.

use serde_json::Value;

/// A profile holds at most so many bytes.
pub(super) const PROFILE: usize = 1_000_000;
/// One text in it holds at most so many bytes.
const TEXT: usize = 16_000;
/// The contents of one message, or of all its stamps, hold at most so many bytes.
const CONTENTS: usize = 64_000;

/// What is left of a profile's bytes.
#[derive(Debug, Default)]
pub(super) struct Budget {
    used: usize,
}

impl Budget {
    /// Whether there is room for so many bytes more, which are then taken.
    pub(super) fn take(&mut self, bytes: usize) -> bool {
        let fits = self.used + bytes <= PROFILE;
        if fits {
            self.used += bytes;
        }
        fits
    }
}

/// The text, cut if it is very long; what is missing is said.
pub(super) fn cut(text: &str) -> String {
    if text.len() <= TEXT {
        return text.to_owned();
    }
    let mut end = TEXT;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{} … (cut; {} bytes in all)", &text[..end], text.len())
}

/// How long a text was before it was [`cut`].
pub(super) fn uncut_length(text: &str) -> usize {
    let told = text.strip_suffix(" bytes in all)").and_then(|text| text.rsplit_once("(cut; "));
    told.and_then(|(_, length)| length.parse().ok()).unwrap_or(text.len())
}

/// The value; one that is too big as a whole becomes a text.
pub(super) fn cut_value(value: Value) -> Value {
    let size = value.to_string().len();
    if size <= CONTENTS {
        return value;
    }
    Value::from(format!("(left out: {size} bytes)"))
}

/// The value with its long texts cut.
pub(super) fn cut_texts(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(if text.len() <= TEXT { text } else { cut(&text) }),
        Value::Array(items) => items.into_iter().map(cut_texts).collect(),
        Value::Object(fields) => {
            fields.into_iter().map(|(name, value)| (name, cut_texts(value))).collect()
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_spent_once_and_long_texts_are_cut_at_a_character() {
        let mut budget = Budget::default();
        assert!(budget.take(PROFILE - 1) && !budget.take(2) && budget.take(1) && !budget.take(1));
        let long = "é".repeat(TEXT);
        let cut = cut(&long);
        assert!(cut.len() < TEXT + 100 && cut.ends_with("(cut; 32000 bytes in all)"), "{cut}");
        assert_eq!((uncut_length(&cut), uncut_length("short")), (2 * TEXT, 5));
        let many = Value::from(vec!["x".repeat(TEXT); 5]);
        assert_eq!(cut_value(cut_texts(many)), Value::from("(left out: 80016 bytes)"));
    }
}
