//! A queue in memory with leases, named queues and counted deliveries, which can be broken.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use messenger::clock::ManualClock;
use messenger::codec::{Codec, Encoded};
use messenger::stamp::{
    DelayStamp, DeliveryCountStamp, QueueNameStamp, Stamp, TransportMessageIdStamp,
};
use messenger::transport::{
    ById, ClaimableReceiver, Fetch, MessageCountAware, Receiver, Sender, Transport, Waiting,
};
use messenger::{Context, DispatchError, Envelope, TransportError, async_trait};

const LEASE: Duration = Duration::from_secs(60);

/// What is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    None,
    RenewsTheFirstOnly,
    CountsReleases,
    ForgetsTheCountOnRelease,
    ClaimsByIdForEver,
    IgnoresTheNamedQueue,
    CountsTheFirstTwice,
    CountsEndedLeasesAsHeld,
}

#[derive(Debug)]
struct Message {
    id: u64,
    queue: String,
    stored: Encoded,
    due: Duration,
    /// When its lease ends, and whose it is.
    lease: Option<(Duration, u64)>,
    /// How often a lease has ended.
    lost: u32,
}

#[derive(Debug, Default)]
pub(super) struct State {
    last: u64,
    messages: Vec<Message>,
}

#[derive(Debug, Clone)]
pub(super) struct Leased {
    pub(super) fault: Fault,
    pub(super) queue: String,
    pub(super) clock: ManualClock,
    pub(super) codec: Arc<dyn Codec>,
    pub(super) state: Arc<Mutex<State>>,
}

/// This receiver holds the message with this id, or did.
#[derive(Debug, Clone)]
struct ClaimStamp {
    id: u64,
    queue: String,
    claim: u64,
    lost: Arc<Mutex<bool>>,
}

impl Stamp for ClaimStamp {}

impl Message {
    fn is_held(&self, now: Duration) -> bool {
        self.lease.is_some_and(|(end, _)| end > now)
    }

    fn is_ready(&self, now: Duration) -> bool {
        self.due <= now && !self.is_held(now)
    }
}

impl Leased {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no test panics here")
    }

    fn has(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    fn claim(&self, message: &mut Message, claim: u64, end: Duration) -> Envelope {
        message.lost += u32::from(message.lease.is_some());
        message.lease = Some((end, claim));
        let wrongly = u32::from(self.has(Fault::CountsTheFirstTwice));
        let envelope = self.codec.decode(message.stored.clone());
        let (id, queue) = (message.id, message.queue.clone());
        envelope
            .without::<TransportMessageIdStamp>()
            .with(TransportMessageIdStamp { id: id.into() })
            .with(DeliveryCountStamp { deliveries: message.lost + 1 + wrongly, max_deliveries: 3 })
            .with(ClaimStamp { id, queue, claim, lost: Arc::default() })
    }

    /// Does something with each message that is still held as this envelope says.
    fn settle(&self, envelopes: &[Envelope], mut settle: impl FnMut(&mut State, usize)) -> usize {
        let mut settled = 0;
        let mut state = self.state();
        for stamp in envelopes.iter().filter_map(Envelope::last::<ClaimStamp>) {
            let is_ours = |message: &Message| {
                message.id == stamp.id && message.lease.is_some_and(|(_, by)| by == stamp.claim)
            };
            match state.messages.iter().position(is_ours) {
                Some(at) => settle(&mut state, at),
                None => *stamp.lost.lock().expect("no test panics here") = true,
            }
            settled += usize::from(!*stamp.lost.lock().expect("no test panics here"));
        }
        settled
    }
}

impl Transport<()> for Leased {
    fn class(&self) -> &'static str {
        "Leased"
    }

    fn sender(&self) -> &dyn Sender<()> {
        self
    }

    fn receiver(&self) -> Option<&dyn Receiver<()>> {
        Some(self)
    }
}

#[async_trait]
impl Sender<()> for Leased {
    async fn send(&self, sent: Envelope, _: &mut Context<()>) -> Result<Envelope, DispatchError> {
        let stored = self.codec.encode(&sent).map_err(TransportError::from)?;
        let named = sent.last::<QueueNameStamp>().map(|stamp| stamp.queue_name.clone());
        let named = named.filter(|_| !self.has(Fault::IgnoresTheNamedQueue));
        let delay = sent.last::<DelayStamp>().map_or(0, |stamp| stamp.delay);
        let due = self.clock.elapsed() + Duration::from_millis(delay.try_into().unwrap_or(0));
        let mut state = self.state();
        state.last += 1;
        let (id, queue) = (state.last, named.unwrap_or_else(|| self.queue.clone()));
        state.messages.push(Message { id, queue, stored, due, lease: None, lost: 0 });
        state.messages.sort_by_key(|message| (message.due, message.id));
        let sent = sent.without::<TransportMessageIdStamp>();
        Ok(sent.with(TransportMessageIdStamp { id: id.into() }))
    }

    fn supports_delay(&self) -> bool {
        true
    }
}

#[async_trait]
impl Receiver<()> for Leased {
    async fn get(&self, fetch: &Fetch<'_>) -> Result<Vec<Envelope>, TransportError> {
        let own = std::slice::from_ref(&self.queue);
        let queues = if fetch.queues.is_empty() { own } else { fetch.queues };
        let now = self.clock.elapsed();
        let mut state = self.state();
        let mut claimed = Vec::new();
        for queue in queues {
            for at in 0..state.messages.len() {
                let message = &state.messages[at];
                if claimed.len() < fetch.max && message.queue == *queue && message.is_ready(now) {
                    state.last += 1;
                    let claim = state.last;
                    claimed.push(self.claim(&mut state.messages[at], claim, now + LEASE));
                }
            }
        }
        Ok(claimed)
    }

    async fn ack(&self, envelopes: &[Envelope]) -> Result<(), TransportError> {
        self.settle(envelopes, |state, at| drop(state.messages.remove(at)));
        Ok(())
    }

    async fn reject(&self, one: &Envelope, _: &mut Context<()>) -> Result<bool, TransportError> {
        let remove = |state: &mut State, at| drop(state.messages.remove(at));
        Ok(self.settle(std::slice::from_ref(one), remove) == 1)
    }

    async fn release(&self, envelopes: &[Envelope], delay: Duration) -> Result<(), TransportError> {
        let now = self.clock.elapsed();
        self.settle(envelopes, |state, at| {
            let message = &mut state.messages[at];
            message.lease = None;
            message.lost += u32::from(self.has(Fault::CountsReleases));
            if self.has(Fault::ForgetsTheCountOnRelease) {
                message.lost = 0;
            }
            if !delay.is_zero() {
                message.due = now + delay;
            }
        });
        Ok(())
    }

    async fn keepalive(&self, envelopes: &[Envelope]) -> Result<(), TransportError> {
        let only_one = self.has(Fault::RenewsTheFirstOnly);
        let some = if only_one { &envelopes[..1] } else { envelopes };
        let end = self.clock.elapsed() + LEASE;
        self.settle(some, |state, at| {
            state.messages[at].lease.iter_mut().for_each(|lease| lease.0 = end);
        });
        Ok(())
    }

    fn holds(&self, envelope: &Envelope) -> bool {
        let stamp = envelope.last::<ClaimStamp>();
        stamp.is_some_and(|stamp| !*stamp.lost.lock().expect("no test panics here"))
    }

    fn lease(&self) -> Option<Duration> {
        Some(LEASE)
    }

    fn counts_deliveries(&self) -> bool {
        true
    }

    async fn wait(&self, _: &[String], at_most: Duration) -> Result<(), TransportError> {
        tokio::time::sleep(at_most.min(Duration::from_millis(5))).await;
        Ok(())
    }

    fn supports_queues(&self) -> bool {
        true
    }

    fn queue_of(&self, envelope: &Envelope) -> Option<String> {
        envelope.last::<ClaimStamp>().map(|stamp| stamp.queue.clone())
    }

    fn message_count(&self) -> Option<&dyn MessageCountAware> {
        Some(self)
    }

    fn claimable(&self) -> Option<&dyn ClaimableReceiver> {
        Some(self)
    }
}

#[async_trait]
impl MessageCountAware for Leased {
    async fn count(&self) -> Result<Waiting, TransportError> {
        let (now, mut waiting) = (self.clock.elapsed(), Waiting::default());
        let (mut delayed, mut held) = (0, 0);
        let state = self.state();
        for message in state.messages.iter().filter(|message| message.queue == self.queue) {
            let is_held = match self.has(Fault::CountsEndedLeasesAsHeld) {
                true => message.lease.is_some(),
                false => message.is_held(now),
            };
            match (is_held, message.due <= now) {
                (true, _) => held += 1,
                (false, true) => waiting.ready += 1,
                (false, false) => delayed += 1,
            }
        }
        Ok(Waiting { delayed: Some(delayed), held: Some(held), ..waiting })
    }
}

#[async_trait]
impl ClaimableReceiver for Leased {
    async fn claim(&self, id: &str) -> Result<ById<Envelope>, TransportError> {
        let now = self.clock.elapsed();
        let mut state = self.state();
        state.last += 1;
        let claim = state.last;
        let ours = state.messages.iter_mut().filter(|message| message.queue == self.queue);
        let end = if self.has(Fault::ClaimsByIdForEver) { Duration::MAX } else { now + LEASE };
        Ok(match ours.into_iter().find(|message| message.id.to_string() == id) {
            None => ById::Absent,
            Some(message) if message.is_held(now) => ById::Held,
            Some(message) => ById::Done(self.claim(message, claim, end)),
        })
    }
}
