//! A value together with the place it was written at, so that a later check can name it.

use std::{fmt, ops::Deref, sync::Arc};

use super::toml_text::quote_key;

/// Where a value was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// File name as given to the loader; `None` for a value made in code.
    pub file: Option<Arc<str>>,
    /// Line, counted from 1; `None` for a value made in code.
    pub line: Option<usize>,
    /// Key path from the top of the file, e.g. `transports.async.dsn`; may be empty.
    pub key: String,
    /// The environment variables in the value, e.g. `MESSENGER_TRANSPORT_DSN`.
    pub variables: Vec<String>,
}

impl Origin {
    /// The origin of a value that was made in code.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// The origin of the entry `key` of the table at this place, written at `line`.
    pub(super) fn child(&self, key: &str, line: usize) -> Self {
        let key = quote_key(key);
        let path = if self.key.is_empty() { key } else { format!("{}.{key}", self.key) };
        Self { file: self.file.clone(), line: Some(line), key: path, variables: Vec::new() }
    }

    /// The origin of the element `index` of the list at this place, written at `line`.
    pub(super) fn element(&self, index: usize, line: usize) -> Self {
        let key = format!("{}[{index}]", self.key);
        Self { file: self.file.clone(), line: Some(line), key, variables: Vec::new() }
    }
}

/// `messenger.toml:14: transports.async (QUEUE_DSN)`, or less if less is known.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = match (&self.file, self.line) {
            (Some(file), Some(line)) => format!("{file}:{line}"),
            (Some(file), None) => file.to_string(),
            (None, _) => String::new(),
        };
        let separator = if place.is_empty() || self.key.is_empty() { "" } else { ": " };
        write!(f, "{place}{separator}{}", self.key)?;
        match self.variables.as_slice() {
            [] => Ok(()),
            variables => write!(f, " ({})", variables.join(", ")),
        }
    }
}

/// A value and where it was written.
///
/// Two located values are equal when their values are: a configuration made in code equals the
/// same one read from a file.
#[derive(Clone, Debug)]
pub struct Located<T> {
    /// What was written.
    pub value: T,
    /// Where it was written.
    pub origin: Origin,
}

impl<T> Located<T> {
    /// A value written at `origin`.
    pub fn new(value: T, origin: Origin) -> Self {
        Self { value, origin }
    }
}

impl<T: PartialEq> PartialEq for Located<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T> From<T> for Located<T> {
    fn from(value: T) -> Self {
        Self::new(value, Origin::none())
    }
}

impl From<&str> for Located<String> {
    fn from(value: &str) -> Self {
        Self::new(value.to_owned(), Origin::none())
    }
}

impl<T> Deref for Located<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Display> fmt::Display for Located<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}
