//! What a queue table can do beyond the way of every message: count, list, pick one out.

use messenger::async_trait;
use messenger::transport::{
    ById, ClaimableReceiver, ListableReceiver, MessageCountAware, RemovableReceiver, Waiting,
};
use messenger::{Envelope, TransportError};

use super::queue::Queue;
use super::standing::Standing;
use super::transport::DoctrineTransport;

impl DoctrineTransport {
    fn shown(&self, one: &Standing, queue: &Queue) -> Envelope {
        self.envelope(&one.message, queue, None).with(one.state())
    }
}

#[async_trait]
impl MessageCountAware for DoctrineTransport {
    async fn count(&self) -> Result<Waiting, TransportError> {
        Ok(self.look("count messages of", Queue::waiting).await?.1)
    }
}

#[async_trait]
impl ListableReceiver for DoctrineTransport {
    async fn all(&self, limit: Option<usize>) -> Result<Vec<Envelope>, TransportError> {
        let listed = self.look("list messages of", move |queue, db| queue.list(db, limit));
        let (queue, listed) = listed.await?;
        Ok(listed.iter().map(|one| self.shown(one, &queue)).collect())
    }

    async fn find(&self, id: &str) -> Result<Option<Envelope>, TransportError> {
        let Ok(id) = id.parse() else { return Ok(None) };
        let found = self.look("find a message of", move |queue, db| queue.find(db, id));
        let (queue, found) = found.await?;
        Ok(found.map(|one| self.shown(&one, &queue)))
    }
}

#[async_trait]
impl ClaimableReceiver for DoctrineTransport {
    async fn claim(&self, id: &str) -> Result<ById<Envelope>, TransportError> {
        let Ok(id) = id.parse() else { return Ok(ById::Absent) };
        let claimed = self.look("claim a message of", move |queue, db| {
            let claimed = queue.claim_by_id(db, id)?;
            queue.or_why_not(db, id, claimed)
        });
        let (queue, claimed) = claimed.await?;
        Ok(match claimed {
            ById::Done(row) => ById::Done(self.envelope(&row, &queue, None)),
            ById::Held => ById::Held,
            ById::Absent => ById::Absent,
        })
    }
}

#[async_trait]
impl RemovableReceiver for DoctrineTransport {
    async fn remove(&self, id: &str) -> Result<ById<()>, TransportError> {
        let Ok(id) = id.parse() else { return Ok(ById::Absent) };
        let removed = self.look("remove a message of", move |queue, db| {
            let removed = queue.remove_by_id(db, id)?.then_some(());
            queue.or_why_not(db, id, removed)
        });
        Ok(removed.await?.1)
    }
}
