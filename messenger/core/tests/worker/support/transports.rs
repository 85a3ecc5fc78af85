//! A transport that gives what it is told to give, and one whose storage fails when it is told to.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use messenger::transport::{Fetch, InMemoryTransport, Receiver, Sender, Transport};
use messenger::{Context, DispatchError, Envelope, TransportError, async_trait};

use super::{Counting, ids};

/// Gives one list of messages after the other and notes what it is asked. Clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scripted(Arc<Mutex<Script>>);

#[derive(Debug, Default)]
struct Script {
    fetches: VecDeque<Vec<Envelope>>,
    asked: Vec<String>,
    maxima: Vec<usize>,
    acknowledged: Vec<Envelope>,
    supports_queues: bool,
    lease_is_lost: bool,
    reject_takes: Duration,
    closed: usize,
}

impl Scripted {
    /// Gives these messages, list by list, and then nothing.
    pub(crate) fn new(fetches: impl IntoIterator<Item = Vec<Envelope>>) -> Self {
        let fetches = fetches.into_iter().collect();
        Self(Arc::new(Mutex::new(Script { fetches, ..Script::default() })))
    }

    pub(crate) fn with_queues(self) -> Self {
        self.script().supports_queues = true;
        self
    }

    pub(crate) fn with_lost_leases(self) -> Self {
        self.script().lease_is_lost = true;
        self
    }

    pub(crate) fn with_slow_rejects(self, each: Duration) -> Self {
        self.script().reject_takes = each;
        self
    }

    /// How often receiving was ended.
    pub(crate) fn closed(&self) -> usize {
        self.script().closed
    }

    /// What was asked, in order: `get`, `ack 1 2`, `reject 1`, `release 2`, `keepalive 1 2`.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.script().asked.clone()
    }

    /// What was asked that begins like this.
    pub(crate) fn asked_to(&self, what: &str) -> Vec<String> {
        self.asked().into_iter().filter(|asked| asked.starts_with(what)).collect()
    }

    /// How many messages were asked for, each time.
    pub(crate) fn maxima(&self) -> Vec<usize> {
        self.script().maxima.clone()
    }

    pub(crate) fn acknowledged(&self) -> Vec<Envelope> {
        self.script().acknowledged.clone()
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.0.lock().expect("no test panics here")
    }

    fn note(&self, what: &str, envelopes: &[Envelope]) {
        let ids: Vec<String> = ids(envelopes).iter().map(u32::to_string).collect();
        self.script().asked.push(format!("{what} {}", ids.join(" ")));
    }
}

#[async_trait]
impl Transport<Counting> for Scripted {
    fn class(&self) -> &'static str {
        "Scripted"
    }

    fn sender(&self) -> &dyn Sender<Counting> {
        self
    }

    fn receiver(&self) -> Option<&dyn Receiver<Counting>> {
        Some(self)
    }
}

#[async_trait]
impl Sender<Counting> for Scripted {
    async fn send(
        &self,
        envelope: Envelope,
        _cx: &mut Context<Counting>,
    ) -> Result<Envelope, DispatchError> {
        self.note("send", std::slice::from_ref(&envelope));
        Ok(envelope)
    }
}

#[async_trait]
impl Receiver<Counting> for Scripted {
    async fn get(&self, fetch: &Fetch<'_>) -> Result<Vec<Envelope>, TransportError> {
        let mut script = self.script();
        script.asked.push(format!("get {}", fetch.queues.join(" ")).trim_end().to_owned());
        script.maxima.push(fetch.max);
        Ok(script.fetches.pop_front().unwrap_or_default())
    }

    async fn ack(&self, envelopes: &[Envelope]) -> Result<(), TransportError> {
        self.note("ack", envelopes);
        self.script().acknowledged.extend_from_slice(envelopes);
        Ok(())
    }

    async fn reject(
        &self,
        envelope: &Envelope,
        _cx: &mut Context<Counting>,
    ) -> Result<bool, TransportError> {
        self.note("reject", std::slice::from_ref(envelope));
        let takes = self.script().reject_takes;
        tokio::time::sleep(takes).await;
        Ok(!self.script().lease_is_lost)
    }

    async fn release(&self, envelopes: &[Envelope], _: Duration) -> Result<(), TransportError> {
        self.note("release", envelopes);
        Ok(())
    }

    async fn keepalive(&self, envelopes: &[Envelope]) -> Result<(), TransportError> {
        self.note("keepalive", envelopes);
        Ok(())
    }

    async fn wait(&self, _: &[String], at_most: Duration) -> Result<(), TransportError> {
        tokio::time::sleep(at_most).await;
        Ok(())
    }

    async fn close(&self) -> Result<(), TransportError> {
        self.script().closed += 1;
        Ok(())
    }

    fn supports_queues(&self) -> bool {
        self.script().supports_queues
    }
}

/// How often each ability fails from now on.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    pub(crate) gets: AtomicU32,
    pub(crate) waits: AtomicU32,
    pub(crate) sends: AtomicU32,
    pub(crate) acks: AtomicU32,
    pub(crate) rejects: AtomicU32,
    pub(crate) releases: AtomicU32,
}

/// A queue whose storage fails when it is told to.
#[derive(Debug, Clone)]
pub(crate) struct Faulty {
    pub(crate) queue: InMemoryTransport,
    pub(crate) faults: Arc<Faults>,
}

impl Faulty {
    pub(crate) fn new(queue: InMemoryTransport) -> Self {
        Self { queue, faults: Arc::default() }
    }

    fn receiver(&self) -> &dyn Receiver<Counting> {
        &self.queue
    }
}

/// Takes one fault, if one is left.
fn fault(left: &AtomicU32) -> Result<(), TransportError> {
    let take = |left: u32| left.checked_sub(1);
    match left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take) {
        Ok(_) => Err(TransportError::Storage {
            context: "could not reach it".to_owned(),
            source: "it is down".into(),
        }),
        Err(_) => Ok(()),
    }
}

#[async_trait]
impl Transport<Counting> for Faulty {
    fn class(&self) -> &'static str {
        "Faulty"
    }

    fn sender(&self) -> &dyn Sender<Counting> {
        self
    }

    fn receiver(&self) -> Option<&dyn Receiver<Counting>> {
        Some(self)
    }
}

#[async_trait]
impl Sender<Counting> for Faulty {
    async fn send(
        &self,
        envelope: Envelope,
        cx: &mut Context<Counting>,
    ) -> Result<Envelope, DispatchError> {
        fault(&self.faults.sends)?;
        let sender: &dyn Sender<Counting> = &self.queue;
        sender.send(envelope, cx).await
    }
}

#[async_trait]
impl Receiver<Counting> for Faulty {
    async fn get(&self, fetch: &Fetch<'_>) -> Result<Vec<Envelope>, TransportError> {
        fault(&self.faults.gets)?;
        self.receiver().get(fetch).await
    }

    async fn ack(&self, envelopes: &[Envelope]) -> Result<(), TransportError> {
        fault(&self.faults.acks)?;
        self.receiver().ack(envelopes).await
    }

    async fn reject(
        &self,
        envelope: &Envelope,
        cx: &mut Context<Counting>,
    ) -> Result<bool, TransportError> {
        fault(&self.faults.rejects)?;
        self.receiver().reject(envelope, cx).await
    }

    async fn release(&self, envelopes: &[Envelope], delay: Duration) -> Result<(), TransportError> {
        fault(&self.faults.releases)?;
        self.receiver().release(envelopes, delay).await
    }

    async fn wait(&self, queues: &[String], at_most: Duration) -> Result<(), TransportError> {
        fault(&self.faults.waits)?;
        self.receiver().wait(queues, at_most).await
    }
}
