//! Transports: where messages wait between the one who sends and the one who handles.
//!
//! A transport has a [`Sender`] and, unless it handles at once, a [`Receiver`]. What only some
//! receivers can do are traits of their own, such as [`ListableReceiver`]; [`Capabilities`] tells
//! all that a transport can do.

mod abilities;
mod capabilities;
mod factory;
mod held_back;
mod in_memory;
mod receiver;
mod sync;

use async_trait::async_trait;

use crate::codec::Codec;
use crate::context::{Context, Scope};
use crate::envelope::Envelope;
use crate::error::{DispatchError, TransportError};

pub use abilities::{
    ById, ClaimableReceiver, ListableReceiver, MessageCountAware, RemovableReceiver, Waiting,
};
pub use capabilities::Capabilities;
pub use factory::{TransportFactory, TransportRequest};
pub(crate) use held_back::HeldBackTransport;
pub use in_memory::{InMemoryFactory, InMemoryTransport, Record};
pub use receiver::{Fetch, Receiver};
pub use sync::{SyncFactory, SyncTransport};

/// A place where messages wait.
#[async_trait]
pub trait Transport<S: Scope>: std::fmt::Debug + Send + Sync + 'static {
    /// The kind of transport, as logs name it: `DoctrineTransport`.
    fn class(&self) -> &'static str;

    /// The way in.
    fn sender(&self) -> &dyn Sender<S>;

    /// The way out; `None` if messages are handled at once and never wait here.
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
    /// envelope back with what the transport added: one
    /// [`TransportMessageIdStamp`](crate::stamp::TransportMessageIdStamp), the same with which the
    /// message will be received, in place of one that it brought along. Where the broker gives no
    /// id the transport makes one up, a UUID, and sends it along.
    ///
    /// A [`QueueNameStamp`](crate::stamp::QueueNameStamp) names the queue, where the receiver
    /// [supports queues](Receiver::supports_queues).
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

    /// Whether sending to this transport, and rejecting what came from it, are part of a transaction
    /// of this scope: they are if both are in one database.
    fn joins(&self, _scope: &mut S) -> bool {
        self.delivery() == Delivery::WithTransaction
    }

    /// How messages are written here; `None`: as the messenger writes them. What waits in the outbox
    /// for this transport is written so too.
    ///
    /// A transport that a [`TransportFactory`] makes is given its codec with the
    /// [`TransportRequest`]: the finished one of the messenger, which knows every message that is
    /// registered, or the one that `serializer` names; transports are made when the messenger is
    /// built. It writes with that and gives it here. `None` is for a transport that writes nothing
    /// or whose codec is the messenger's in any case.
    fn codec(&self) -> Option<&dyn Codec> {
        None
    }

    /// Whether a [`DelayStamp`](crate::stamp::DelayStamp) is obeyed. Where it is not, a message is
    /// due at once, and so is every retry.
    fn supports_delay(&self) -> bool {
        false
    }

    /// Whether messages can be more urgent than others; a stamp of the transport's own says how.
    fn supports_priorities(&self) -> bool {
        false
    }
}
