//! What was done in a run and what was answered, counted; and which promises were broken.

use std::collections::BTreeMap;
use std::fmt;

/// Counts by name.
pub(crate) type Counts = BTreeMap<String, usize>;

/// What was done, and what came of it.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// What clients did.
    pub(crate) actions: Counts,
    /// What was answered, by status.
    pub(crate) answers: Counts,
    /// What was broken.
    pub(crate) faults: Counts,
    /// What was promised and did not hold.
    pub(crate) violations: Vec<Violation>,
}

/// A promise that was broken.
#[derive(Debug, Clone)]
pub(crate) struct Violation {
    pub(crate) promise: &'static str,
    /// Enough to find the cause in the logs.
    pub(crate) detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.promise, self.detail)
    }
}

impl Ledger {
    pub(crate) fn action(&mut self, name: &str) {
        *self.actions.entry(name.to_owned()).or_default() += 1;
    }

    pub(crate) fn answer(&mut self, name: &str) {
        *self.answers.entry(name.to_owned()).or_default() += 1;
    }

    pub(crate) fn fault(&mut self, name: &str) {
        *self.faults.entry(name.to_owned()).or_default() += 1;
    }

    pub(crate) fn broken(&mut self, promise: &'static str, detail: impl Into<String>) {
        self.violations.push(Violation { promise, detail: detail.into() });
    }
}
