//! What can go wrong with a database.

use std::error::Error as StdError;

use diesel::result::{DatabaseErrorKind, Error as QueryError};
use thiserror::Error;

use super::backend::Backend;
use messenger::{DispatchError, ScopeError, TransportError};

/// What the databases say that are away, busy, or read-only for a while. Diesel gives no code for
/// it; a connection that has ended it knows in any language.
const UNAVAILABLE: [&str; 18] = [
    // PostgreSQL: the server ends sessions, or is not ready.
    "terminating connection",
    "the database system is",
    "server closed the connection",
    "connection to server",
    "no connection to the server",
    "too many clients already",
    "remaining connection slots",
    "in a read-only transaction",
    // PostgreSQL: it takes too long, or somebody else goes first.
    "canceling statement due to",
    "canceling authentication due to timeout",
    "deadlock detected",
    "could not receive data from server",
    "could not send data to server",
    // SQLite.
    "is locked",
    "disk I/O error",
    "attempt to write a readonly database",
    "unable to open database file",
    "database connection isn't available",
];
/// What they say when their disk is full.
const DISK_FULL: [&str; 3] =
    ["database or disk is full", "No space left on device", "Disk quota exceeded"];

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
    /// A SQLite URL with options.
    #[error(
        "{0:?} has options (?…), which SQLite's URLs do not have here; write sqlite://PATH alone"
    )]
    SqliteOptions(String),
    /// This build knows no such database.
    #[error(
        "this program was built without {0:?}; build it with the feature `{feature}` of \
         ponka-messenger-doctrine",
        feature = .0.feature()
    )]
    NotBuilt(Backend),
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

    /// Whether it is not known what became of the work. Nothing may be undone or repeated on a guess.
    #[must_use]
    pub fn is_outcome_unknown(&self) -> bool {
        matches!(self, Self::OutcomeUnknown { .. })
    }

    /// Whether the disk of the database is full.
    #[must_use]
    pub fn is_disk_full(&self) -> bool {
        matches!(self, Self::Query(error) if says(error, &DISK_FULL))
    }

    /// Whether the database is away, busy or read-only: the same may work in a while.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::NoConnection(_)
            | Self::Connect { .. }
            | Self::TransactionLost
            | Self::OutcomeUnknown { .. } => true,
            Self::Query(error) => !self.is_disk_full() && is_unavailable(error),
            Self::UnsupportedUrl(_)
            | Self::NotBuilt(_)
            | Self::SqliteOptions(_)
            | Self::NoTls(_)
            | Self::Panicked => false,
        }
    }

    /// The error of a database behind another error, also behind that of a handler. What came after
    /// a commit ([`DispatchError::Delayed`]) is not looked at.
    #[must_use]
    pub fn find_in<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a Self> {
        std::iter::successors(Some(error), |error| (*error).source()).find_map(|error| {
            match error.downcast_ref::<DispatchError>() {
                Some(DispatchError::HandlerFailed(failed)) => {
                    failed.failures.iter().find_map(|one| Self::find_in(one.error.source()))
                }
                _ => error.downcast_ref::<Self>(),
            }
        })
    }

    pub(super) fn in_transport(self, context: impl Into<String>) -> TransportError {
        TransportError::Storage { context: context.into(), source: self.into() }
    }

    pub(super) fn in_scope(self, context: &'static str) -> ScopeError {
        ScopeError::new(context, self)
    }
}

fn says(error: &QueryError, words: &[&str]) -> bool {
    let said = error.to_string();
    words.iter().any(|words| said.contains(words))
}

fn is_unavailable(error: &QueryError) -> bool {
    use DatabaseErrorKind::{
        ClosedConnection, ReadOnlyTransaction, SerializationFailure, UnableToSendCommand,
    };
    match error {
        QueryError::DatabaseError(
            ClosedConnection | ReadOnlyTransaction | SerializationFailure | UnableToSendCommand,
            _,
        )
        | QueryError::BrokenTransactionManager => true,
        QueryError::RollbackErrorOnCommit { commit_error, .. } => is_unavailable(commit_error),
        error => says(error, &UNAVAILABLE),
    }
}

#[cfg(test)]
mod tests {
    use diesel::result::{DatabaseErrorKind, Error};

    use super::DatabaseError;
    use messenger::{DispatchError, HandlerError, HandlerFailed, HandlerFailure, ScopeError};

    #[derive(Debug, serde::Serialize, serde::Deserialize)]
    struct Asked;

    impl messenger::Message for Asked {
        const NAME: &'static str = "Asked";
    }

    fn said(words: &str) -> DatabaseError {
        let words = Box::new(words.to_owned());
        DatabaseError::Query(Error::DatabaseError(DatabaseErrorKind::Unknown, words))
    }

    #[test]
    fn r5_what_will_pass_is_told_from_what_is_wrong() {
        for words in [
            "FATAL:  terminating connection due to administrator command",
            "the database system is shutting down",
            "sorry, too many clients already",
            "cannot execute INSERT in a read-only transaction",
            "database is locked",
            "database table is locked",
            "disk I/O error",
        ] {
            assert!(said(words).is_unavailable() && !said(words).is_disk_full(), "{words}");
        }
        for words in [
            "database or disk is full",
            "could not extend file \"base/1/2\": No space left on device",
        ] {
            assert!(said(words).is_disk_full() && !said(words).is_unavailable(), "{words}");
        }
        let wrong = said("relation \"photo\" does not exist");
        assert!(!wrong.is_unavailable() && !wrong.is_disk_full());
    }

    #[test]
    fn r5_the_error_of_a_database_is_found_behind_that_of_a_nested_handler() {
        let failed = |error: HandlerError| {
            let failures = vec![HandlerFailure { handler: "h".to_owned(), error }];
            let envelope = messenger::Envelope::new(Asked);
            DispatchError::from(Box::new(HandlerFailed { envelope, failures }))
        };
        let said = anyhow::Error::new(said("database is locked")).context("could not");
        let inner = failed(said.into());
        let outer = failed(inner.into());
        assert!(DatabaseError::find_in(&outer).is_some_and(DatabaseError::is_unavailable));
        let commit = DispatchError::from(ScopeError::new(
            "could not commit",
            DatabaseError::OutcomeUnknown { cause: "it is away".to_owned() },
        ));
        assert!(DatabaseError::find_in(&commit).is_some_and(DatabaseError::is_outcome_unknown));
    }
}
