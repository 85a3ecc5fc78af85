//! What becomes of a message that failed: tried again, kept, or dropped.

use std::time::Duration;

use crate::context::Scope;
use crate::envelope::Envelope;
use crate::error::{DispatchError, HandlerFailed};
use crate::handler_error::Verdict;
use crate::messenger::ConfiguredTransport;
use crate::retry::RetryStrategy;
use crate::stamp::{DeliveryCountStamp, DoNotKeepOnFailureStamp};

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
        if is_worker_killer(envelope) || envelope.undecodable().is_some() {
            return never;
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

/// Refuses what no handler should see: a message that cannot be read, or with which workers
/// vanished too often.
pub(super) fn refuse_unhandleable(envelope: &Envelope) -> Result<(), DispatchError> {
    let refuse = |reason: String| Err(DispatchError::middleware(envelope.clone(), reason));
    if let Some(undecodable) = envelope.undecodable() {
        return refuse(format!("MessageDecodingFailed: {}", undecodable.reason));
    }
    match envelope.last::<DeliveryCountStamp>() {
        Some(count) if is_worker_killer(envelope) => refuse(format!(
            "WorkerCrashed: {} workers vanished while handling this message",
            count.deliveries - 1
        )),
        _ => Ok(()),
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
pub(super) enum DropReason {
    /// There is nowhere to keep it.
    NoFailureTransport,
    /// Somebody wanted it so: the error, a stamp, the configuration or a listener.
    OnPurpose,
}

/// The failure transport of a message that is not tried again, or why it is dropped. One that came
/// out of a failure transport goes back into that: it is the end of the line for failures, never for
/// messages. Symfony drops a message there that fails once too often.
pub(super) fn keep_in<S: Scope>(
    envelope: &Envelope,
    discard: bool,
    is_discarded_message: bool,
    came_from: Option<&str>,
    configured: &ConfiguredTransport<S>,
) -> Result<String, DropReason> {
    if discard || is_discarded_message || envelope.has::<DoNotKeepOnFailureStamp>() {
        return Err(DropReason::OnPurpose);
    }
    let kept_in = came_from.or(configured.failure_transport.as_deref());
    kept_in.map(str::to_owned).ok_or(DropReason::NoFailureTransport)
}
