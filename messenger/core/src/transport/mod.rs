//! Transports: where messages wait between the one who sends and the one who handles.
//!
//! A transport has a [`Sender`] and, unless it handles at once, a [`Receiver`]. What only some
//! transports can do are provided methods that answer "not supported".

mod factory;
mod held_back;
mod in_memory;
mod in_memory_factory;
mod sync;

use std::time::Duration;

use async_trait::async_trait;

use crate::codec::Codec;
use crate::context::{Context, Scope};
use crate::envelope::Envelope;
use crate::error::{DispatchError, TransportError};

pub use factory::{TransportFactory, TransportRequest};
pub(crate) use held_back::HeldBackTransport;
pub use in_memory::{InMemoryTransport, Record};
pub use in_memory_factory::InMemoryFactory;
pub use sync::{SyncFactory, SyncTransport};

/// A place where messages wait.
#[async_trait]
pub trait Transport<S: Scope>: std::fmt::Debug + Send + Sync + 'static {
    /// The kind of transport, as logs name it: `DoctrineTransport`.
    fn class(&self) -> &'static str;

    /// The way in.
    fn sender(&self) -> &dyn Sender<S>;

    /// The way out; `None` if messages never wait here.
    fn receiver(&self) -> Option<&dyn Receiver<S>>;

    /// Makes the tables, queues or streams the transport needs. Says `false` if it needs none.
    ///
    /// # Errors
    /// When the storage refuses.
    async fn setup(&self) -> Result<bool, TransportError> {
        Ok(false)
    }
}

/// Whether sending can be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// Sending joins the open transaction of the scope: it happens if that commits.
    WithTransaction,
    /// Sending happens at once and cannot be undone.
    Outside,
    /// The message is handled at once, in this process.
    InProcess,
}

/// The way into a transport.
#[async_trait]
pub trait Sender<S: Scope>: Send + Sync {
    /// Sends a message, within the transaction of the scope where [`Delivery`] says so. Gives the
    /// envelope back with what the transport added, such as the message's id.
    ///
    /// # Errors
    /// When the message cannot be written or the storage refuses.
    async fn send(
        &self,
        envelope: Envelope,
        cx: &mut Context<S>,
    ) -> Result<Envelope, DispatchError>;

    /// Whether sending can be undone.
    fn delivery(&self) -> Delivery {
        Delivery::Outside
    }

    /// How messages are written here; `None`: as the messenger writes them. What waits in the outbox
    /// for this transport is written so too.
    fn codec(&self) -> Option<&dyn Codec> {
        None
    }
}

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

/// How many messages there are in a queue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Due, and nobody has them in hand.
    pub ready: u64,
    /// Due later.
    pub delayed: u64,
    /// In the hands of a worker.
    pub in_hand: u64,
}

impl Waiting {
    /// All of them.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.ready + self.delayed + self.in_hand
    }
}

/// The way out of a transport.
#[async_trait]
pub trait Receiver<S: Scope>: Send + Sync {
    /// Claims messages that are due, oldest first. Nobody else is given them while their lease
    /// lasts. A message that cannot be read comes as an [`Undecodable`](crate::Undecodable).
    ///
    /// # Errors
    /// When the storage cannot be reached.
    async fn get(&self, fetch: &Fetch<'_>) -> Result<Vec<Envelope>, TransportError>;

    /// Removes messages that were handled. One whose lease was lost to somebody else is left
    /// alone and logged.
    ///
    /// # Errors
    /// When the storage cannot be reached; the messages are then delivered again.
    async fn ack(&self, envelopes: &[Envelope]) -> Result<(), TransportError>;

    /// Removes a message that failed, within the transaction of the scope where that is possible,
    /// so that it goes together with the copy that was sent. Says whether the lease was still held.
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

    /// Renews the lease of claimed messages.
    ///
    /// # Errors
    /// When the storage cannot be reached.
    async fn keepalive(&self, _envelopes: &[Envelope]) -> Result<(), TransportError> {
        Ok(())
    }

    /// Whether a claimed message is still ours, as far as the last renewal told.
    fn holds(&self, _envelope: &Envelope) -> bool {
        true
    }

    /// How long a claimed message stays claimed unless its lease is renewed; `None`: for ever.
    fn lease(&self) -> Option<Duration> {
        None
    }

    /// Waits until there may be something to get, at most this long.
    async fn wait(&self, at_most: Duration);

    /// Whether [`Fetch::queues`] is understood.
    fn supports_queues(&self) -> bool {
        false
    }

    /// How many messages are due; `None` if the transport cannot count.
    ///
    /// # Errors
    /// When the storage cannot be reached.
    async fn count(&self) -> Result<Option<u64>, TransportError> {
        Ok(None)
    }

    /// How many messages there are, due or not; `None` if the transport cannot count.
    ///
    /// # Errors
    /// When the storage cannot be reached.
    async fn waiting(&self) -> Result<Option<Waiting>, TransportError> {
        let due = self.count().await?;
        Ok(due.map(|ready| Waiting { ready, ..Waiting::default() }))
    }

    /// Messages that are due, oldest first, without claiming them; `None` if the transport cannot
    /// list.
    ///
    /// # Errors
    /// When the storage cannot be reached.
    async fn all(&self, _limit: Option<usize>) -> Result<Option<Vec<Envelope>>, TransportError> {
        Ok(None)
    }

    /// All messages that are there, due or not, claimed or not, those that are due first, each with
    /// a [`QueueStateStamp`](crate::stamp::QueueStateStamp) where the transport knows; `None` if it
    /// cannot list.
    ///
    /// # Errors
    /// When the storage cannot be reached.
    async fn list(&self, limit: Option<usize>) -> Result<Option<Vec<Envelope>>, TransportError> {
        self.all(limit).await
    }

    /// The queue of the transport that a received message came from; `None` if there is only one.
    fn queue_of(&self, _envelope: &Envelope) -> Option<String> {
        None
    }

    /// Claims the message with this id, due or not, unless somebody else holds it.
    ///
    /// # Errors
    /// When the storage cannot be reached.
    async fn claim_by_id(&self, id: &str) -> Result<Option<Envelope>, TransportError> {
        self.find(id).await
    }

    /// The message with this id, due or not, without claiming it.
    ///
    /// # Errors
    /// When the storage cannot be reached, or the transport cannot find.
    async fn find(&self, _id: &str) -> Result<Option<Envelope>, TransportError> {
        Ok(None)
    }
}
