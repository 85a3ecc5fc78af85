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
mod builder_checks;
mod bus;
mod bus_builder;
mod bus_lookup;
mod bus_name;
mod configure;
mod context;
mod dispatch_listener;
mod envelope;
mod error;
mod handler;
mod known_message;
mod message;
mod middleware;
mod pattern;
mod rate_limit;
pub mod retry;
mod routing;
mod scope;

pub use async_trait::async_trait;

pub use builder::{BuildError, MessengerBuilder};
pub use bus::{ConfiguredTransport, Messenger};
pub use bus_builder::BusBuilder;
pub use bus_name::BusName;
pub use codec::{Encoded, Undecodable};
pub use context::{Context, Scope, Transactions};
pub use dispatch_listener::{Dispatch, DispatchListener};
pub use envelope::Envelope;
pub use error::{
    DelayedFailure, DelayedMessageHandling, DispatchError, HandlerFailed, HandlerFailure,
    ScopeError, TransportError,
};
pub use handler::{
    EnvelopeHandler, Handler, HandlerDescription, HandlerError, HandlerOptions, Handles, Verdict,
};
pub use known_message::KnownMessage;
pub use message::{Interface, Message, short_name};
pub use middleware::{Middleware, Next, SendListener, TransactionMiddleware};
pub use rate_limit::RateLimit;
pub use scope::{HELD_BACK, OUTBOX_LEASE, OutboxEntry, OutboxMessage};
