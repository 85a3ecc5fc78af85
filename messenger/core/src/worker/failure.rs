//! Decides what becomes of a message that failed, and tells it when that is done.

use std::time::Duration;

use tracing::warn;

use super::decision::{self, Decision, DropReason};
use super::failure_log::{self, id};
use super::history;
use super::settling::{self, Fate, Settled};
use super::{FailedEvent, Shared, Source, WorkerEvent};
use crate::context::Scope;
use crate::envelope::Envelope;
use crate::error::DispatchError;
use crate::retry::retry_count;
use crate::stamp::{DelayStamp, QueueNameStamp, RedeliveryStamp, SentToFailureTransportStamp};

/// Settles a message whose dispatch failed.
pub(super) async fn settle<S: Scope>(
    shared: &Shared<S>,
    source: &Source<S>,
    received: &Envelope,
    problem: &DispatchError,
) {
    let fates = fates(shared, source, received, problem);
    let Some(settled) = settling::carry_out(shared, source, received, fates).await else { return };
    if let DispatchError::Delayed(delayed) = problem {
        shared.handled(&delayed.root, &source.name);
    }
    tell(shared, source, received, &settled);
}

fn tell<S: Scope>(shared: &Shared<S>, source: &Source<S>, received: &Envelope, settled: &Settled) {
    let receiver = &*source.name;
    for envelope in &settled.retried {
        shared.emit(&mut WorkerEvent::MessageRetried { envelope, receiver });
    }
    for envelope in &settled.kept {
        if source.keeps_failures {
            failure_log::failed_again(received, envelope, source);
            shared.set_aside.add(&source.name, envelope);
        }
        shared.emit(&mut WorkerEvent::MessageKept { envelope, receiver });
    }
    for envelope in &settled.dropped {
        shared.emit(&mut WorkerEvent::MessageDropped { envelope, receiver });
    }
}

/// A root whose delayed messages failed is done: each of them has its own fate. Symfony retries
/// the root instead, whose handler is then skipped, and so loses them.
fn fates<S: Scope>(
    shared: &Shared<S>,
    source: &Source<S>,
    received: &Envelope,
    problem: &DispatchError,
) -> Vec<Fate> {
    if let DispatchError::Delayed(delayed) = problem {
        let each = delayed.failures.iter();
        return each
            .map(|failure| {
                warn!(target: "messenger", "A message that waited for {} failed.", received.name());
                fate(shared, source, received, failure.envelope.clone(), &failure.error)
            })
            .collect();
    }
    let envelope = problem.envelope_of(received).unwrap_or(received).clone();
    vec![fate(shared, source, received, envelope, problem)]
}

fn fate<S: Scope>(
    shared: &Shared<S>,
    source: &Source<S>,
    received: &Envelope,
    envelope: Envelope,
    problem: &DispatchError,
) -> Fate {
    let configured = shared.messenger.configured(&source.name);
    let configured = configured.expect("the worker was made from this transport");
    if let DispatchError::HandlerFailed(failed) = problem
        && failed.failures.iter().any(|failure| failure.error.stops_worker())
    {
        shared.stop.stop();
    }
    let envelope = history::with_error_details(envelope, problem);
    let retry = shared.messenger.retry_strategy(&envelope).unwrap_or(&*configured.retry);
    let decided = Decision::of(&envelope, problem, retry);
    let mut event = FailedEvent {
        envelope,
        receiver: &source.name,
        error: problem,
        will_retry: decided.retry && !source.keeps_failures,
        discard: decided.discard,
    };
    for listener in &shared.listeners {
        listener.on_failed(&mut event);
    }
    let FailedEvent { envelope, will_retry, discard, .. } = event;
    if will_retry && !source.keeps_failures {
        let delay = decided.delay.unwrap_or_else(|| retry.waiting_time(&envelope));
        let envelope = for_retry(shared, envelope, delay, problem);
        return Fate::Retry(in_the_same_queue(source, received, envelope));
    }
    let is_discarded = shared.messenger.is_discarded(envelope.name());
    let came_from = source.keeps_failures.then_some(&*source.name);
    let kept = decision::keep_in(&envelope, discard, is_discarded, came_from, configured);
    if kept != Err(DropReason::OnPurpose) && !source.keeps_failures {
        failure_log::removal(&envelope, problem);
    }
    match kept {
        Ok(failure_transport) => {
            let envelope = for_failure_transport(shared, source, received, envelope);
            Fate::Keep { envelope, failure_transport }
        }
        Err(reason) => {
            failure_log::dropped(&envelope, source, reason, problem);
            Fate::Drop(envelope)
        }
    }
}

fn for_retry<S: Scope>(
    shared: &Shared<S>,
    envelope: Envelope,
    delay: Duration,
    problem: &DispatchError,
) -> Envelope {
    let retry = retry_count(&envelope).saturating_add(1);
    let (class, delay_ms, message_id) = (envelope.name(), delay.as_millis(), id(&envelope));
    warn!(
        target: "messenger", class, message_id, retry_count = retry, delay = %delay_ms, error = %problem,
        "Error thrown while handling message {class}. Sending for retry #{retry} using {delay_ms} ms delay. Error: \"{problem}\""
    );
    let redelivered_at = shared.messenger.clock().now().fixed_offset();
    let envelope = envelope.with_limited_history(DelayStamp::delay_for(delay));
    history::with_redelivery(envelope, RedeliveryStamp { retry_count: retry, redelivered_at })
}

/// Where a worker found it, it looks again: it may read no other queue.
fn in_the_same_queue<S: Scope>(
    source: &Source<S>,
    received: &Envelope,
    envelope: Envelope,
) -> Envelope {
    let receiver = source.transport.receiver();
    match receiver.and_then(|receiver| receiver.queue_of(received)) {
        Some(queue_name) => envelope.with(QueueNameStamp { queue_name }),
        None => envelope,
    }
}

/// Back in the transport it came from, it keeps the name of the one on which it failed first.
fn for_failure_transport<S: Scope>(
    shared: &Shared<S>,
    source: &Source<S>,
    received: &Envelope,
    envelope: Envelope,
) -> Envelope {
    let redelivered_at = shared.messenger.clock().now().fixed_offset();
    let (envelope, origin) = match source.keeps_failures {
        true => (
            in_the_same_queue(source, received, envelope),
            received.last::<SentToFailureTransportStamp>(),
        ),
        false => (envelope, None),
    };
    let origin = origin.map_or(&*source.name, |stamp| &stamp.original_receiver_name).to_owned();
    let envelope = envelope
        .with_limited_history(SentToFailureTransportStamp { original_receiver_name: origin })
        .with_limited_history(DelayStamp::millis(0));
    history::with_redelivery(envelope, RedeliveryStamp { retry_count: 0, redelivered_at })
}
