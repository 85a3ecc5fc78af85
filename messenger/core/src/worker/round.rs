//! One slot of a worker: it handles one message at a time.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::time::Instant;
use tracing::warn;

use super::batch::Batch;
use super::handling::dispatch;
use super::outage::Outages;
use super::{Shared, Source, WorkerEvent, failure};
use crate::clock::Clock;
use crate::context::Scope;
use crate::envelope::Envelope;

/// A slot claims about as much as it handles in this time, so that others find work too.
const WORTH_CLAIMING: Duration = Duration::from_millis(50);

/// One slot of a worker.
pub(super) struct Slot<S: Scope> {
    pub(super) shared: Arc<Shared<S>>,
    /// How many messages of each transport are worth claiming at once.
    pub(super) worth_claiming: HashMap<Arc<str>, usize>,
    pub(super) outages: Outages,
    /// Transports whose rate limit is reached, and for how long.
    pub(super) limited: HashMap<Arc<str>, Duration>,
    /// Handled messages whose acknowledgement could not be written yet.
    unsettled: Vec<Batch<S>>,
}

impl<S: Scope> Slot<S> {
    pub(super) fn new(shared: Arc<Shared<S>>) -> Self {
        Self {
            shared,
            worth_claiming: HashMap::new(),
            outages: Outages::default(),
            limited: HashMap::new(),
            unsettled: Vec::new(),
        }
    }

    /// Works until the worker is asked to stop.
    pub(super) async fn run(&mut self) {
        while !self.shared.stop.is_stopped() {
            let started_at = self.now();
            if self.round().await > 0 {
                continue;
            }
            self.shared.running(true);
            if !self.shared.stop.is_stopped() {
                self.wait(started_at).await;
            }
        }
        self.settle_all().await;
    }

    /// Writes what is still to be acknowledged, of transports that rest as well.
    pub(super) async fn settle_all(&mut self) {
        for mut batch in std::mem::take(&mut self.unsettled) {
            self.acknowledge(&mut batch).await;
        }
    }

    async fn settle(&mut self) {
        for mut batch in std::mem::take(&mut self.unsettled) {
            if !self.is_resting(batch.transport()) {
                self.acknowledge(&mut batch).await;
            }
            if batch.has_unsettled() {
                self.unsettled.push(batch);
            }
        }
    }

    async fn acknowledge(&mut self, batch: &mut Batch<S>) {
        batch.acknowledge().await;
        if batch.has_unsettled() {
            self.outages.failed(batch.transport(), self.now());
        }
    }

    pub(super) fn is_resting(&self, transport: &str) -> bool {
        self.outages.is_resting(transport, self.now())
    }

    /// For measuring: the date may be set back while a worker runs.
    pub(super) fn now(&self) -> Duration {
        self.shared.messenger.clock().elapsed()
    }

    /// The messages of the first transport that has any; gives how many were handled.
    pub(super) async fn round(&mut self) -> usize {
        self.settle().await;
        let shared = Arc::clone(&self.shared);
        if let Some(source) = shared.held_back.due() {
            let envelopes = self.claim(&source).await;
            if !envelopes.is_empty() {
                shared.held_back.look_again();
                return self.handle_all(&source, envelopes).await;
            }
        }
        for source in &shared.receivers {
            let envelopes = self.claim(source).await;
            if !envelopes.is_empty() {
                return self.handle_all(source, envelopes).await;
            }
        }
        0
    }

    /// Handles a message that was claimed from the first transport.
    pub(super) async fn handle_claimed(&mut self, envelope: Envelope) {
        let source = self.shared.receivers[0].clone();
        self.handle_all(&source, vec![envelope]).await;
    }

    async fn handle_all(&mut self, source: &Source<S>, envelopes: Vec<Envelope>) -> usize {
        let (count, started_at) = (envelopes.len(), Instant::now());
        let options = &self.shared.options;
        let mut batch = Batch::new(source.clone(), envelopes, options.ack_delay, options.keepalive);
        let mut handled = 0;
        while let Some(envelope) = batch.current() {
            if self.shared.stop.is_stopped() {
                batch.release().await;
                break;
            }
            if source.transport.receiver().is_some_and(|receiver| !receiver.holds(&envelope)) {
                let (class, transport) = (envelope.name(), &*source.name);
                warn!(target: "messenger", class, transport, "The lease of {class} was lost to somebody else; it is left to them.");
                batch.forget_current();
                self.give_back(source, 1);
                continue;
            }
            self.handle(source, envelope, &mut batch).await;
            // A handler that never waits leaves no other time for this.
            batch.upkeep(Instant::now()).await;
            handled += 1;
            self.shared.limits.count_finished();
            self.shared.running(false);
        }
        self.acknowledge(&mut batch).await;
        if batch.has_unsettled() {
            self.unsettled.push(batch);
        }
        self.learn(source, count, started_at.elapsed());
        handled
    }

    /// Claims more next time if that took little time, fewer if it took long.
    fn learn(&mut self, source: &Source<S>, count: usize, spent: Duration) {
        let each = spent.as_secs_f64() / count.max(1) as f64;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "`as` saturates at both ends, which is what is wanted"
        )]
        let worth = (WORTH_CLAIMING.as_secs_f64() / each.max(1e-9)) as usize;
        self.worth_claiming
            .insert(Arc::clone(&source.name), worth.clamp(1, count.saturating_mul(8)));
    }

    async fn handle(&self, source: &Source<S>, mut envelope: Envelope, batch: &mut Batch<S>) {
        let receiver = &*source.name;
        let mut should_handle = true;
        self.shared.emit(&mut WorkerEvent::MessageReceived {
            envelope: &mut envelope,
            receiver,
            should_handle: &mut should_handle,
        });
        if !should_handle {
            batch.forget_current();
            return;
        }
        let received = envelope.clone();
        let in_time = async {
            tokio::select! {
                biased;
                outcome = dispatch(&self.shared, source, envelope) => Some(outcome),
                () = self.shared.stop.stopped_for(self.shared.options.grace) => None,
            }
        };
        match batch.while_handling(in_time).await {
            None => {
                let class = received.name();
                warn!(target: "messenger", class, transport = receiver, "{class} was not handled in the time that a worker has to stop; it is given back.");
            }
            Some(Ok(handled)) => {
                self.shared.handled(&handled, receiver);
                batch.handled_current(handled);
            }
            Some(Err(error)) => {
                self.shared.limits.count_failed();
                // Its lease must not change while it is settled.
                batch.forget_current();
                let settling = failure::settle(&self.shared, source, &received, &error);
                batch.while_handling(settling).await;
            }
        }
    }

    /// Waits until there may be something to do.
    async fn wait(&mut self, round_started_at: Duration) {
        let clock = self.shared.messenger.clock();
        let now = clock.elapsed();
        let spent = now.saturating_sub(round_started_at);
        let at_most = self.shared.sleep().saturating_sub(spent);
        let left = self.shared.limits.time_left(now);
        let at_most = at_most.min(left.unwrap_or(Duration::MAX));
        let at_most = at_most.min(self.outages.next_end(now).unwrap_or(Duration::MAX));
        let at_most = at_most.min(self.limited.values().min().copied().unwrap_or(Duration::MAX));
        if matches!(clock, Clock::Manual(_)) {
            clock.sleep(at_most).await;
            return;
        }
        // A transport that is left alone has messages, so that it would never be waited for.
        let reachable = self.shared.receivers.iter().filter(|source| {
            let is_left_alone =
                self.limited.contains_key(&source.name) || self.is_set_aside(source);
            !is_left_alone && !self.is_resting(&source.name)
        });
        let queues = &self.shared.options.queues;
        let waits: Vec<_> = reachable
            .filter_map(|source| {
                let (name, receiver) = (&source.name, source.transport.receiver()?);
                let waited = receiver.wait(queues, at_most);
                Some(waited.map(move |waited| waited.map_err(|error| (Arc::clone(name), error))))
            })
            .collect();
        let found = async {
            if waits.is_empty() {
                clock.sleep(at_most).await;
                return Ok(());
            }
            futures_util::future::select_all(waits).await.0
        };
        let found = tokio::select! {
            found = found => found,
            () = self.shared.stop.stopped() => Ok(()),
        };
        if let Err((transport, problem)) = found {
            self.unreachable(&transport, &problem);
        }
    }
}
