//! Messages that a slot has claimed: their leases are renewed, their acknowledgements written
//! together.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tracing::{debug, warn};

use super::Source;
use crate::context::Scope;
use crate::envelope::Envelope;
use crate::transport::Receiver;

/// The claimed messages of one fetch.
pub(super) struct Batch<S: Scope> {
    source: Source<S>,
    /// Claimed and not yet settled: the one being handled, and those behind it.
    claimed: Vec<Envelope>,
    /// Handled, to be acknowledged together.
    handled: Vec<Envelope>,
    /// When the oldest acknowledgement must be written.
    ack_at: Option<Instant>,
    ack_delay: Duration,
    keepalive: Option<Duration>,
    keepalive_at: Option<Instant>,
}

impl<S: Scope> Batch<S> {
    pub(super) fn new(
        source: Source<S>,
        claimed: Vec<Envelope>,
        ack_delay: Duration,
        keepalive: Option<Duration>,
    ) -> Self {
        let lease = source.transport.receiver().and_then(Receiver::lease);
        let keepalive = keepalive.map(|every| lease.map_or(every, |lease| every.min(lease / 3)));
        let keepalive_at = keepalive.map(|every| Instant::now() + every);
        let claimed = claimed.into_iter().rev().collect();
        let handled = Vec::new();
        Self { source, claimed, handled, ack_at: None, ack_delay, keepalive, keepalive_at }
    }

    /// The next message; it stays claimed until it is settled.
    pub(super) fn current(&self) -> Option<Envelope> {
        self.claimed.last().cloned()
    }

    /// The current message was settled by somebody else: rejected, or left alone.
    pub(super) fn forget_current(&mut self) {
        self.claimed.pop();
    }

    /// The current message was handled and waits for its acknowledgement.
    pub(super) fn handled_current(&mut self, envelope: Envelope) {
        self.claimed.pop();
        self.handled.push(envelope);
        self.ack_at.get_or_insert_with(|| Instant::now() + self.ack_delay);
    }

    /// Runs the handling of the current message, and meanwhile renews leases and writes
    /// acknowledgements that must not wait longer.
    pub(super) async fn while_handling<F: Future>(&mut self, handling: F) -> F::Output {
        let mut handling = std::pin::pin!(handling);
        loop {
            let due = [self.ack_at, self.keepalive_at].into_iter().flatten().min();
            let wait = async {
                match due {
                    Some(due) => tokio::time::sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                output = &mut handling => return output,
                () = wait => {}
            }
            let mut upkeep = std::pin::pin!(self.upkeep(Instant::now()));
            tokio::select! {
                output = &mut handling => {
                    // A renewal on its way changes the lease: let it finish before the message
                    // is settled with it.
                    upkeep.await;
                    return output;
                }
                () = &mut upkeep => {}
            }
        }
    }

    /// Writes acknowledgements and renews leases for which it is time.
    pub(super) async fn upkeep(&mut self, now: Instant) {
        if self.ack_at.is_some_and(|due| due <= now) {
            self.acknowledge().await;
        }
        if let (Some(due), Some(every)) = (self.keepalive_at, self.keepalive)
            && due <= now
        {
            self.keepalive_at = Some(now + every);
            self.renew().await;
        }
    }

    async fn renew(&self) {
        let Some(receiver) = self.source.transport.receiver() else { return };
        let held: Vec<Envelope> = self.claimed.iter().rev().chain(&self.handled).cloned().collect();
        debug!(target: "messenger", transport = &*self.source.name, "Sending keepalive request");
        if let Err(error) = receiver.keepalive(&held).await {
            let transport = &*self.source.name;
            warn!(target: "messenger", transport, "Could not renew leases of \"{transport}\": {error}");
        }
    }

    /// Writes the acknowledgements that wait. If that fails they are tried again with the next;
    /// at the end the messages are delivered once more.
    pub(super) async fn acknowledge(&mut self) {
        self.ack_at = None;
        if self.handled.is_empty() {
            return;
        }
        let Some(receiver) = self.source.transport.receiver() else { return };
        match receiver.ack(&self.handled).await {
            Ok(()) => self.handled.clear(),
            Err(error) => {
                let transport = &*self.source.name;
                warn!(
                    target: "messenger", transport,
                    "Could not acknowledge messages of \"{transport}\"; they may be delivered again: {error}"
                );
                self.ack_at = Some(Instant::now() + Duration::from_secs(1));
            }
        }
    }

    /// The transport the messages came from.
    pub(super) fn transport(&self) -> &Arc<str> {
        &self.source.name
    }

    /// Whether acknowledgements could not be written yet.
    pub(super) fn has_unsettled(&self) -> bool {
        !self.handled.is_empty()
    }

    /// Gives back what was claimed and not handled.
    pub(super) async fn release(&mut self) {
        let Some(receiver) = self.source.transport.receiver() else { return };
        let claimed: Vec<Envelope> = self.claimed.drain(..).rev().collect();
        if claimed.is_empty() {
            return;
        }
        if let Err(error) = receiver.release(&claimed, Duration::ZERO).await {
            let transport = &*self.source.name;
            warn!(
                target: "messenger", transport,
                "Could not give back messages of \"{transport}\"; they come back when their lease ends: {error}"
            );
        }
    }
}
