//! Why a command failed, and what the program says of it.

use std::error::Error;
use std::process::ExitCode;

pub use messenger::BoxError;
use messenger::failed::FailedError;
use messenger::worker::WorkerError;
use messenger::{DispatchError, TransportError};
use thiserror::Error;

use crate::terminal::Output;

/// Why a command failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CommandError {
    /// The command was used wrongly: exit code 2.
    #[error("{0}")]
    Usage(String),
    /// What was asked for cannot be done.
    #[error("{0}")]
    Refused(String),
    /// Something failed on the way.
    #[error("{what}")]
    During {
        /// What was being done.
        what: String,
        /// What failed.
        source: BoxError,
    },
    /// Something failed in the application.
    #[error(transparent)]
    Application(#[from] BoxError),
    /// A failed message.
    #[error(transparent)]
    Failed(#[from] FailedError),
    /// The worker cannot start.
    #[error(transparent)]
    Worker(#[from] WorkerError),
    /// The bus does not know what was named.
    #[error(transparent)]
    Bus(#[from] DispatchError),
    /// A transport cannot be reached.
    #[error(transparent)]
    Transport(#[from] TransportError),
}

impl CommandError {
    /// What was asked for cannot be done.
    pub(crate) fn refused(why: impl Into<String>) -> Self {
        Self::Refused(why.into())
    }

    /// What was being done when something failed.
    pub(crate) fn during(what: impl Into<String>) -> impl FnOnce(BoxError) -> Self {
        |source| Self::During { what: what.into(), source }
    }
}

/// The error and its causes, without those that only say the same again.
#[must_use]
pub fn explain(error: &(dyn Error + 'static)) -> String {
    let mut text = String::new();
    for cause in chain(error).map(ToString::to_string) {
        if text.contains(cause.trim()) {
            continue;
        }
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(cause.trim());
    }
    text
}

/// Says on stderr why a command failed, and gives its exit code: 2 if it was used wrongly, else 1.
#[must_use]
pub fn fail(error: &(dyn Error + 'static)) -> ExitCode {
    Output::stderr().error(&explain(error));
    let is_usage = |cause: &(dyn Error + 'static)| {
        matches!(cause.downcast_ref(), Some(CommandError::Usage(_)))
    };
    ExitCode::from(if chain(error).any(is_usage) { 2 } else { 1 })
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (**error).source())
}
