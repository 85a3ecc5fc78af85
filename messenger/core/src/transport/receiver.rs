//! The way out of a transport.

use std::time::Duration;

use async_trait::async_trait;

use super::{ClaimableReceiver, ListableReceiver, MessageCountAware, RemovableReceiver};
use crate::context::{Context, Scope};
use crate::envelope::Envelope;
use crate::error::TransportError;

/// What a worker asks for.
#[derive(Debug, Clone)]
pub struct Fetch<'a> {
    /// At most so many messages.
    pub max: usize,
    /// Only from these queues of the transport; empty: from its own.
    pub queues: &'a [String],
}

impl Fetch<'_> {
    /// At most so many messages from the transport's own queue.
    #[must_use]
    pub fn up_to(max: usize) -> Self {
        Self { max, queues: &[] }
    }
}

/// The way out of a transport: messages are claimed, handled, and settled.
///
/// A message that was claimed is *held* until it is acknowledged, rejected or released, until its
/// lease ends, or until its holder vanishes.
///
/// What only some receivers can do has traits of its own: a receiver that implements one gives itself
/// where that is asked for, for example in [`listable`](Self::listable).
#[async_trait]
pub trait Receiver<S: Scope>: Send + Sync {
    /// Claims messages that are due, oldest first. Nobody else is given them while they are held.
    /// A message that cannot be read comes as an [`Undecodable`](crate::Undecodable).
    ///
    /// # Errors
    /// When the storage cannot be reached.
    async fn get(&self, fetch: &Fetch<'_>) -> Result<Vec<Envelope>, TransportError>;

    /// Removes messages that were handled. One that is no longer held, because its lease was lost
    /// to somebody else, is left alone and logged.
    ///
    /// # Errors
    /// When the storage cannot be reached; the messages are then delivered again.
    async fn ack(&self, envelopes: &[Envelope]) -> Result<(), TransportError>;

    /// Removes a message that failed, within the transaction of the scope where that is possible,
    /// so that it goes together with the copy that was sent. Says whether it was still held.
    ///
    /// # Errors
    /// When the storage cannot be reached.
    async fn reject(
        &self,
        envelope: &Envelope,
        cx: &mut Context<S>,
    ) -> Result<bool, TransportError>;

    /// Gives claimed messages back, to be delivered to anybody after `delay`.
    ///
    /// # Errors
    /// When the storage cannot be reached; the messages then come back when their lease ends.
    async fn release(&self, envelopes: &[Envelope], delay: Duration) -> Result<(), TransportError>;

    /// Waits until there may be something to get, at most this long. It may return for nothing. A
    /// transport that nobody tells of new messages looks for itself, several times a second.
    ///
    /// It is cancel safe, and must be: a worker waits for all its transports at once and drops the
    /// other waits when one returns. Waiting claims nothing, and news are not used up by a wait
    /// that was dropped: what was sent after the last `get` that came back empty ends the next
    /// wait, however many waits were dropped before.
    async fn wait(&self, at_most: Duration);

    /// Ends receiving, when a worker stops: what was fetched ahead and given to nobody goes back to
    /// the queue. What was given out stays held. A later [`get`](Self::get) begins anew.
    ///
    /// # Errors
    /// When the storage cannot be reached.
    async fn close(&self) -> Result<(), TransportError> {
        Ok(())
    }

    /// How long a claimed message is held unless its lease is renewed; `None` if time alone ends
    /// nothing.
    fn lease(&self) -> Option<Duration> {
        None
    }

    /// Renews the lease of held messages.
    ///
    /// # Errors
    /// When the storage cannot be reached.
    async fn keepalive(&self, _envelopes: &[Envelope]) -> Result<(), TransportError> {
        Ok(())
    }

    /// Whether a claimed message is still held, as far as is known without asking: as the last
    /// renewal told, or because the connection is the one on which it came.
    fn holds(&self, _envelope: &Envelope) -> bool {
        true
    }

    /// Whether [`Fetch::queues`] is understood.
    fn supports_queues(&self) -> bool {
        false
    }

    /// The queue of the transport that a received message came from; `None` if there is only one.
    fn queue_of(&self, _envelope: &Envelope) -> Option<String> {
        None
    }

    /// The same receiver, if it can count.
    fn message_count(&self) -> Option<&dyn MessageCountAware> {
        None
    }

    /// The same receiver, if it can list and find without claiming.
    fn listable(&self) -> Option<&dyn ListableReceiver> {
        None
    }

    /// The same receiver, if it can claim the one message that is asked for.
    fn claimable(&self) -> Option<&dyn ClaimableReceiver> {
        None
    }

    /// The same receiver, if it can remove the one message that is asked for.
    fn removable(&self) -> Option<&dyn RemovableReceiver> {
        None
    }
}
