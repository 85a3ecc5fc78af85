//! What a worker tells while it works.

use std::time::Duration;

use super::StopHandle;
use crate::envelope::Envelope;
use crate::error::DispatchError;
use crate::stamp::Stamp;

/// Is told what a worker does. Called in between messages: it must not block.
pub trait WorkerListener: Send + Sync + 'static {
    /// Something happened.
    fn on_event(&self, _event: &mut WorkerEvent<'_>) {}

    /// A message failed. The worker has decided what becomes of it; a listener may decide
    /// otherwise. Called before anything is sent or removed.
    fn on_failed(&self, _event: &mut FailedEvent<'_>) {}
}

impl<F: Fn(&mut WorkerEvent<'_>) + Send + Sync + 'static> WorkerListener for F {
    fn on_event(&self, event: &mut WorkerEvent<'_>) {
        self(event);
    }
}

/// What happened. The names are those of Symfony's worker events; a failure is told to
/// [`WorkerListener::on_failed`].
#[derive(Debug)]
#[non_exhaustive]
pub enum WorkerEvent<'a> {
    /// The worker starts.
    Started,
    /// A message was claimed; a listener may add stamps, or have it left alone.
    MessageReceived {
        /// The message.
        envelope: &'a mut Envelope,
        /// The transport it came from.
        receiver: &'a str,
        /// Set it to `false` to leave the message alone: not handled, not acknowledged.
        should_handle: &'a mut bool,
    },
    /// A message was handled.
    MessageHandled {
        /// The message with its new stamps.
        envelope: &'a Envelope,
        /// The transport it came from.
        receiver: &'a str,
    },
    /// A message was sent again.
    MessageRetried {
        /// The message as it was sent.
        envelope: &'a Envelope,
        /// The transport.
        receiver: &'a str,
    },
    /// A message was given up, and is kept in a failure transport: the one it came from, if it
    /// came from one.
    MessageKept {
        /// The message as it was kept.
        envelope: &'a Envelope,
        /// The transport it came from.
        receiver: &'a str,
    },
    /// A message was given up, and is not kept: that was counted.
    MessageDropped {
        /// The message.
        envelope: &'a Envelope,
        /// The transport it came from.
        receiver: &'a str,
    },
    /// The transport's rate limit is reached: it is left alone for a while.
    RateLimited {
        /// The transport.
        receiver: &'a str,
        /// For how long.
        wait: Duration,
    },
    /// A message was finished, or a round found none.
    Running {
        /// Whether the round found none.
        idle: bool,
        /// Asks the worker to stop.
        stop: &'a StopHandle,
    },
    /// The worker has stopped.
    Stopped,
}

/// A message failed. The worker has decided what to do; a listener may decide otherwise.
#[derive(Debug)]
pub struct FailedEvent<'a> {
    pub(crate) envelope: Envelope,
    pub(crate) receiver: &'a str,
    pub(crate) error: &'a DispatchError,
    pub(crate) will_retry: bool,
    pub(crate) discard: bool,
}

impl FailedEvent<'_> {
    /// The message.
    #[must_use]
    pub fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// The transport it came from.
    #[must_use]
    pub fn receiver(&self) -> &str {
        self.receiver
    }

    /// Why it failed.
    #[must_use]
    pub fn error(&self) -> &DispatchError {
        self.error
    }

    /// Whether it will be tried again.
    #[must_use]
    pub fn will_retry(&self) -> bool {
        self.will_retry
    }

    /// Adds a stamp to what is sent again or kept.
    pub fn add_stamp(&mut self, stamp: impl Stamp) {
        self.envelope = self.envelope.clone().with(stamp);
    }

    /// Has the message tried again, whatever the strategy says. One from a failure transport goes
    /// back there all the same.
    pub fn set_for_retry(&mut self) {
        self.will_retry = true;
        self.discard = false;
    }

    /// Has the message dropped: not tried again, not kept in the failure transport.
    pub fn discard(&mut self) {
        self.will_retry = false;
        self.discard = true;
    }
}
