//! What waited to be handled in a process that died, or failed there: the outbox of the scope, as a
//! transport that every worker reads beside its own.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use super::{Delivery, Fetch, Receiver, Sender, Transport};
use crate::codec::Codec;
use crate::context::{Context, Scope};
use crate::context::{HELD_BACK, OUTBOX_LEASE, OutboxEntry, OutboxMessage};
use crate::envelope::Envelope;
use crate::error::{DispatchError, ScopeError, TransportError};
use crate::stamp::{DelayStamp, DeliveryCountStamp, Stamp};

/// With more deliveries than this a message is set aside, because workers vanished with it.
const MAX_DELIVERIES: u32 = 3;

/// The messages that the outbox keeps under [`HELD_BACK`].
pub(crate) struct HeldBackTransport<S: Scope> {
    pub(crate) new_scope: Arc<dyn Fn() -> S + Send + Sync>,
    pub(crate) codec: Arc<dyn Codec>,
}

/// This process holds the entry.
#[derive(Debug, Clone)]
struct HeldBackReceivedStamp {
    entry: Arc<Mutex<OutboxEntry>>,
    /// A renewal found that somebody else has it now.
    lost: Arc<AtomicBool>,
}

impl Stamp for HeldBackReceivedStamp {}

impl HeldBackReceivedStamp {
    fn entry(&self) -> MutexGuard<'_, OutboxEntry> {
        self.entry.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn entries(envelopes: &[Envelope]) -> impl Iterator<Item = &HeldBackReceivedStamp> {
    envelopes.iter().filter_map(Envelope::last)
}

fn failed(error: ScopeError) -> TransportError {
    let context = format!("{} for \"{HELD_BACK}\"", error.context);
    TransportError::Storage { context, source: error.source }
}

impl<S: Scope> HeldBackTransport<S> {
    fn envelope(&self, message: OutboxMessage) -> Envelope {
        let OutboxMessage { entry, message, deliveries, .. } = message;
        let entry = Arc::new(Mutex::new(entry));
        let envelope = self.codec.decode(message);
        let envelope = envelope.with(HeldBackReceivedStamp { entry, lost: Arc::default() });
        let Some(deliveries) = deliveries else { return envelope };
        let class = envelope.name();
        tracing::warn!(
            target: "messenger", class, deliveries,
            "{class} was to be handled in a process that is gone, or that failed; delivery {deliveries} begins."
        );
        envelope.with(DeliveryCountStamp { deliveries, max_deliveries: MAX_DELIVERIES })
    }
}

impl<S: Scope> std::fmt::Debug for HeldBackTransport<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HeldBackTransport").finish_non_exhaustive()
    }
}

#[async_trait]
impl<S: Scope> Transport<S> for HeldBackTransport<S> {
    fn class(&self) -> &'static str {
        "HeldBackTransport"
    }

    fn sender(&self) -> &dyn Sender<S> {
        self
    }

    fn receiver(&self) -> Option<&dyn Receiver<S>> {
        Some(self)
    }
}

#[async_trait]
impl<S: Scope> Sender<S> for HeldBackTransport<S> {
    async fn send(
        &self,
        envelope: Envelope,
        cx: &mut Context<S>,
    ) -> Result<Envelope, DispatchError> {
        let message = self.codec.encode(&envelope).map_err(TransportError::from)?;
        let delay = envelope.last::<DelayStamp>().map_or(0, |stamp| stamp.delay);
        let delay = Duration::from_millis(u64::try_from(delay).unwrap_or(0));
        if let Some(entry) = cx.scope.transactions().store_in_outbox(HELD_BACK, message).await? {
            cx.scope.transactions().release_in_outbox(entry, delay).await?;
        }
        Ok(envelope)
    }

    fn delivery(&self) -> Delivery {
        Delivery::WithTransaction
    }

    fn supports_delay(&self) -> bool {
        true
    }
}

#[async_trait]
impl<S: Scope> Receiver<S> for HeldBackTransport<S> {
    async fn get(&self, fetch: &Fetch<'_>) -> Result<Vec<Envelope>, TransportError> {
        let claimed =
            (self.new_scope)().transactions().claim_held_back(fetch.max).await.map_err(failed)?;
        Ok(claimed.into_iter().map(|message| self.envelope(message)).collect())
    }

    async fn ack(&self, envelopes: &[Envelope]) -> Result<(), TransportError> {
        let mut scope = (self.new_scope)();
        for stamp in entries(envelopes) {
            let entry = stamp.entry().clone();
            scope.transactions().remove_from_outbox(entry).await.map_err(failed)?;
        }
        Ok(())
    }

    async fn reject(
        &self,
        envelope: &Envelope,
        cx: &mut Context<S>,
    ) -> Result<bool, TransportError> {
        let Some(stamp) = envelope.last::<HeldBackReceivedStamp>() else { return Ok(false) };
        let entry = stamp.entry().clone();
        cx.scope.transactions().remove_from_outbox(entry).await.map_err(failed)
    }

    async fn release(&self, envelopes: &[Envelope], delay: Duration) -> Result<(), TransportError> {
        let mut scope = (self.new_scope)();
        for stamp in entries(envelopes) {
            let entry = stamp.entry().clone();
            scope.transactions().release_in_outbox(entry, delay).await.map_err(failed)?;
        }
        Ok(())
    }

    async fn keepalive(&self, envelopes: &[Envelope]) -> Result<(), TransportError> {
        let mut scope = (self.new_scope)();
        for stamp in entries(envelopes) {
            let entry = stamp.entry().clone();
            match scope.transactions().renew_in_outbox(&entry).await.map_err(failed)? {
                Some(renewed) => *stamp.entry() = renewed,
                None => stamp.lost.store(true, Ordering::SeqCst),
            }
        }
        Ok(())
    }

    fn holds(&self, envelope: &Envelope) -> bool {
        let stamp = envelope.last::<HeldBackReceivedStamp>();
        stamp.is_none_or(|stamp| !stamp.lost.load(Ordering::SeqCst))
    }

    fn lease(&self) -> Option<Duration> {
        Some(OUTBOX_LEASE)
    }

    fn counts_deliveries(&self) -> bool {
        true
    }

    async fn wait(&self, _: &[String], at_most: Duration) -> Result<(), TransportError> {
        tokio::time::sleep(at_most).await;
        Ok(())
    }
}
