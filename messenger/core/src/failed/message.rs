//! One failed message, as it is shown to people.

use std::time::Duration;

use chrono::{DateTime, FixedOffset};

use crate::envelope::Envelope;
use crate::stamp::{
    ErrorDetailsStamp, HistoryLeftOutStamp, QueueStateStamp, RedeliveryStamp,
    SentToFailureTransportStamp, TransportMessageIdStamp,
};

/// A failed message, as it is shown to people.
#[derive(Debug, Clone)]
pub struct FailedMessage {
    /// The message with all its stamps.
    pub envelope: Envelope,
}

impl FailedMessage {
    /// The transport's id.
    #[must_use]
    pub fn id(&self) -> String {
        self.envelope
            .last::<TransportMessageIdStamp>()
            .map(TransportMessageIdStamp::text)
            .unwrap_or_default()
    }

    /// The wire name.
    #[must_use]
    pub fn class(&self) -> &str {
        self.envelope.name()
    }

    /// When it failed last.
    #[must_use]
    pub fn failed_at(&self) -> Option<DateTime<FixedOffset>> {
        self.envelope.last::<RedeliveryStamp>().map(|stamp| stamp.redelivered_at)
    }

    /// When it was sent again, and at last set aside.
    pub fn history(&self) -> impl Iterator<Item = DateTime<FixedOffset>> {
        self.envelope.all::<RedeliveryStamp>().map(|stamp| stamp.redelivered_at)
    }

    /// The last error.
    #[must_use]
    pub fn error(&self) -> Option<&ErrorDetailsStamp> {
        self.envelope.last()
    }

    /// How many entries of [`history`](Self::history) were left out, after the first.
    #[must_use]
    pub fn history_left_out(&self) -> u32 {
        self.envelope.last::<HistoryLeftOutStamp>().map_or(0, |stamp| stamp.failures)
    }

    /// How long until it is due; zero if it is, or if the transport does not know.
    #[must_use]
    pub fn due_in(&self) -> Duration {
        self.envelope.last::<QueueStateStamp>().map_or(Duration::ZERO, |state| state.due_in)
    }

    /// Whether somebody is handling it.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.envelope.last::<QueueStateStamp>().is_some_and(|state| state.held)
    }

    /// The transport on which it failed; `None` for a message that was sent here by routing.
    #[must_use]
    pub fn original_transport(&self) -> Option<&str> {
        let stamp = self.envelope.last::<SentToFailureTransportStamp>()?;
        Some(&stamp.original_receiver_name)
    }
}
