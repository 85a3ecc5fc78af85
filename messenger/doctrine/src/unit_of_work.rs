//! The unit of work: the connection of one root dispatch, with its transaction and savepoints.

use std::time::Duration;

use diesel::QueryResult;
use messenger::async_trait;
use messenger::{Context, Encoded, OutboxEntry, OutboxMessage, Scope, ScopeError, Transactions};

use super::commit::{self, Commit};
use super::connection::DbConnection;
use super::database::{Database, Session};
use super::error::DatabaseError;
use super::{discards, outbox};

/// The database half of one root dispatch. While a transaction is open everything runs on its
/// connection; otherwise each call borrows one from the pool.
pub struct UnitOfWork {
    database: Database,
    session: Option<Session>,
    depth: usize,
}

impl UnitOfWork {
    /// A unit of work on this database; nothing is opened yet.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self { database, session: None, depth: 0 }
    }

    /// The database.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Runs code on the connection of this unit of work, on a thread that may block.
    ///
    /// # Errors
    /// When there is no connection, the transaction is lost, or the code's own error.
    pub async fn run<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut DbConnection) -> QueryResult<T> + Send + 'static,
    ) -> Result<T, DatabaseError> {
        if self.depth == 0 {
            return self.database.run(work).await;
        }
        let mut session = self.session.take().ok_or(DatabaseError::TransactionLost)?;
        let recorder = self.database.recorder();
        // If this future is dropped meanwhile, the session is dropped on its thread, with the
        // transaction still open: the connection is then closed, which undoes it.
        let used = self.database.blocking(session.turn(), move || {
            let result = session.run(recorder, work);
            Ok((session, result))
        });
        let (session, result) = used.await?;
        self.session = Some(session);
        result
    }
}

/// The database, for handlers and middleware: of every context whose scope has a [`UnitOfWork`] in it.
pub trait DatabaseContext {
    /// Runs code on the connection of this root dispatch: inside its transaction, if one is open.
    ///
    /// # Errors
    /// When there is no connection, or the code's own error.
    fn db<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut DbConnection) -> QueryResult<T> + Send + 'static,
    ) -> impl Future<Output = Result<T, DatabaseError>> + Send;
}

impl<S: Scope + AsMut<UnitOfWork>> DatabaseContext for Context<S> {
    async fn db<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut DbConnection) -> QueryResult<T> + Send + 'static,
    ) -> Result<T, DatabaseError> {
        self.scope.as_mut().run(work).await
    }
}

impl AsMut<UnitOfWork> for UnitOfWork {
    fn as_mut(&mut self) -> &mut UnitOfWork {
        self
    }
}

impl Scope for UnitOfWork {
    fn transactions(&mut self) -> &mut dyn Transactions {
        self
    }
}

#[async_trait]
impl Transactions for UnitOfWork {
    fn depth(&self) -> usize {
        self.depth
    }

    async fn begin(&mut self) -> Result<(), ScopeError> {
        const CONTEXT: &str = "could not begin a transaction";
        if self.depth == 0 {
            let session = self.database.transaction_session().await;
            self.session = Some(session.map_err(|error| error.in_scope(CONTEXT))?);
        }
        self.depth += 1;
        let begun = self.run(DbConnection::begin).await;
        if begun.is_err() {
            self.depth -= 1;
            if self.depth == 0 {
                self.session = None;
            }
        }
        begun.map_err(|error| error.in_scope(CONTEXT))
    }

    async fn commit(&mut self) -> Result<(), ScopeError> {
        let is_outermost = self.depth == 1;
        let sent = commit::Sent::default();
        let committed = match is_outermost {
            true => {
                let sent = sent.clone();
                self.run(move |connection| commit::commit(connection, &sent)).await
            }
            false => self.run(DbConnection::commit).await.map(|()| Commit::Done),
        };
        self.end_one();
        let result = match committed.or_else(|error| sent.unanswered(error)) {
            Ok(commit) => commit::answer(commit, &self.database).await,
            Err(DatabaseError::Panicked) if is_outermost => {
                let cause = DatabaseError::Panicked.to_string();
                Err(DatabaseError::OutcomeUnknown { cause })
            }
            Err(error) => Err(error),
        };
        if is_outermost && result.is_ok() {
            self.database.changed();
        }
        result.map_err(|error| error.in_scope("could not commit"))
    }

    async fn rollback(&mut self) -> Result<(), ScopeError> {
        if self.depth == 0 {
            return Ok(());
        }
        let result = self.run(DbConnection::rollback).await;
        self.end_one();
        match result {
            // The server has undone it with the connection.
            Ok(()) | Err(DatabaseError::TransactionLost) => Ok(()),
            Err(error) => Err(error.in_scope("could not roll back")),
        }
    }

    async fn store_in_outbox(
        &mut self,
        transport: &str,
        message: Encoded,
    ) -> Result<Option<OutboxEntry>, ScopeError> {
        let transport = transport.to_owned();
        let stored = self.run(move |connection| outbox::store(connection, &transport, &message));
        stored.await.map(Some).map_err(|error| error.in_scope("could not write to the outbox"))
    }

    async fn remove_from_outbox(&mut self, entry: OutboxEntry) -> Result<bool, ScopeError> {
        let removed = self.run(move |connection| outbox::remove(connection, &entry));
        removed.await.map_err(|error| error.in_scope("could not empty the outbox"))
    }

    async fn update_in_outbox(
        &mut self,
        entry: &OutboxEntry,
        message: Encoded,
    ) -> Result<(), ScopeError> {
        let entry = entry.clone();
        let updated = self.run(move |connection| outbox::update(connection, &entry, &message));
        updated.await.map_err(|error| error.in_scope("could not write to the outbox"))
    }

    async fn renew_in_outbox(
        &mut self,
        entry: &OutboxEntry,
    ) -> Result<Option<OutboxEntry>, ScopeError> {
        let entry = entry.clone();
        let renewed = self.run(move |connection| outbox::renew(connection, &entry));
        renewed.await.map_err(|error| error.in_scope("could not renew a lease in the outbox"))
    }

    async fn release_in_outbox(
        &mut self,
        entry: OutboxEntry,
        delay: Duration,
    ) -> Result<(), ScopeError> {
        let released = self.run(move |connection| outbox::release(connection, &entry, delay));
        released.await.map_err(|error| error.in_scope("could not give back what is in the outbox"))
    }

    async fn claim_held_back(&mut self, max: usize) -> Result<Vec<OutboxMessage>, ScopeError> {
        self.claim(move |connection| outbox::claim_held_back(connection, max)).await
    }

    async fn claim_outbox(&mut self, max: usize) -> Result<Vec<OutboxMessage>, ScopeError> {
        self.claim(move |connection| outbox::claim(connection, max)).await
    }

    async fn count_discard(&mut self, message: &str, transport: &str) -> Result<(), ScopeError> {
        let (message, transport) = (message.to_owned(), transport.to_owned());
        let counted = self.run(move |connection| discards::count(connection, &message, &transport));
        counted.await.map_err(|error| error.in_scope("could not count a dropped message"))
    }
}

impl UnitOfWork {
    /// Claims from the outbox, unless a look shows that it is empty.
    async fn claim(
        &mut self,
        work: impl FnOnce(&mut DbConnection) -> QueryResult<Vec<OutboxMessage>> + Send + 'static,
    ) -> Result<Vec<OutboxMessage>, ScopeError> {
        let empty = self.database.run(outbox::is_empty).await;
        if empty.map_err(|error| error.in_scope("could not look into the outbox"))? {
            return Ok(Vec::new());
        }
        let claimed = self.database.transaction(work).await;
        claimed.map_err(|error| error.in_scope("could not read the outbox"))
    }

    fn end_one(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        if self.depth == 0 {
            self.session = None;
        }
    }
}
