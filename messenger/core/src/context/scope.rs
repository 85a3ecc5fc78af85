//! The scope: state that lives as long as one root dispatch, and the transactions in it.

use std::time::Duration;

use async_trait::async_trait;

use crate::codec::Encoded;
use crate::error::ScopeError;

/// The name under which the outbox keeps messages that are to be handled here after the commit. No
/// transport can have it.
pub const HELD_BACK: &str = "(held back)";

/// How long an entry of the outbox belongs to the process that stored or claimed it.
pub const OUTBOX_LEASE: Duration = Duration::from_secs(30);

/// State that lives as long as one root dispatch: what an application wants its handlers to have, and
/// often a unit of work on a database. `()` is a scope with nothing in it.
///
/// ```
/// use messenger::{Scope, Transactions};
///
/// /// Who asked, beside a unit of work: here one without a database.
/// struct RequestScope { user: Option<String>, unit_of_work: () }
///
/// impl Scope for RequestScope {
///     fn transactions(&mut self) -> &mut dyn Transactions {
///         &mut self.unit_of_work
///     }
/// }
/// ```
pub trait Scope: Send + 'static {
    /// What is committed or undone together; nothing by default.
    fn transactions(&mut self) -> &mut dyn Transactions {
        // A value without size: nothing is allocated.
        Box::leak(Box::new(()))
    }
}

impl Scope for () {}

/// What is committed or undone together in a [`Scope`], and the outbox that obeys it.
///
/// The provided methods are those of something without transactions; `()` is such a thing.
#[async_trait]
pub trait Transactions: Send {
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
    /// When the database refuses; nothing of the transaction is then kept. Or when nobody can say
    /// whether it is committed (`DatabaseError::OutcomeUnknown`).
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

    /// Keeps a message for a transport that cannot join the open transaction, or for this process
    /// ([`HELD_BACK`]), so that it is sent or handled if and only if the transaction commits. It
    /// belongs to this process for a while. `None` if this scope has no such store.
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

    /// Removes a message from the outbox after it was sent or handled. Says whether it was still
    /// ours.
    ///
    /// # Errors
    /// When the store cannot be reached; the message is then sent or handled once more later.
    async fn remove_from_outbox(&mut self, _entry: OutboxEntry) -> Result<bool, ScopeError> {
        Ok(true)
    }

    /// Replaces a message in the outbox that is still ours.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn update_in_outbox(
        &mut self,
        _entry: &OutboxEntry,
        _message: Encoded,
    ) -> Result<(), ScopeError> {
        Ok(())
    }

    /// Has an entry that is still ours belong to us for longer; `None` if it is somebody else's.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn renew_in_outbox(
        &mut self,
        entry: &OutboxEntry,
    ) -> Result<Option<OutboxEntry>, ScopeError> {
        Ok(Some(entry.clone()))
    }

    /// Gives an entry that is still ours to whoever wants it, after `delay`.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn release_in_outbox(
        &mut self,
        _entry: OutboxEntry,
        _delay: Duration,
    ) -> Result<(), ScopeError> {
        Ok(())
    }

    /// Claims messages that are to be handled ([`HELD_BACK`]) and belong to nobody any more.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn claim_held_back(&mut self, _max: usize) -> Result<Vec<OutboxMessage>, ScopeError> {
        Ok(Vec::new())
    }

    /// Claims messages for transports that a process which died left in the outbox.
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

impl Transactions for () {}

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
    /// How often it was handed out, this time included, if somebody vanished with it before.
    pub deliveries: Option<u32>,
}
