//! Root dispatches, and what is held back until they have succeeded.

use std::collections::VecDeque;
use std::time::Instant;

use super::dispatch::CallSite;
use super::kept::{Kept, TakenOver};
use super::{Context, Scope};
use crate::envelope::Envelope;
use crate::error::{DelayedFailure, DispatchError};
use crate::listener::DispatchListener;
use crate::middleware::Next;

/// A message that waits, and the rest of its bus's chain.
pub(super) struct HeldBack<S: Scope> {
    pub(super) envelope: Envelope,
    next: Next<S>,
    pub(super) call_site: CallSite,
    /// Its place in the outbox, once the transaction that it waits for is being committed.
    pub(super) kept: Option<Kept>,
}

impl<S: Scope> Context<S> {
    /// Starts a root dispatch unless one is running; says whether it did.
    pub(crate) fn begin_root(&mut self) -> bool {
        let starts = self.held_back.is_none();
        if starts {
            self.held_back = Some(VecDeque::new());
        }
        starts
    }

    /// Forgets the running root and everything that waited for it.
    pub(crate) async fn abandon_root(&mut self) {
        self.drop_held_back(0).await;
        self.held_back = None;
        self.outbox.clear();
    }

    /// Whether a root dispatch is running.
    pub(crate) fn is_root_running(&self) -> bool {
        self.held_back.is_some()
    }

    /// Keeps a message until the root has succeeded.
    pub(crate) fn hold_back(&mut self, envelope: Envelope, next: Next<S>) {
        let call_site = self.call_site.clone();
        let item = HeldBack { envelope, next, call_site, kept: None };
        self.held_back.get_or_insert_default().push_back(item);
    }

    /// Handles what was held back, in order. Messages that are held back meanwhile go to the end
    /// of the queue; those held back by a message that fails are dropped with it.
    pub(crate) async fn finish_root(&mut self) -> Vec<DelayedFailure> {
        let mut failures = self.send_outbox().await;
        while let Some(mut item) = self.held_back.as_mut().and_then(VecDeque::pop_front) {
            let (waiting, envelope) = (self.waiting(), item.envelope.clone());
            let kept = match self.still_ours(item.kept.take()).await {
                Ok(kept) => kept,
                Err(TakenOver) => continue,
            };
            match self.run_kept(item, kept).await {
                (Ok(_), kept) => self.take_out(kept).await,
                (Err(error), kept) => {
                    self.drop_held_back(waiting).await;
                    self.outbox.clear();
                    failures.push(self.keep_failure(failure(envelope, error), kept).await);
                }
            }
            failures.extend(self.send_outbox().await);
        }
        self.held_back = None;
        failures
    }

    pub(super) async fn run(&mut self, item: HeldBack<S>) -> Result<Envelope, DispatchError> {
        if !self.is_listened_to() {
            return self.resume(item).await;
        }
        let (call_site, before) = (item.call_site.clone(), item.envelope.clone());
        let started_at = Instant::now();
        let result = self.resume(item).await;
        self.tell(&call_site, &before, started_at, &result, DispatchListener::released);
        result
    }

    /// Runs the rest of the chain of a message that was held back.
    async fn resume(&mut self, item: HeldBack<S>) -> Result<Envelope, DispatchError> {
        let outer = std::mem::replace(&mut self.call_site, item.call_site);
        let result = item.next.run(item.envelope, self).await;
        self.call_site = outer;
        result
    }
}

/// The fate of a message that was held back: its own stamps, those of handlers that succeeded
/// included.
fn failure(envelope: Envelope, error: DispatchError) -> DelayedFailure {
    let envelope = error.envelope_of(&envelope).cloned().unwrap_or(envelope);
    DelayedFailure { envelope, error }
}
