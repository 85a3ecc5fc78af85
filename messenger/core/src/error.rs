//! What can go wrong when a message is dispatched.

use std::fmt;

use thiserror::Error;

use crate::codec::EncodeError;
use crate::envelope::Envelope;
use crate::handler_error::HandlerError;

/// Any error, as this library keeps those of others.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Shows an error and its causes on one line.
pub(crate) struct Chain<'a>(pub(crate) &'a (dyn std::error::Error + 'static));

/// A dispatch failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DispatchError {
    /// One or more handlers failed.
    #[error(transparent)]
    HandlerFailed(#[from] Box<HandlerFailed>),
    /// The message itself was handled, but messages that waited for it failed.
    #[error(transparent)]
    Delayed(#[from] Box<DelayedMessageHandling>),
    /// Nobody handles the message on this bus.
    #[error("No handler for message \"{message}\" on bus \"{bus}\".")]
    NoHandler {
        /// The message's wire name.
        message: String,
        /// The bus.
        bus: String,
    },
    /// The bus wants every message to be sent, but no transport is routed.
    #[error("No sender for message \"{message}\".")]
    NoSender {
        /// The message's wire name.
        message: String,
    },
    /// There is no such bus.
    #[error(
        "there is no bus \"{name}\"; known buses: {known}. If another application names its bus so, \
         add it to the `aliases` of one of them in messenger.toml"
    )]
    UnknownBus {
        /// The name that was asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// There is no such transport.
    #[error("there is no transport \"{name}\"; known transports: {known}")]
    UnknownTransport {
        /// The name that was asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// A transport failed.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The unit of work failed: no connection, a commit that was refused.
    #[error(transparent)]
    Scope(#[from] ScopeError),
    /// A query did not get exactly one answer of the right type.
    #[error(
        "{message} was answered by {handlers} handlers; exactly one answer of the asked type is needed"
    )]
    NoAnswer {
        /// The message's wire name.
        message: String,
        /// How many handlers handled it.
        handlers: usize,
    },
    /// A middleware of the application refused or failed.
    #[error("{}", Chain(&**.source))]
    Middleware {
        /// The envelope as it reached the middleware.
        envelope: Box<Envelope>,
        /// Why.
        source: BoxError,
    },
}

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl DispatchError {
    /// The envelope with everything that was learnt before the failure: the stamps of the
    /// handlers that did succeed.
    #[must_use]
    pub fn envelope(&self) -> Option<&Envelope> {
        match self {
            Self::HandlerFailed(failed) => Some(&failed.envelope),
            Self::Delayed(delayed) => Some(&delayed.root),
            Self::Middleware { envelope, .. } => Some(envelope),
            _ => None,
        }
    }

    /// The same, but only if it is the envelope of this message: an error of a nested dispatch that
    /// a middleware passed on holds the envelope of another one.
    pub(crate) fn envelope_of(&self, message: &Envelope) -> Option<&Envelope> {
        self.envelope().filter(|envelope| envelope.is_same_message(message))
    }

    /// A refusal by a middleware of the application.
    pub fn middleware(envelope: Envelope, source: impl Into<BoxError>) -> Self {
        Self::Middleware { envelope: Box::new(envelope), source: source.into() }
    }

    /// Names the kind of error, for `ErrorDetailsStamp`.
    #[must_use]
    pub fn class(&self) -> &str {
        match self {
            Self::HandlerFailed(failed) => {
                failed.failures.first().map_or("HandlerFailed", |first| first.error.class())
            }
            Self::Delayed(_) => "DelayedMessageHandling",
            Self::NoHandler { .. } => "NoHandlerForMessage",
            Self::NoSender { .. } => "NoSenderForMessage",
            Self::UnknownBus { .. } => "UnknownBus",
            Self::UnknownTransport { .. } => "UnknownTransport",
            Self::Transport(_) => "TransportError",
            Self::Scope(_) => "ScopeError",
            Self::NoAnswer { .. } => "NoAnswer",
            Self::Middleware { .. } => "MiddlewareError",
        }
    }

    /// The error's own text, without the words of the wrapper around a handler's error.
    #[must_use]
    pub fn detail(&self) -> String {
        match self {
            Self::HandlerFailed(failed) => match failed.failures.first() {
                Some(first) => first.error.to_string(),
                None => self.to_string(),
            },
            other => other.to_string(),
        }
    }
}

/// One or more handlers failed; the others have run.
#[derive(Debug)]
pub struct HandlerFailed {
    /// The envelope, with a `HandledStamp` of every handler that succeeded.
    pub envelope: Envelope,
    /// The failures in the order in which the handlers ran; never empty.
    pub failures: Vec<HandlerFailure>,
}

/// The failure of one handler.
#[derive(Debug)]
pub struct HandlerFailure {
    /// The handler's name.
    pub handler: String,
    /// Its error.
    pub error: HandlerError,
}

impl fmt::Display for HandlerFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Handling \"{}\" failed: ", self.envelope.name())?;
        match self.failures.as_slice() {
            [] => Ok(()),
            [only] => write!(f, "{}", only.error),
            [first, ..] => write!(
                f,
                "{} handlers failed. First failure is: {}",
                self.failures.len(),
                first.error
            ),
        }
    }
}

impl std::error::Error for HandlerFailed {}

/// Messages that were dispatched with `DispatchAfterCurrentBusStamp` failed after the message
/// that dispatched them had succeeded.
#[derive(Debug)]
pub struct DelayedMessageHandling {
    /// The root's envelope: it was handled, its transaction is committed.
    pub root: Envelope,
    /// The delayed messages that failed, in their order; never empty.
    pub failures: Vec<DelayedFailure>,
}

/// A delayed message that failed.
#[derive(Debug)]
pub struct DelayedFailure {
    /// The message as it was dispatched, with the stamps of the handlers that succeeded.
    pub envelope: Envelope,
    /// Why it failed.
    pub error: DispatchError,
}

impl fmt::Display for DelayedMessageHandling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.failures.len();
        let words = if count == 1 { "A delayed message" } else { "Some delayed messages" };
        write!(f, "{words} could not be handled:\n\n")?;
        for (index, failure) in self.failures.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", \n" };
            let name = failure.envelope.name();
            write!(f, "{separator}{name}: {}: {}", failure.error.class(), failure.error)?;
        }
        Ok(())
    }
}

impl std::error::Error for DelayedMessageHandling {}

/// A transport could not do what it was asked.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TransportError {
    /// The message could not be written.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The configuration does not fit.
    #[error("{0}")]
    Configuration(String),
    /// The transport cannot do this at all.
    #[error("the transport \"{transport}\" cannot {ability}")]
    NotSupported {
        /// The transport.
        transport: String,
        /// What it was asked to do.
        ability: &'static str,
    },
    /// The table, queue or stream is not there and must not be made by itself.
    #[error("{what} does not exist; run \"messenger:setup-transports\" or set auto_setup=1")]
    NotSetUp {
        /// What is missing.
        what: String,
    },
    /// The storage behind the transport failed.
    #[error("{context}: {}", Chain(&**.source))]
    Storage {
        /// What was being done, for example `could not claim messages from "async"`.
        context: String,
        /// Why it failed.
        source: BoxError,
    },
}

/// The unit of work could not begin, commit or be used.
#[derive(Debug, Error)]
#[error("{context}: {}", Chain(&**.source))]
pub struct ScopeError {
    /// What was being done.
    pub context: &'static str,
    /// Why it failed.
    pub source: BoxError,
}

impl ScopeError {
    /// An error with what was being done.
    pub fn new(context: &'static str, source: impl Into<BoxError>) -> Self {
        Self { context, source: source.into() }
    }
}
