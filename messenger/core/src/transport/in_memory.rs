//! `in-memory://`: a queue for tests, which records what was sent, acknowledged and rejected.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Notify;

use super::{Fetch, Receiver, Sender, Transport, Waiting};
use crate::clock::Clock;
use crate::codec::Codec;
use crate::context::{Context, Scope};
use crate::envelope::Envelope;
use crate::error::{DispatchError, TransportError};
use crate::stamp::{DelayStamp, QueueStateStamp, TransportMessageIdStamp};

/// A queue in the memory of this process. Clones share it.
#[derive(Debug, Clone)]
pub struct InMemoryTransport {
    state: Arc<Mutex<State>>,
    sent: Arc<Notify>,
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

impl InMemoryTransport {
    /// An empty queue. With a codec, every message is written and read on its way through, as a
    /// real transport does.
    #[must_use]
    pub fn new(clock: Clock, serialize: Option<Arc<dyn Codec>>) -> Self {
        Self { state: Arc::default(), sent: Arc::default(), clock, serialize }
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
        *state = State { last_id: state.last_id, ..State::default() };
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
        envelope
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
        self.sent.notify_one();
        Ok(match stored.last::<TransportMessageIdStamp>() {
            Some(id) => envelope.without::<TransportMessageIdStamp>().with(id.clone()),
            None => envelope,
        })
    }

    fn codec(&self) -> Option<&dyn Codec> {
        self.serialize.as_deref()
    }
}

#[async_trait]
impl<S: Scope> Receiver<S> for InMemoryTransport {
    async fn get(&self, fetch: &Fetch<'_>) -> Result<Vec<Envelope>, TransportError> {
        let now = self.clock.elapsed();
        let mut state = self.state();
        let due =
            state.queue.iter_mut().filter(|queued| !queued.claimed && queued.available_at <= now);
        let claimed = due.take(fetch.max).map(|queued| {
            queued.claimed = true;
            queued.envelope.clone()
        });
        Ok(claimed.collect())
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
        Ok(())
    }

    async fn wait(&self, at_most: Duration) {
        match self.clock {
            Clock::System => {
                tokio::time::timeout(at_most, self.sent.notified()).await.unwrap_or_default();
            }
            Clock::Manual(_) => self.clock.sleep(at_most).await,
        }
    }

    async fn count(&self) -> Result<Option<u64>, TransportError> {
        let now = self.clock.elapsed();
        let state = self.state();
        let due = state.queue.iter().filter(|queued| !queued.claimed && queued.available_at <= now);
        Ok(Some(due.count() as u64))
    }

    async fn all(&self, limit: Option<usize>) -> Result<Option<Vec<Envelope>>, TransportError> {
        let now = self.clock.elapsed();
        let state = self.state();
        let due = state.queue.iter().filter(|queued| !queued.claimed && queued.available_at <= now);
        let limit = limit.unwrap_or(usize::MAX);
        Ok(Some(due.take(limit).map(|queued| queued.envelope.clone()).collect()))
    }

    async fn waiting(&self) -> Result<Option<Waiting>, TransportError> {
        let now = self.clock.elapsed();
        let mut waiting = Waiting::default();
        for queued in &self.state().queue {
            match (queued.claimed, queued.available_at <= now) {
                (true, _) => waiting.in_hand += 1,
                (false, true) => waiting.ready += 1,
                (false, false) => waiting.delayed += 1,
            }
        }
        Ok(Some(waiting))
    }

    async fn list(&self, limit: Option<usize>) -> Result<Option<Vec<Envelope>>, TransportError> {
        let now = self.clock.elapsed();
        let state = self.state();
        let listed = state.queue.iter().take(limit.unwrap_or(usize::MAX)).map(|queued| {
            let due_in = queued.available_at.saturating_sub(now);
            queued.envelope.clone().with(QueueStateStamp { due_in, in_hand: queued.claimed })
        });
        Ok(Some(listed.collect()))
    }

    async fn claim_by_id(&self, id: &str) -> Result<Option<Envelope>, TransportError> {
        let mut state = self.state();
        let free = |queued: &&mut Queued| queued.id.to_string() == id && !queued.claimed;
        let found = state.queue.iter_mut().find(free);
        Ok(found.map(|queued| {
            queued.claimed = true;
            queued.envelope.clone()
        }))
    }

    async fn find(&self, id: &str) -> Result<Option<Envelope>, TransportError> {
        let state = self.state();
        let found = state.queue.iter().find(|queued| queued.id.to_string() == id);
        Ok(found.map(|queued| queued.envelope.clone()))
    }
}
