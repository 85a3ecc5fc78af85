//! A form on a page: its fields, what was typed, and what was wrong with it.

use serde::Serialize;

/// One field of a form (`_field.html`).
#[derive(Debug, Clone, Serialize)]
pub struct Field {
    id: &'static str,
    label: &'static str,
    kind: &'static str,
    autocomplete: &'static str,
    hint: Option<&'static str>,
    longest: Option<u16>,
    value: String,
    error: Option<String>,
}

impl Field {
    /// A line of text; `autocomplete` is the token that password managers and browsers go by.
    #[must_use]
    pub fn text(id: &'static str, label: &'static str, autocomplete: &'static str) -> Self {
        let (value, error) = (String::new(), None);
        Self { id, label, kind: "text", autocomplete, hint: None, longest: Some(255), value, error }
    }

    /// An address for mail.
    #[must_use]
    pub fn email(id: &'static str, autocomplete: &'static str) -> Self {
        let text = Self::text(id, "Email", autocomplete);
        Self { kind: "email", longest: Some(254), ..text }
    }

    /// A password; it is never shown again.
    #[must_use]
    pub fn password(id: &'static str, label: &'static str, autocomplete: &'static str) -> Self {
        // A browser would cut a longer one off, and nobody would see it.
        Self { kind: "password", longest: None, ..Self::text(id, label, autocomplete) }
    }

    /// Says what is wanted.
    #[must_use]
    pub fn hint(self, hint: &'static str) -> Self {
        Self { hint: Some(hint), ..self }
    }

    /// The same field with what was typed into it.
    #[must_use]
    pub fn with_value(self, value: &str) -> Self {
        Self { value: value.to_owned(), ..self }
    }

    /// What was wrong with it, as a sentence.
    #[must_use]
    pub fn with_error(self, error: Option<String>) -> Self {
        Self { error, ..self }
    }

    /// Whether this is its id.
    #[must_use]
    pub fn is(&self, id: &str) -> bool {
        self.id == id
    }
}
