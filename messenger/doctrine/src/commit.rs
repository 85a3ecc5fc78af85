//! How a commit ended whose answer was lost: the one place that finds out.
//!
//! A connection that ends between COMMIT and its answer says neither that the transaction is
//! committed nor that it is not. PostgreSQL remembers, by the transaction's number; so it is asked,
//! on a new connection. What cannot be learnt is an outcome of its own: nobody may undo or repeat
//! anything on the guess that the commit failed.
//!
//! The answer of SQLite comes from this process. It is never lost: whoever lives to miss it has it.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
#[cfg(feature = "postgres")]
use diesel::sql_types::BigInt;

use super::connection::DbConnection;
use super::connector::Connector;
use super::database::Database;
use super::error::DatabaseError;
use super::threads;

/// How long the database is asked, in all.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long the COMMIT may still be on its way. Then its session is ended, which decides.
const ON_ITS_WAY: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(50);

#[cfg(feature = "postgres")]
diesel::define_sql_function! {
    /// The number of the transaction, if it has written anything.
    fn txid_current_if_assigned() -> Nullable<BigInt>;
}
#[cfg(feature = "postgres")]
diesel::define_sql_function! {
    /// What became of a transaction; nothing if that was too long ago.
    fn txid_status(transaction: BigInt) -> Nullable<Text>;
}

/// What a COMMIT gave.
#[must_use]
pub(super) enum Commit {
    /// The answer: it is done.
    Done,
    /// No answer.
    Unanswered {
        /// The transaction's number.
        transaction: i64,
        /// What came instead.
        error: DatabaseError,
    },
}

/// The transaction whose COMMIT is being sent, known also to whoever gives its connection up.
#[derive(Debug, Clone, Default)]
pub(super) struct Sent(Arc<OnceLock<i64>>);

impl Sent {
    /// What an error means that came in place of the work's own: nobody has answered, if the COMMIT
    /// was being sent.
    ///
    /// # Errors
    /// The error itself if it says that nothing was committed.
    pub(super) fn unanswered(&self, error: DatabaseError) -> Result<Commit, DatabaseError> {
        match (self.0.get(), &error) {
            (Some(&transaction), DatabaseError::NoConnection(_) | DatabaseError::Panicked) => {
                Ok(Commit::Unanswered { transaction, error })
            }
            _ => Err(error),
        }
    }
}

/// Commits the outermost transaction. On an error it is not committed, and may still be open.
pub(super) fn commit(connection: &mut DbConnection, sent: &Sent) -> QueryResult<Commit> {
    let transaction = match connection {
        #[cfg(feature = "sqlite")]
        DbConnection::Sqlite(_) => None,
        #[cfg(feature = "postgres")]
        DbConnection::Pg(connection) => {
            diesel::select(txid_current_if_assigned()).get_result::<Option<i64>>(connection)?
        }
    };
    if let Some(transaction) = transaction {
        sent.0.get_or_init(|| transaction);
    }
    match (connection.commit(), transaction) {
        (Ok(()), _) => Ok(Commit::Done),
        (Err(error), Some(transaction)) if is_no_answer(&error) => {
            Ok(Commit::Unanswered { transaction, error: error.into() })
        }
        // The database has refused, or there was nothing to commit.
        (Err(error), _) => Err(error),
    }
}

/// Whether the connection ended in place of an answer.
fn is_no_answer(error: &Error) -> bool {
    use DatabaseErrorKind::{ClosedConnection, UnableToSendCommand};
    match error {
        Error::DatabaseError(kind, _) => matches!(kind, ClosedConnection | UnableToSendCommand),
        Error::RollbackErrorOnCommit { commit_error, .. } => is_no_answer(commit_error),
        _ => false,
    }
}

/// Gives the answer of a COMMIT: the one that came, or the one that the database gives when it is
/// asked. Call it without the connection, which may be the last one.
///
/// # Errors
/// [`DatabaseError::OutcomeUnknown`] if nobody can say; otherwise nothing of the transaction is kept.
pub(super) async fn answer(commit: Commit, database: &Database) -> Result<(), DatabaseError> {
    let Commit::Unanswered { transaction, error } = commit else { return Ok(()) };
    tracing::warn!(
        target: "messenger", transaction,
        "The answer to the COMMIT of transaction {transaction} was lost; asking the database: {error}"
    );
    match is_committed(transaction, database).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(error),
        Err(cause) => {
            tracing::error!(
                target: "messenger", transaction,
                "It is not known whether transaction {transaction} was committed: {cause}"
            );
            Err(DatabaseError::OutcomeUnknown { cause })
        }
    }
}

/// Whether this transaction is committed, or why that cannot be learnt.
async fn is_committed(transaction: i64, database: &Database) -> Result<bool, String> {
    let began = Instant::now();
    let mut cause = "the database did not answer in time".to_owned();
    let asking = async {
        loop {
            let (connector, decide) = (database.connector().clone(), began.elapsed() > ON_ITS_WAY);
            let asked = threads::start(move || ask(&connector, transaction, decide));
            match threads::outcome(asked.await) {
                Ok(Some(status)) if status == "committed" => return Ok(true),
                Ok(Some(status)) if status == "aborted" => return Ok(false),
                Ok(Some(_)) => cause = "its session goes on".to_owned(),
                Ok(None) => return Err("the database does not remember it any more".to_owned()),
                Err(error) => cause = error.to_string(),
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    let asked = tokio::time::timeout(PATIENCE, asking).await;
    asked.unwrap_or(Err(cause))
}

/// SQLite has answered itself.
#[cfg(not(feature = "postgres"))]
fn ask(_: &Connector, _: i64, _: bool) -> Result<Option<String>, DatabaseError> {
    Ok(None)
}

/// Asks on a connection of its own: those of the pool may be as dead as the one that was lost.
#[cfg(feature = "postgres")]
fn ask(
    connector: &Connector,
    transaction: i64,
    decide: bool,
) -> Result<Option<String>, DatabaseError> {
    let mut connection = connector.open()?;
    #[cfg_attr(not(feature = "sqlite"), expect(irrefutable_let_patterns))]
    let DbConnection::Pg(connection) = &mut connection else { return Ok(None) };
    if decide {
        // It may wait for ever for a client that is gone. Numbers of sessions are the last 32 bits.
        diesel::sql_query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE backend_xid::text = ($1 & 4294967295)::text",
        )
        .bind::<BigInt, _>(transaction)
        .execute(connection)?;
    }
    Ok(diesel::select(txid_status(transaction)).get_result(connection)?)
}
