#![doc = include_str!("../README.md")]

pub mod clock;
pub mod codec;
pub mod config;
pub mod dsn;
pub mod failed;
pub mod stamp;
pub mod transport;
pub mod worker;

mod builder;
mod bus;
mod context;
mod envelope;
mod error;
mod handler;
mod handler_error;
mod listener;
mod message;
mod messenger;
mod middleware;
mod pattern;
mod rate_limit;
pub mod retry;

pub use async_trait::async_trait;

pub use builder::{BuildError, MessengerBuilder};
pub use bus::{BusBuilder, BusName, KnownMessage};
pub use codec::{Encoded, Undecodable};
pub use context::{
    Context, HELD_BACK, OUTBOX_LEASE, OutboxEntry, OutboxMessage, Scope, Transactions,
};
pub use envelope::Envelope;
pub use error::{
    BoxError, DelayedFailure, DelayedMessageHandling, DispatchError, HandlerFailed, HandlerFailure,
    ScopeError, TransportError,
};
pub use handler::{
    Data, EnvelopeHandler, Handler, HandlerDescription, HandlerOptions, Handles, IntoHandler,
    Outcome,
};
pub use handler_error::{HandlerError, Verdict};
pub use listener::{Dispatch, DispatchListener, GivenUpListener, SendListener};
pub use message::{Interface, Message, short_name};
pub use messenger::{ConfiguredTransport, Messenger};
/// Implements [`Message`](trait@Message).
#[cfg(feature = "derive")]
pub use messenger_macros::Message;
pub use middleware::{Middleware, Next, TransactionMiddleware};
pub use rate_limit::RateLimit;
