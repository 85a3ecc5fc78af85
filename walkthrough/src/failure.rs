//! Something that is not as the page says.

use std::fmt;
use std::path::Path;

use crate::transcript::align;

/// A line of a page, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// The line of the page, counted from 1; 0: not known here.
    pub(crate) line: usize,
    /// What is wrong.
    pub(crate) message: String,
    /// More about it, line by line.
    pub(crate) detail: Vec<String>,
}

impl Failure {
    /// A failure that needs no more words.
    pub(crate) fn new(line: usize, message: impl Into<String>) -> Self {
        Self { line, message: message.into(), detail: Vec::new() }
    }

    /// The same with what was expected and what was there.
    pub(crate) fn with_difference(mut self, expected: &[String], actual: &[String]) -> Self {
        self.detail.extend(difference(expected, actual));
        self
    }

    /// The same at this line, if it had none.
    pub(crate) fn at(mut self, line: usize) -> Self {
        if self.line == 0 {
            self.line = line;
        }
        self
    }

    /// The words for a page.
    pub(crate) fn on<'a>(&'a self, page: &'a Path) -> impl fmt::Display + 'a {
        Report { failure: self, page }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::new(0, format!("{error:#}"))
    }
}

struct Report<'a> {
    failure: &'a Failure,
    page: &'a Path,
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.page.display(), self.failure.line, self.failure.message)?;
        self.failure.detail.iter().try_for_each(|line| write!(f, "\n    {line}"))
    }
}

/// Expected lines with `-`, real ones with `+`, those that fit with a space.
fn difference(expected: &[String], actual: &[String]) -> Vec<String> {
    let mut lines = Vec::new();
    let (mut e, mut a) = (0, 0);
    for (next_e, next_a) in
        align(expected, actual).into_iter().chain([(expected.len(), actual.len())])
    {
        lines.extend(expected[e..next_e].iter().map(|line| format!("-{line}")));
        lines.extend(actual[a..next_a].iter().map(|line| format!("+{line}")));
        lines.extend(actual.get(next_a).map(|line| format!(" {line}")));
        (e, a) = (next_e + 1, next_a + 1);
    }
    lines
}
