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
    /// At most so many messages, of all queues together.
    pub max: usize,
    /// Only from these queues of the transport, the first one first; empty: from its own. One fetch
    /// may end with the first queue that has a message, or fill up from those behind it: who asks
    /// relies on neither, and asks again.
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
/// lease ends, or until its holder vanishes. Who holds it and by which claim is written in a stamp of
/// the transport's own on the envelope: private, not travelling, shared by the clones of the
/// envelope, because the worker renews one clone and settles another.
///
/// What only some receivers can do has traits of its own: a receiver that implements one gives itself
/// where that is asked for, for example in [`listable`](Self::listable).
#[async_trait]
pub trait Receiver<S: Scope>: Send + Sync {
    /// Claims messages that are due, oldest first. Nobody else is given them while they are held.
    /// A message that cannot be read comes as an [`Undecodable`](crate::Undecodable).
    ///
    /// Each carries one [`TransportMessageIdStamp`](crate::stamp::TransportMessageIdStamp), with the
    /// id that it has here: a message that was in a queue before may bring another, which the
    /// transport removes. One that was delivered before to a worker which vanished carries a
    /// [`DeliveryCountStamp`](crate::stamp::DeliveryCountStamp) if the transport
    /// [counts](Self::counts_deliveries).
    ///
    /// Where a broker pushes its messages the receiver may keep what came in a buffer of its own, and
    /// gives from that; see [`wait`](Self::wait) and [`close`](Self::close).
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

    /// Gives claimed messages back, to be delivered to anybody after `delay`. That is no delivery:
    /// the next one carries the count that this one had. With no delay a message is due again when it
    /// was before, so that one which was claimed by its id before it was due waits on; whether it
    /// comes again before those that were sent after it is left to the transport. One that is no
    /// longer held is left alone.
    ///
    /// Where a broker cannot give back for later, the transport may send a copy with the delay and
    /// then acknowledge the original, in this order. The copy may have another id.
    ///
    /// # Errors
    /// When the storage cannot be reached; the messages then come back when their lease ends.
    async fn release(&self, envelopes: &[Envelope], delay: Duration) -> Result<(), TransportError>;

    /// Waits until there may be something to get from these queues, at most this long; the queues
    /// are those of [`Fetch::queues`]. It may return for nothing. A transport that nobody tells of new
    /// messages looks for itself, several times a second.
    ///
    /// It is cancel safe, and must be: a worker waits for all its transports at once and drops the
    /// other waits when one returns. Waiting claims nothing, and news are not used up by a wait
    /// that was dropped: what was sent after the last `get` that came back empty ends the next
    /// wait, however many waits were dropped before. A receiver with a buffer may fill it meanwhile:
    /// nothing is claimed that others would miss once it is closed or dropped.
    ///
    /// # Errors
    /// When the connection is lost. The worker logs it, leaves the transport alone for a moment, and
    /// asks again with [`get`](Self::get).
    async fn wait(&self, queues: &[String], at_most: Duration) -> Result<(), TransportError>;

    /// Ends receiving, when a worker stops: what was fetched ahead and given to nobody goes back to
    /// the queue, the buffer of a receiver included. What was given out stays held. A later
    /// [`get`](Self::get) begins anew. What a receiver does here happens also when it is dropped.
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

    /// Whether a message with which a worker vanished comes again with the number of its deliveries.
    /// Not where a broker tells no more than that it delivers again, nor where its count grows with
    /// a release too: then no [`DeliveryCountStamp`](crate::stamp::DeliveryCountStamp) is attached,
    /// and such a message is delivered without limit.
    fn counts_deliveries(&self) -> bool {
        false
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
