//! The scope: state that lives as long as one root dispatch, such as a unit of work.

use async_trait::async_trait;

use crate::codec::Encoded;
use crate::error::ScopeError;

/// State that lives as long as one root dispatch, typically a unit of work on a database.
///
/// The provided methods are those of a scope without transactions; `()` is such a scope.
#[async_trait]
pub trait Scope: Send + 'static {
    /// How many transactions are open, savepoints included.
    fn depth(&self) -> usize {
        0
    }

    /// Opens a transaction, or a savepoint inside the open one.
    ///
    /// # Errors
    /// When the database cannot be reached or refuses.
    async fn begin(&mut self) -> Result<(), ScopeError> {
        Ok(())
    }

    /// Commits what the last `begin` opened.
    ///
    /// # Errors
    /// When the database refuses; nothing of the transaction is then kept.
    async fn commit(&mut self) -> Result<(), ScopeError> {
        Ok(())
    }

    /// Undoes everything since the last `begin`.
    ///
    /// # Errors
    /// When the database cannot be reached; the transaction is then undone by the server.
    async fn rollback(&mut self) -> Result<(), ScopeError> {
        Ok(())
    }

    /// Keeps a message for a transport that cannot join the open transaction, so that it is sent
    /// if and only if the transaction commits. `None` if this scope has no such store.
    ///
    /// # Errors
    /// When the message cannot be stored.
    async fn store_in_outbox(
        &mut self,
        _transport: &str,
        _message: Encoded,
    ) -> Result<Option<OutboxEntry>, ScopeError> {
        Ok(None)
    }

    /// Removes a message from the outbox after it was sent.
    ///
    /// # Errors
    /// When the store cannot be reached; the message is then sent once more later.
    async fn remove_from_outbox(&mut self, _entry: OutboxEntry) -> Result<(), ScopeError> {
        Ok(())
    }

    /// Claims messages that a process which died left in the outbox.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn claim_outbox(&mut self, _max: usize) -> Result<Vec<OutboxMessage>, ScopeError> {
        Ok(Vec::new())
    }

    /// Counts a message that was dropped on purpose, for `messenger:stats`.
    ///
    /// # Errors
    /// When the count cannot be written.
    async fn count_discard(&mut self, _message: &str, _transport: &str) -> Result<(), ScopeError> {
        Ok(())
    }
}

impl Scope for () {}

/// A message in the outbox of a scope.
#[derive(Debug, Clone)]
pub struct OutboxEntry {
    /// The row's id.
    pub id: i64,
    /// What the row's `delivered_at` says while this process is about to send the message.
    pub lease: String,
}

/// A message that was claimed from the outbox.
#[derive(Debug, Clone)]
pub struct OutboxMessage {
    /// The row, and the lease on it.
    pub entry: OutboxEntry,
    /// The transport it is meant for.
    pub transport: String,
    /// The message.
    pub message: Encoded,
}
