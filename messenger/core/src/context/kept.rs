//! What waits and is handled in this process: the outbox keeps it until that is done, so that a
//! process that dies after the commit loses none.

use std::collections::VecDeque;
use std::time::Instant;

use super::held_back::HeldBack;
use super::{Context, Scope};
use crate::context::{HELD_BACK, OUTBOX_LEASE, OutboxEntry};
use crate::envelope::Envelope;
use crate::error::{DelayedFailure, DispatchError, TransportError};
use crate::stamp::{BusNameStamp, HandledStamp, Stamp};

/// A place in the outbox, which is ours as long as its lease lasts.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    entry: OutboxEntry,
    since: Instant,
}

/// A message that failed is still in the outbox: whoever decides its fate takes it out of there.
#[derive(Debug, Clone)]
pub(crate) struct KeptInOutbox(pub(crate) OutboxEntry);

impl Stamp for KeptInOutbox {}

/// Somebody else handles the message: its lease had ended.
pub(super) struct TakenOver;

impl Kept {
    fn new(entry: OutboxEntry) -> Self {
        Self { entry, since: Instant::now() }
    }

    fn renew_at(&self) -> Instant {
        self.since + OUTBOX_LEASE / 3
    }
}

impl<S: Scope> Context<S> {
    /// Keeps the message at this place of the queue in the outbox, within the transaction.
    pub(super) async fn keep(&mut self, index: usize) -> Result<(), DispatchError> {
        let item = self.held_back.as_ref().and_then(|queue| queue.get(index));
        let Some(HeldBack { envelope, call_site, .. }) = item else { return Ok(()) };
        let mut envelope = envelope.clone();
        if !envelope.has::<BusNameStamp>() {
            envelope = envelope.with(BusNameStamp { bus_name: call_site.bus.as_str().into() });
        }
        let message = self.messenger.codec().encode(&envelope).map_err(TransportError::from)?;
        let entry = self.scope.transactions().store_in_outbox(HELD_BACK, message).await?;
        if let Some(item) = self.held_back.as_mut().and_then(|queue| queue.get_mut(index)) {
            item.kept = entry.map(Kept::new);
        }
        Ok(())
    }

    /// The transaction is not committed, or nobody knows: what it has kept is not ours to remove.
    pub(super) fn forget_kept(&mut self) {
        let since = self.held_back_before_transaction;
        let queue = self.held_back.iter_mut().flatten();
        queue.skip(since).for_each(|item| item.kept = None);
    }

    /// Drops what waits behind the first so many, from the outbox as well.
    pub(super) async fn drop_held_back(&mut self, left: usize) {
        let queue = self.held_back.as_mut();
        let dropped = queue.map(|queue| queue.split_off(left.min(queue.len()))).unwrap_or_default();
        for item in dropped {
            self.take_out(item.kept).await;
        }
    }

    /// Takes a message out of the outbox that was handled, or that nobody wants any more.
    pub(super) async fn take_out(&mut self, kept: Option<Kept>) {
        if let Some(Kept { entry, .. }) = kept {
            self.remove_from_outbox(entry).await;
        }
    }

    /// Makes sure that a message that has waited long is still ours.
    pub(super) async fn still_ours(
        &mut self,
        kept: Option<Kept>,
    ) -> Result<Option<Kept>, TakenOver> {
        let Some(kept) = kept else { return Ok(None) };
        if Instant::now() < kept.renew_at() {
            return Ok(Some(kept));
        }
        match self.scope.transactions().renew_in_outbox(&kept.entry).await {
            Ok(Some(entry)) => Ok(Some(Kept::new(entry))),
            Ok(None) => Err(TakenOver),
            Err(error) => {
                warn_of_renewal(&error);
                Ok(Some(kept))
            }
        }
    }

    /// Handles a message, and renews its lease meanwhile.
    pub(super) async fn run_kept(
        &mut self,
        item: HeldBack<S>,
        kept: Option<Kept>,
    ) -> (Result<Envelope, DispatchError>, Option<Kept>) {
        let Some(mut kept) = kept else { return (self.run(item).await, None) };
        let messenger = self.messenger.clone();
        let mut running = std::pin::pin!(self.run(item));
        loop {
            tokio::select! {
                biased;
                result = &mut running => return (result, Some(kept)),
                () = tokio::time::sleep_until(kept.renew_at().into()) => {}
            }
            // Not the scope of the message, which is in use.
            let mut scope = messenger.new_scope();
            let entry = kept.entry.clone();
            let mut renewing = std::pin::pin!(scope.transactions().renew_in_outbox(&entry));
            let (renewed, result) = tokio::select! {
                renewed = &mut renewing => (renewed, None),
                result = &mut running => (renewing.await, Some(result)),
            };
            kept = Kept::new(match renewed {
                Ok(renewed) => renewed.unwrap_or(kept.entry),
                Err(error) => {
                    warn_of_renewal(&error);
                    kept.entry
                }
            });
            if let Some(result) = result {
                return (result, Some(kept));
            }
        }
    }

    /// A message that failed stays in the outbox, without what has succeeded of it: a worker takes it
    /// over when our lease ends, unless one is at work here and decides its fate.
    pub(super) async fn keep_failure(
        &mut self,
        failure: DelayedFailure,
        kept: Option<Kept>,
    ) -> DelayedFailure {
        let Some(Kept { entry, .. }) = kept else { return failure };
        let DelayedFailure { envelope, error } = failure;
        if envelope.has::<HandledStamp>()
            && let Ok(message) = self.messenger.codec().encode(&envelope)
            && let Err(error) = self.scope.transactions().update_in_outbox(&entry, message).await
        {
            tracing::warn!(
                target: "messenger", %error,
                "Handlers that have succeeded may run again: {error}"
            );
        }
        DelayedFailure { envelope: envelope.with(KeptInOutbox(entry)), error }
    }

    pub(super) fn waiting(&self) -> usize {
        self.held_back.as_ref().map_or(0, VecDeque::len)
    }
}

fn warn_of_renewal(error: &crate::error::ScopeError) {
    tracing::warn!(target: "messenger", %error, "A message may be handled twice: {error}");
}
