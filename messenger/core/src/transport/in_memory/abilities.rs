//! What a queue in memory can do beyond the way of every message.

use std::time::Duration;

use async_trait::async_trait;

use super::super::{
    ById, ClaimableReceiver, ListableReceiver, MessageCountAware, RemovableReceiver, Waiting,
};
use super::{InMemoryTransport, Queued, State};
use crate::envelope::Envelope;
use crate::error::TransportError;
use crate::stamp::QueueStateStamp;

impl State {
    fn find(&mut self, id: &str) -> Option<&mut Queued> {
        self.queue.iter_mut().find(|queued| queued.id.to_string() == id)
    }
}

impl Queued {
    /// As a list shows it.
    fn shown(&self, now: Duration) -> Envelope {
        let due_in = self.available_at.saturating_sub(now);
        self.envelope.clone().with(QueueStateStamp { due_in, held: self.claimed })
    }
}

#[async_trait]
impl MessageCountAware for InMemoryTransport {
    async fn count(&self) -> Result<Waiting, TransportError> {
        let now = self.clock.elapsed();
        let (mut ready, mut delayed, mut held) = (0, 0, 0);
        for queued in &self.state().queue {
            match (queued.claimed, queued.available_at <= now) {
                (true, _) => held += 1,
                (false, true) => ready += 1,
                (false, false) => delayed += 1,
            }
        }
        Ok(Waiting { ready, delayed: Some(delayed), held: Some(held) })
    }
}

#[async_trait]
impl ListableReceiver for InMemoryTransport {
    async fn all(&self, limit: Option<usize>) -> Result<Vec<Envelope>, TransportError> {
        let (now, state) = (self.clock.elapsed(), self.state());
        let limit = limit.unwrap_or(usize::MAX);
        Ok(state.queue.iter().take(limit).map(|queued| queued.shown(now)).collect())
    }

    async fn find(&self, id: &str) -> Result<Option<Envelope>, TransportError> {
        let (now, mut state) = (self.clock.elapsed(), self.state());
        Ok(state.find(id).map(|queued| queued.shown(now)))
    }
}

#[async_trait]
impl ClaimableReceiver for InMemoryTransport {
    async fn claim(&self, id: &str) -> Result<ById<Envelope>, TransportError> {
        let mut state = self.state();
        Ok(match state.find(id) {
            None => ById::Absent,
            Some(queued) if queued.claimed => ById::Held,
            Some(queued) => ById::Done(queued.claim()),
        })
    }
}

#[async_trait]
impl RemovableReceiver for InMemoryTransport {
    async fn remove(&self, id: &str) -> Result<ById<()>, TransportError> {
        let mut state = self.state();
        let Some(queued) = state.find(id) else { return Ok(ById::Absent) };
        if queued.claimed {
            return Ok(ById::Held);
        }
        let (id, envelope) = (queued.id, queued.envelope.clone());
        state.queue.retain(|queued| queued.id != id);
        state.rejected.push(envelope);
        Ok(ById::Done(()))
    }
}
