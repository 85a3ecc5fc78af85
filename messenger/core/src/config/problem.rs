//! What is wrong with a configuration: one problem per wrong value, all of them in one error.

use std::{cell::RefCell, fmt};

use super::{
    located::{Located, Origin},
    node::{Node, Value},
    suggestion::unknown_name,
};

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where the wrong value was written.
    pub origin: Origin,
    /// What is wrong, the value and what is allowed; never a secret.
    pub message: String,
}

impl Problem {
    /// A problem at `origin`.
    pub fn new(origin: &Origin, message: impl Into<String>) -> Self {
        Self { origin: origin.clone(), message: message.into() }
    }

    /// `name` is not among the `known` ones; the likely one is suggested.
    ///
    /// `kind` is the singular noun of the message: "message", "transport", "middleware".
    pub fn unknown<'k>(
        name: &Located<impl fmt::Display>,
        kind: &str,
        known: impl IntoIterator<Item = &'k str>,
    ) -> Self {
        let known = known.into_iter().collect::<Vec<_>>();
        Self::new(&name.origin, unknown_name(&name.to_string(), kind, &known))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = self.origin.to_string();
        let separator = if origin.is_empty() { "" } else { ": " };
        write!(f, "{origin}{separator}{}", self.message)
    }
}

/// A configuration that cannot be used: every problem found, by file and line.
#[derive(Debug, thiserror::Error)]
#[error("{}", list(problems))]
#[non_exhaustive]
pub struct ConfigError {
    /// The problems; never empty.
    pub problems: Vec<Problem>,
}

impl ConfigError {
    /// `Ok` when there is no problem, else the error that holds them all.
    ///
    /// # Errors
    /// When `problems` is not empty.
    pub fn check(problems: Vec<Problem>) -> Result<(), Self> {
        if problems.is_empty() { Ok(()) } else { Err(Self { problems }) }
    }
}

fn list(problems: &[Problem]) -> String {
    match problems {
        [problem] => problem.to_string(),
        _ => problems
            .iter()
            .fold(format!("{} problems in the configuration", problems.len()), |text, problem| {
                format!("{text}\n  {problem}")
            }),
    }
}

/// Collects problems while a configuration is read, so that reading can go on after one.
#[derive(Debug, Default)]
pub(super) struct Problems(RefCell<Vec<Problem>>);

impl Problems {
    /// Notes a problem.
    pub(super) fn add(&self, problem: Problem) {
        self.0.borrow_mut().push(problem);
    }

    /// The value, or `None` after noting the problem.
    pub(super) fn keep<T>(&self, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.add(problem)).ok()
    }

    /// Notes a value of the wrong type or range: `expected an integer ≥ 0, found the string "x"`.
    pub(super) fn expected(&self, what: &str, found: &Node) {
        if !matches!(found.value, Value::Broken) {
            let message = format!("expected {what}, found {}", found.describe());
            self.add(Problem::new(&found.origin, message));
        }
    }

    /// Everything noted so far, by file and line; the collector is empty after it.
    pub(super) fn take(&self) -> Vec<Problem> {
        let mut problems = self.0.take();
        problems
            .sort_by(|a, b| (&a.origin.file, a.origin.line).cmp(&(&b.origin.file, b.origin.line)));
        problems
    }
}
