//! Watches workers, and writes down what they do.

use std::time::Instant;

use chrono::TimeDelta;
use messenger::Envelope;
use messenger::clock::Clock;
use messenger::stamp::{RedeliveryStamp, Stamp};
use messenger::worker::{FailedEvent, Worker, WorkerEvent, WorkerListener};
use messenger_doctrine::{Database, UnitOfWork};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tracing::debug;

use super::{MessageTrace, TraceEvent, row};
use crate::developer::profiler::scrub;
use crate::middleware::UniqueIdStamp;

/// So many rows may wait to be written; more are not noted.
const WAITING: usize = 10_000;
/// So many rows are written at once.
const AT_ONCE: usize = 256;
/// How long rows are kept.
const TWO_DAYS: TimeDelta = TimeDelta::days(2);
/// So many rows are kept.
const KEPT: i64 = 5_000;

/// Notes what workers do.
#[derive(Clone)]
pub struct MessageTracer {
    database: Database,
    clock: Clock,
}

impl MessageTracer {
    /// Notes it in this database.
    #[must_use]
    pub fn new(database: Database, clock: Clock) -> Self {
        Self { database, clock }
    }

    /// The same worker, watched. The task ends when the worker is gone and everything is written.
    ///
    /// # Panics
    /// Outside of a runtime, or if the worker was started.
    pub fn watch(&self, worker: Worker<UnitOfWork>) -> (Worker<UnitOfWork>, JoinHandle<()>) {
        let (sender, rows) = mpsc::channel(WAITING);
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let host = if host.trim().is_empty() { "localhost" } else { host.trim() };
        let name = format!("{host}/{}", std::process::id());
        let watcher = Watcher { rows: sender, clock: self.clock.clone(), worker: name };
        let writing = tokio::spawn(self.clone().write(rows));
        (worker.listener(watcher), writing)
    }

    async fn write(self, mut rows: mpsc::Receiver<MessageTrace>) {
        let mut batch = Vec::new();
        while rows.recv_many(&mut batch, AT_ONCE).await > 0 {
            let batch = std::mem::take(&mut batch);
            let old = (self.clock.now() - TWO_DAYS).naive_utc();
            let written = self.database.transaction(move |connection| {
                row::insert(connection, &batch)?;
                row::prune(connection, old, KEPT)
            });
            if let Err(error) = written.await {
                debug!(%error, "Could not note what a worker did: {error}");
            }
        }
    }
}

/// When a worker of this process received the message.
#[derive(Debug, Clone, Copy)]
struct ReceivedAtStamp(Instant);

impl Stamp for ReceivedAtStamp {}

/// Listens to one worker.
struct Watcher {
    rows: mpsc::Sender<MessageTrace>,
    clock: Clock,
    worker: String,
}

impl Watcher {
    fn note(&self, envelope: &Envelope, transport: &str, event: TraceEvent, error: Option<String>) {
        let Some(id) = envelope.last::<UniqueIdStamp>() else { return };
        let retries = envelope.last::<RedeliveryStamp>().map_or(0, |stamp| stamp.retry_count);
        let spent = envelope.last::<ReceivedAtStamp>().map(|stamp| stamp.0.elapsed());
        let trace = MessageTrace {
            unique_id: id.id.clone(),
            class: envelope.name().to_owned(),
            transport: transport.to_owned(),
            event,
            attempt: i32::try_from(retries).unwrap_or(i32::MAX).saturating_add(1),
            worker: self.worker.clone(),
            at: self.clock.now().naive_utc(),
            duration: spent.unwrap_or_default().as_secs_f64() * 1000.0,
            error,
        };
        // Too many wait: this one is not noted.
        let _ = self.rows.try_send(trace);
    }
}

impl WorkerListener for Watcher {
    fn on_event(&self, event: &mut WorkerEvent<'_>) {
        match event {
            WorkerEvent::MessageReceived { envelope, receiver, .. } => {
                **envelope = envelope.clone().with(ReceivedAtStamp(Instant::now()));
                self.note(envelope, receiver, TraceEvent::Received, None);
            }
            WorkerEvent::MessageHandled { envelope, receiver } => {
                self.note(envelope, receiver, TraceEvent::Handled, None);
            }
            _ => {}
        }
    }

    fn on_failed(&self, event: &mut FailedEvent<'_>) {
        let kind = if event.will_retry() { TraceEvent::Retried } else { TraceEvent::Failed };
        let error = scrub(&event.error().to_string());
        self.note(event.envelope(), event.receiver(), kind, Some(error));
    }
}
