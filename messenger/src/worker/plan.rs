//! What becomes of a message that failed: tried again, kept, or dropped.

use std::time::Duration;

use crate::bus::ConfiguredTransport;
use crate::context::Scope;
use crate::envelope::Envelope;
use crate::error::{DispatchError, HandlerFailed};
use crate::handler::Verdict;
use crate::retry::RetryStrategy;
use crate::stamp::{DeliveryCountStamp, DoNotKeepOnFailureStamp, SentToFailureTransportStamp};

/// Whether and when a message is tried again. The rules and their order are those of Symfony's
/// `SendFailedMessageForRetryListener`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decision {
    /// Whether it is tried again.
    pub(super) retry: bool,
    /// After this delay rather than the strategy's.
    pub(super) delay: Option<Duration>,
    /// The error asks for the message to be dropped.
    pub(super) discard: bool,
}

impl Decision {
    pub(super) fn of(
        envelope: &Envelope,
        error: &DispatchError,
        retry: &dyn RetryStrategy,
    ) -> Self {
        let never = Self { retry: false, delay: None, discard: false };
        if is_worker_killer(envelope) {
            return never;
        }
        if envelope.undecodable().is_some() {
            // Once kept it waits there, less and less often looked at, until it can be read.
            return Self { retry: envelope.has::<SentToFailureTransportStamp>(), ..never };
        }
        let strategy = |delay| Self { retry: retry.is_retryable(envelope), delay, ..never };
        let DispatchError::HandlerFailed(failed) = error else { return strategy(None) };
        for failure in &failed.failures {
            match failure.error.verdict() {
                Verdict::Recoverable(_) => {
                    return Self { retry: true, delay: shortest_delay(failed), discard: false };
                }
                Verdict::Ordinary => return strategy(shortest_delay(failed)),
                Verdict::Unrecoverable | Verdict::Discard => {}
            }
        }
        let discard =
            failed.failures.iter().all(|failure| failure.error.verdict() == Verdict::Discard);
        Self { discard, ..never }
    }
}

/// Whether workers vanished with this message more often than is allowed.
pub(super) fn is_worker_killer(envelope: &Envelope) -> bool {
    envelope
        .last::<DeliveryCountStamp>()
        .is_some_and(|stamp| stamp.deliveries > stamp.max_deliveries)
}

fn shortest_delay(failed: &HandlerFailed) -> Option<Duration> {
    let delays = failed.failures.iter().filter_map(|failure| match failure.error.verdict() {
        Verdict::Recoverable(delay) => delay,
        _ => None,
    });
    delays.min()
}

/// Why a message that is not tried again is not kept either.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Drop {
    /// There is nowhere to keep it.
    NoFailureTransport,
    /// It has been in the failure transport already, and failed there once too often.
    FailedAgain,
    /// Somebody wanted it so: the error, a stamp, the configuration or a listener.
    OnPurpose,
}

/// The failure transport of a message that is not tried again, or why it is dropped.
pub(super) fn keep_in<S: Scope>(
    envelope: &Envelope,
    discard: bool,
    is_discarded_message: bool,
    configured: &ConfiguredTransport<S>,
) -> Result<String, Drop> {
    if discard || is_discarded_message || envelope.has::<DoNotKeepOnFailureStamp>() {
        return Err(Drop::OnPurpose);
    }
    let failure_transport = configured.failure_transport.clone().ok_or(Drop::NoFailureTransport)?;
    if envelope.has::<SentToFailureTransportStamp>() {
        return Err(Drop::FailedAgain);
    }
    Ok(failure_transport)
}
