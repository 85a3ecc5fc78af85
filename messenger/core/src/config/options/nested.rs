//! Walking through nested options.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::{OptionError, OptionSet, OptionValue, path};

/// One option of a tree, with what is nested in it. Its typed values and errors are those of
/// [`OptionSet`], under its path.
#[derive(Clone)]
pub struct Nested<'a> {
    set: &'a OptionSet,
    path: String,
}

impl<'a> Nested<'a> {
    pub(super) fn new(set: &'a OptionSet, path: String) -> Self {
        Self { set, path }
    }

    /// Its path: `queues[high][flags]`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The option under this key, set or not.
    #[must_use]
    pub fn get(&self, key: &str) -> Self {
        Self { set: self.set, path: format!("{}[{key}]", self.path) }
    }

    /// What is nested right here, each with its key. Keys stand in the order in which they were
    /// written, those of a list in that of their numbers.
    pub fn entries(&self) -> impl Iterator<Item = (&'a str, Self)> {
        let names = self.set.values.iter().map(|entry| entry.name.as_str());
        let mut keys: Vec<&str> = Vec::new();
        for key in names.filter_map(|name| path::key_in(name, &self.path)) {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        if keys.iter().all(|key| key.parse::<usize>().is_ok()) {
            keys.sort_by_key(|key| key.parse::<usize>().unwrap_or_default());
        }
        keys.into_iter().map(|key| (key, self.get(key))).collect::<Vec<_>>().into_iter()
    }

    /// Whether neither it nor anything in it was set.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        let is_here = |name: &str| name == self.path || path::is_in(name, &self.path);
        !self.set.values.iter().any(|entry| is_here(&entry.name))
    }

    /// Its value as it was written, with its type; in a DSN everything is text. `None` if it was
    /// not set, or is a table or a list.
    #[must_use]
    pub fn value(&self) -> Option<&'a OptionValue> {
        let set = self.set.values.iter().find(|entry| entry.name == self.path)?;
        (set.value != OptionValue::Empty).then_some(&set.value)
    }

    /// See [`OptionSet::text`].
    #[must_use]
    pub fn text(&self) -> Option<&'a str> {
        self.set.text(&self.path)
    }

    /// The texts of a list.
    #[must_use]
    pub fn texts(&self) -> Vec<&'a str> {
        self.entries().filter_map(|(_, element)| element.text()).collect()
    }

    /// See [`OptionSet::bool`].
    ///
    /// # Errors
    /// When it is no switch.
    pub fn bool(&self) -> Result<bool, OptionError> {
        self.set.bool(&self.path)
    }

    /// See [`OptionSet::integer`].
    ///
    /// # Errors
    /// When it is no number, or too small or too big for `N`.
    pub fn integer<N: FromStr>(&self) -> Result<Option<N>, OptionError> {
        self.set.integer(&self.path)
    }

    /// See [`OptionSet::seconds`].
    ///
    /// # Errors
    /// When it is no number ≥ 0.
    pub fn seconds(&self) -> Result<Option<Duration>, OptionError> {
        self.set.seconds(&self.path)
    }

    /// See [`OptionSet::milliseconds`].
    ///
    /// # Errors
    /// When it is no whole number ≥ 0.
    pub fn milliseconds(&self) -> Result<Option<Duration>, OptionError> {
        self.set.milliseconds(&self.path)
    }

    /// The error for a value that the transport cannot use; `allowed` says what it can.
    #[must_use]
    pub fn wrong(&self, allowed: &str) -> OptionError {
        self.set.wrong(&self.path, allowed)
    }
}

impl fmt::Debug for Nested<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Nested").field(&self.path).finish()
    }
}
