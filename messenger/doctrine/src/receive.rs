//! Receiving from a queue table: claim, lease, acknowledge, reject.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use messenger::async_trait;
use messenger::{Context, Envelope, Scope, TransportError};
use tracing::warn;

use super::backend::Backend;
use super::claim::{Claim, DoctrineReceivedStamp, claims, redelivered, stamps};
use super::deliveries;
use super::queue::{Queue, Row};
use super::text::from_row;
use super::transport::{DoctrineTransport, lock};
use super::trigger::notify;
use super::unit_of_work::UnitOfWork;
use messenger::stamp::{DeliveryCountStamp, TransportMessageIdStamp};
use messenger::transport::{
    ClaimableReceiver, Fetch, ListableReceiver, MessageCountAware, Receiver, RemovableReceiver,
};

/// How often ended leases are looked for while there is other work.
const LOOK_FOR_EXPIRED: Duration = Duration::from_secs(1);

impl DoctrineTransport {
    /// A received row as an envelope.
    pub(super) fn envelope(&self, row: &Row, queue: &Queue, deliveries: Option<u32>) -> Envelope {
        let lease = Arc::new(Mutex::new(row.delivered_at.clone()));
        let envelope = self
            .codec
            .decode(from_row(row))
            .without::<TransportMessageIdStamp>()
            .with(DoctrineReceivedStamp {
                id: row.id,
                queue: queue.name.clone(),
                lease,
                lost: Arc::default(),
                perhaps_done: Arc::default(),
            })
            .with(TransportMessageIdStamp { id: row.id.into() });
        match deliveries {
            Some(deliveries) => {
                let max_deliveries = self.options.max_deliveries;
                envelope.with(DeliveryCountStamp { deliveries, max_deliveries })
            }
            None => envelope,
        }
    }

    async fn claim(&self, name: &str, max: usize) -> Result<Vec<Envelope>, TransportError> {
        for attempt in 0.. {
            let queue = self.queue(name).await?;
            self.mend_dates(&queue).await?;
            let looks_first = self.is_time_to_look_for_expired(name);
            if looks_first {
                let taken_over = self.take_over_expired(&queue, max).await?;
                if !taken_over.is_empty() {
                    return Ok(taken_over);
                }
            }
            let from = queue.clone();
            let reached = if looks_first { None } else { self.reached(name) };
            let claimed = self.database.write(move |connection| match reached {
                Some(date) => match from.claim_from(connection, max, &date)? {
                    rows if rows.is_empty() => from.claim(connection, max),
                    rows => Ok(rows),
                },
                None => from.claim(connection, max),
            });
            match claimed.await {
                Ok(rows) if rows.is_empty() && !looks_first => {
                    return self.take_over_expired(&queue, max).await;
                }
                Ok(rows) => {
                    self.note_reached(name, &rows);
                    let envelopes = rows.iter().map(|row| self.envelope(row, &queue, None));
                    return Ok(envelopes.collect());
                }
                Err(error) if self.is_table_gone(&error) && attempt == 0 => {}
                Err(error) => return Err(self.failed("claim messages from", error)),
            }
        }
        unreachable!("the loop ends with a return")
    }

    /// Where a claim may begin to look. PostgreSQL keeps deleted rows in its indexes until a vacuum:
    /// a claim that began at the front would step over every message handled since then. Whoever
    /// committed late, with an older date, is found by the look from the front once a second.
    fn reached(&self, name: &str) -> Option<String> {
        lock(&self.reached).get(name).cloned()
    }

    fn note_reached(&self, name: &str, rows: &[Row]) {
        let newest = rows.iter().map(|row| &row.available_at).max();
        if let (Backend::Postgres, Some(newest)) = (self.database.backend(), newest) {
            lock(&self.reached).insert(name.to_owned(), newest.clone());
        }
    }

    /// Ended leases are looked for once a second while there is other work, else at every look; then
    /// the whole queue is looked at, too.
    fn is_time_to_look_for_expired(&self, name: &str) -> bool {
        let mut looked = lock(&self.looked_for_expired);
        let real_time = matches!(self.clock, messenger::clock::Clock::System);
        if real_time && looked.get(name).is_some_and(|at| at.elapsed() < LOOK_FOR_EXPIRED) {
            return false;
        }
        looked.insert(name.to_owned(), Instant::now());
        true
    }

    async fn take_over_expired(
        &self,
        queue: &Queue,
        max: usize,
    ) -> Result<Vec<Envelope>, TransportError> {
        let from = queue.clone();
        let expired = self.database.run(move |connection| from.expired(connection, max)).await;
        match expired {
            Ok(ids) if ids.is_empty() => Ok(Vec::new()),
            Ok(ids) => self.take_over(queue.clone(), ids).await,
            Err(error) if self.is_table_gone(&error) => Ok(Vec::new()),
            Err(error) => Err(self.failed("look for lost messages in", error)),
        }
    }

    async fn take_over(
        &self,
        queue: Queue,
        ids: Vec<i64>,
    ) -> Result<Vec<Envelope>, TransportError> {
        let from = queue.clone();
        let rows = self.database.transaction(move |connection| {
            super::schema::ensure_deliveries(connection, &from.table)?;
            let ids = deliveries::together(&from, connection, ids)?;
            deliveries::take_over(&from, connection, &ids)
        });
        let rows = rows.await.map_err(|error| self.failed("take over messages of", error))?;
        if !rows.is_empty() {
            // There may be more: look again at the next claim.
            lock(&self.looked_for_expired).remove(&queue.name);
        }
        for (row, deliveries) in &rows {
            warn!(
                target: "messenger", message_id = row.id, transport = self.name, deliveries,
                "The lease of message {} ended: delivery {deliveries} begins.", row.id
            );
        }
        Ok(rows.iter().map(|(row, count)| self.envelope(row, &queue, Some(*count))).collect())
    }

    fn warn_of_lost_leases(&self, claims: &[Claim], settled: &[i64]) {
        for (id, _) in claims.iter().filter(|(id, _)| !settled.contains(id)) {
            warn!(
                target: "messenger", message_id = id, transport = self.name,
                "The lease of message {id} was lost to somebody else; it is left alone."
            );
        }
    }
}

#[async_trait]
impl<S: Scope + AsMut<UnitOfWork>> Receiver<S> for DoctrineTransport {
    async fn get(&self, fetch: &Fetch<'_>) -> Result<Vec<Envelope>, TransportError> {
        let own = std::slice::from_ref(&self.options.queue_name);
        let queues = if fetch.queues.is_empty() { own } else { fetch.queues };
        let trusts_notifications = self.options.use_notify
            && self.database.backend() == Backend::Postgres
            && queues.len() == 1;
        let (seen, surely_empty) = self.look_at_changes();
        if surely_empty && trusts_notifications {
            return Ok(Vec::new());
        }
        for queue in queues {
            let claimed = self.claim(queue, fetch.max).await?;
            if !claimed.is_empty() {
                *lock(&self.idle_until) = None;
                return Ok(claimed);
            }
        }
        self.note_empty(queues, seen).await?;
        Ok(Vec::new())
    }

    async fn ack(&self, envelopes: &[Envelope]) -> Result<(), TransportError> {
        let (mut claims, again) = (claims(envelopes), redelivered(envelopes));
        let queue = self.queue(&self.options.queue_name).await?;
        let wanted = claims.clone();
        let removed = self
            .database
            .transaction(move |connection| deliveries::delete(&queue, connection, &wanted, &again));
        // What is gone was acknowledged then, if anything of it could not be learnt before.
        let is_lost = |stamp: &&DoctrineReceivedStamp| !stamp.perhaps_done.load(Ordering::SeqCst);
        let lost = |(id, _): &Claim| stamps(envelopes).filter(is_lost).any(|stamp| stamp.id == *id);
        claims.retain(lost);
        match removed.await {
            Ok(removed) => self.warn_of_lost_leases(&claims, &removed),
            Err(error) => {
                let unknown = error.is_outcome_unknown();
                stamps(envelopes).for_each(|stamp| {
                    stamp.perhaps_done.fetch_or(unknown, Ordering::SeqCst);
                });
                return Err(self.failed("acknowledge messages of", error));
            }
        }
        Ok(())
    }

    async fn reject(
        &self,
        envelope: &Envelope,
        cx: &mut Context<S>,
    ) -> Result<bool, TransportError> {
        let envelopes = std::slice::from_ref(envelope);
        let (claims, again) = (claims(envelopes), redelivered(envelopes));
        let queue = self.queue(&self.options.queue_name).await?;
        let wanted = claims.clone();
        let mut own = None;
        let unit = self.unit_for(cx.scope.as_mut(), &mut own);
        let removed =
            unit.run(move |connection| deliveries::delete(&queue, connection, &wanted, &again));
        let removed = removed.await.map_err(|error| self.failed("reject a message of", error))?;
        self.warn_of_lost_leases(&claims, &removed);
        Ok(!removed.is_empty())
    }

    async fn release(&self, envelopes: &[Envelope], delay: Duration) -> Result<(), TransportError> {
        let claims = claims(envelopes);
        let queue = self.queue(&self.options.queue_name).await?;
        let notifies = self.may_notify(queue.layout);
        let released = self.database.transaction(move |connection| {
            queue.release(connection, &claims, delay)?;
            if notifies { notify(connection, &queue) } else { Ok(()) }
        });
        released.await.map_err(|error| self.failed("give back messages of", error))
    }

    async fn keepalive(&self, envelopes: &[Envelope]) -> Result<(), TransportError> {
        let claims = claims(envelopes);
        let queue = self.queue(&self.options.queue_name).await?;
        let renewed = self.database.transaction(move |connection| queue.renew(connection, &claims));
        let renewed = renewed.await.map_err(|error| self.failed("renew leases of", error))?;
        for stamp in stamps(envelopes) {
            match renewed.iter().find(|row| row.id == stamp.id) {
                Some(row) => lock(&stamp.lease).clone_from(&row.delivered_at),
                None => stamp.lost.store(true, Ordering::SeqCst),
            }
        }
        Ok(())
    }

    fn holds(&self, envelope: &Envelope) -> bool {
        let stamp = envelope.last::<DoctrineReceivedStamp>();
        stamp.is_none_or(|stamp| !stamp.lost.load(Ordering::SeqCst))
    }

    fn lease(&self) -> Option<Duration> {
        Some(self.options.redeliver_timeout)
    }

    fn counts_deliveries(&self) -> bool {
        true
    }

    async fn wait(&self, _: &[String], at_most: Duration) -> Result<(), TransportError> {
        let until_due = lock(&self.idle_until).map(|until| until - Instant::now().min(until));
        let at_most = until_due.map_or(at_most, |until_due| at_most.min(until_due));
        let seen = self.seen.load(Ordering::SeqCst);
        self.database.watcher().wait(seen, at_most).await;
        Ok(())
    }

    fn supports_queues(&self) -> bool {
        true
    }

    fn queue_of(&self, envelope: &Envelope) -> Option<String> {
        envelope.last::<DoctrineReceivedStamp>().map(|stamp| stamp.queue.clone())
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
