//! `in-memory://`: a queue for tests, which records what was sent, acknowledged and rejected.

mod abilities;
mod factory;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;

use super::{
    ClaimableReceiver, Fetch, ListableReceiver, MessageCountAware, Receiver, RemovableReceiver,
    Sender, Transport,
};
use crate::clock::Clock;
use crate::codec::Codec;
use crate::context::{Context, Scope};
use crate::envelope::Envelope;
use crate::error::{DispatchError, TransportError};
use crate::stamp::{DelayStamp, TransportMessageIdStamp};

pub use factory::InMemoryFactory;

/// A queue in the memory of this process. Clones share it.
#[derive(Debug, Clone)]
pub struct InMemoryTransport {
    state: Arc<Mutex<State>>,
    /// Counts what may give a receiver something to do.
    changes: watch::Sender<u64>,
    clock: Clock,
    serialize: Option<Arc<dyn Codec>>,
}

/// What a test asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Record {
    /// Everything that was sent here.
    Sent,
    /// What was acknowledged.
    Acknowledged,
    /// What was rejected.
    Rejected,
}

#[derive(Debug, Default)]
struct State {
    last_id: u64,
    /// The number of changes when the queue was last found empty.
    seen: u64,
    queue: Vec<Queued>,
    sent: Vec<Envelope>,
    acknowledged: Vec<Envelope>,
    rejected: Vec<Envelope>,
}

#[derive(Debug)]
struct Queued {
    id: u64,
    envelope: Envelope,
    /// By the clock's [`elapsed`](Clock::elapsed).
    available_at: Duration,
    claimed: bool,
}

impl Queued {
    fn claim(&mut self) -> Envelope {
        self.claimed = true;
        self.envelope.clone()
    }
}

impl InMemoryTransport {
    /// An empty queue. With a codec, every message is written and read on its way through, as a
    /// real transport does.
    #[must_use]
    pub fn new(clock: Clock, serialize: Option<Arc<dyn Codec>>) -> Self {
        Self { state: Arc::default(), changes: watch::Sender::default(), clock, serialize }
    }

    /// What was recorded, oldest first.
    #[must_use]
    pub fn recorded(&self, record: Record) -> Vec<Envelope> {
        let state = self.state();
        let list = match record {
            Record::Sent => &state.sent,
            Record::Acknowledged => &state.acknowledged,
            Record::Rejected => &state.rejected,
        };
        list.clone()
    }

    /// Everything that waits, due or not, claimed or not.
    #[must_use]
    pub fn waiting(&self) -> Vec<Envelope> {
        self.state().queue.iter().map(|queued| queued.envelope.clone()).collect()
    }

    /// Forgets everything but the last id.
    pub fn reset(&self) {
        let mut state = self.state();
        *state = State { last_id: state.last_id, seen: state.seen, ..State::default() };
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, envelope: Envelope) -> Envelope {
        let delay = envelope.last::<DelayStamp>().map_or(0, |stamp| stamp.delay);
        let delay = Duration::from_millis(u64::try_from(delay).unwrap_or(0));
        let available_at = self.due_after(delay);
        let mut state = self.state();
        state.last_id += 1;
        let id = state.last_id;
        let envelope = envelope
            .without::<TransportMessageIdStamp>()
            .with(TransportMessageIdStamp { id: id.into() });
        state.sent.push(envelope.clone());
        let stored = envelope.clone().without_local_stamps();
        let queued = Queued { id, envelope: stored, available_at, claimed: false };
        state.queue.push(queued);
        state.queue.sort_by_key(|queued| (queued.available_at, queued.id));
        self.changed();
        envelope
    }

    /// To be called while the state is locked, so that a receiver which finds nothing knows up to
    /// which change it has looked.
    fn changed(&self) {
        self.changes.send_modify(|change| *change = change.wrapping_add(1));
    }

    fn due_after(&self, delay: Duration) -> Duration {
        self.clock.elapsed().saturating_add(delay)
    }

    fn remove(&self, envelope: &Envelope) -> Result<bool, TransportError> {
        let id = id_of(envelope)?;
        let mut state = self.state();
        let before = state.queue.len();
        state.queue.retain(|queued| queued.id != id);
        Ok(state.queue.len() < before)
    }
}

fn id_of(envelope: &Envelope) -> Result<u64, TransportError> {
    envelope
        .last::<TransportMessageIdStamp>()
        .and_then(|stamp| stamp.id.as_u64())
        .ok_or_else(|| TransportError::Configuration("the envelope has no message id".to_owned()))
}

#[async_trait]
impl<S: Scope> Transport<S> for InMemoryTransport {
    fn class(&self) -> &'static str {
        "InMemoryTransport"
    }

    fn sender(&self) -> &dyn Sender<S> {
        self
    }

    fn receiver(&self) -> Option<&dyn Receiver<S>> {
        Some(self)
    }
}

#[async_trait]
impl<S: Scope> Sender<S> for InMemoryTransport {
    async fn send(
        &self,
        envelope: Envelope,
        _cx: &mut Context<S>,
    ) -> Result<Envelope, DispatchError> {
        let stored = match &self.serialize {
            Some(codec) => codec.decode(codec.encode(&envelope).map_err(TransportError::from)?),
            None => envelope.clone(),
        };
        let stored = self.put(stored);
        Ok(match stored.last::<TransportMessageIdStamp>() {
            Some(id) => envelope.without::<TransportMessageIdStamp>().with(id.clone()),
            None => envelope,
        })
    }

    fn codec(&self) -> Option<&dyn Codec> {
        self.serialize.as_deref()
    }

    fn supports_delay(&self) -> bool {
        true
    }
}

#[async_trait]
impl<S: Scope> Receiver<S> for InMemoryTransport {
    async fn get(&self, fetch: &Fetch<'_>) -> Result<Vec<Envelope>, TransportError> {
        let now = self.clock.elapsed();
        let mut state = self.state();
        let due =
            state.queue.iter_mut().filter(|queued| !queued.claimed && queued.available_at <= now);
        let claimed: Vec<_> = due.take(fetch.max).map(Queued::claim).collect();
        if claimed.is_empty() {
            state.seen = *self.changes.borrow();
        }
        Ok(claimed)
    }

    async fn ack(&self, envelopes: &[Envelope]) -> Result<(), TransportError> {
        for envelope in envelopes {
            self.remove(envelope)?;
            self.state().acknowledged.push(envelope.clone());
        }
        Ok(())
    }

    async fn reject(
        &self,
        envelope: &Envelope,
        _cx: &mut Context<S>,
    ) -> Result<bool, TransportError> {
        let removed = self.remove(envelope)?;
        self.state().rejected.push(envelope.clone());
        Ok(removed)
    }

    async fn release(&self, envelopes: &[Envelope], delay: Duration) -> Result<(), TransportError> {
        let due = self.due_after(delay);
        let mut state = self.state();
        for envelope in envelopes {
            let id = id_of(envelope)?;
            for queued in state.queue.iter_mut().filter(|queued| queued.id == id) {
                queued.claimed = false;
                if !delay.is_zero() {
                    queued.available_at = due;
                }
            }
        }
        state.queue.sort_by_key(|queued| (queued.available_at, queued.id));
        self.changed();
        Ok(())
    }

    async fn wait(&self, _: &[String], at_most: Duration) -> Result<(), TransportError> {
        let (seen, until_due) = {
            let (now, state) = (self.clock.elapsed(), self.state());
            let next = state.queue.iter().find(|queued| !queued.claimed);
            (state.seen, next.map(|queued| queued.available_at.saturating_sub(now)))
        };
        let at_most = until_due.map_or(at_most, |until_due| at_most.min(until_due));
        let mut changes = self.changes.subscribe();
        tokio::select! {
            biased;
            _ = changes.wait_for(|change| *change != seen) => {}
            () = self.clock.sleep(at_most) => {}
        }
        Ok(())
    }

    fn message_count(&self) -> Option<&dyn MessageCountAware> {
        Some(self)
    }

    fn listable(&self) -> Option<&dyn ListableReceiver> {
        Some(self)
    }

    fn claimable(&self) -> Option<&dyn ClaimableReceiver> {
        Some(self)
    }

    fn removable(&self) -> Option<&dyn RemovableReceiver> {
        Some(self)
    }
}
