//! What only some receivers can do.

use async_trait::async_trait;

use crate::envelope::Envelope;
use crate::error::TransportError;

/// How many messages there are in a queue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Due, and nobody holds them.
    pub ready: u64,
    /// Due later; `None` if the transport does not know.
    pub delayed: Option<u64>,
    /// Held by somebody; `None` if the transport does not know.
    pub held: Option<u64>,
}

impl Waiting {
    /// All that are known of.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.ready + self.delayed.unwrap_or(0) + self.held.unwrap_or(0)
    }
}

/// A receiver that can count its messages.
#[async_trait]
pub trait MessageCountAware: Send + Sync {
    /// How many messages there are, by where they stand.
    ///
    /// # Errors
    /// When the storage cannot be reached.
    async fn count(&self) -> Result<Waiting, TransportError>;
}

/// A receiver whose messages can be looked at without claiming them.
#[async_trait]
pub trait ListableReceiver: Send + Sync {
    /// The messages that are there, at most `limit`: due or not, held or not, those that are due
    /// first, each with a [`QueueStateStamp`](crate::stamp::QueueStateStamp).
    ///
    /// # Errors
    /// When the storage cannot be reached.
    async fn all(&self, limit: Option<usize>) -> Result<Vec<Envelope>, TransportError>;

    /// The message with this id, due or not, held or not, with its
    /// [`QueueStateStamp`](crate::stamp::QueueStateStamp); `None` if there is none.
    ///
    /// # Errors
    /// When the storage cannot be reached.
    async fn find(&self, id: &str) -> Result<Option<Envelope>, TransportError>;
}

/// What came of asking for one message by its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ById<T> {
    /// It was there and free, and this was done.
    Done(T),
    /// Somebody holds it.
    Held,
    /// There is no such message.
    Absent,
}

/// A receiver that can claim the one message that is asked for.
#[async_trait]
pub trait ClaimableReceiver: Send + Sync {
    /// Claims the message with this id, due or not, as [`get`](super::Receiver::get) would.
    ///
    /// # Errors
    /// When the storage cannot be reached.
    async fn claim(&self, id: &str) -> Result<ById<Envelope>, TransportError>;
}

/// A receiver that can remove the one message that is asked for.
#[async_trait]
pub trait RemovableReceiver: Send + Sync {
    /// Removes the message with this id for good, due or not, unless somebody holds it.
    ///
    /// # Errors
    /// When the storage cannot be reached.
    async fn remove(&self, id: &str) -> Result<ById<()>, TransportError>;
}
