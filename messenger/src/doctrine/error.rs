//! What can go wrong with a database.

use thiserror::Error;

use crate::error::{ScopeError, TransportError};

/// The database could not do what it was asked.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DatabaseError {
    /// The URL names a database that is not supported. The password is masked.
    #[error("{0:?} is no database URL; allowed: sqlite://PATH, postgres://USER:PASSWORD@HOST/NAME")]
    UnsupportedUrl(String),
    /// The database cannot be reached.
    #[error("could not open the database {url}: {cause}")]
    Connect {
        /// The URL, its password masked.
        url: String,
        /// Why, on one line.
        cause: String,
    },
    /// The URL asks for TLS, which this build does not have.
    #[error(
        "the database {0} asks for TLS, but this program was built without it; \
         build it with `--features postgres-tls`"
    )]
    NoTls(String),
    /// No connection became free, or none could be made.
    #[error("no database connection is available: {0}")]
    NoConnection(String),
    /// A query failed.
    #[error(transparent)]
    Query(#[from] diesel::result::Error),
    /// The connection that held the open transaction is gone, and the transaction with it.
    #[error("the transaction was lost with its connection")]
    TransactionLost,
    /// The connection was lost at the COMMIT, and the database could not say afterwards whether the
    /// transaction is committed. Nothing may be undone or repeated on a guess.
    #[error(
        "it is not known whether the transaction was committed ({cause}); \
         look whether its work is done before it is repeated"
    )]
    OutcomeUnknown {
        /// Why it could not be learnt.
        cause: String,
    },
    /// The code that used the connection panicked.
    #[error("the code that used the database panicked")]
    Panicked,
}

impl DatabaseError {
    /// The database at this URL, its password masked, cannot be reached.
    pub(super) fn connect(url: String, error: &dyn std::fmt::Display) -> Self {
        let cause = error.to_string();
        let words: Vec<&str> = cause.split_whitespace().collect();
        Self::Connect { url, cause: words.join(" ") }
    }

    /// Whether the query was refused because a unique value is already there.
    #[must_use]
    pub fn is_unique_violation(&self) -> bool {
        use diesel::result::{DatabaseErrorKind, Error};
        matches!(self, Self::Query(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)))
    }

    /// The same, after COMMIT was sent: an answer that does not come says nothing.
    pub(super) fn after_commit_was_sent(self) -> Self {
        match self {
            Self::NoConnection(cause) => Self::OutcomeUnknown { cause },
            error => error,
        }
    }

    pub(super) fn in_transport(self, context: impl Into<String>) -> TransportError {
        TransportError::Storage { context: context.into(), source: self.into() }
    }

    pub(super) fn in_scope(self, context: &'static str) -> ScopeError {
        ScopeError::new(context, self)
    }
}
