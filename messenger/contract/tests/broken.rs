//! The suite notices a transport that breaks its promise.

use std::sync::Arc;
use std::time::Duration;

use messenger::clock::{Clock, ManualClock};
use messenger::codec::Codec;
use messenger::stamp::{BusNameStamp, DelayStamp};
use messenger::transport::{Fetch, InMemoryTransport, Receiver, Sender, Transport};
use messenger::{Context, DispatchError, Envelope, TransportError, async_trait};
use messenger_contract::{Fixture, QUEUE, Skipped, Time, all};

/// What is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    ForgetsDelays,
    LosesOnClose,
    NeverAcknowledges,
    HandsOutTwice,
    ClaimsWhileWaiting,
    LosesStamps,
}

#[derive(Debug, Clone)]
struct Broken {
    fault: Fault,
    queue: InMemoryTransport,
}

impl Broken {
    fn receiver(&self) -> &dyn Receiver<()> {
        &self.queue
    }
}

impl Transport<()> for Broken {
    fn class(&self) -> &'static str {
        "Broken"
    }

    fn sender(&self) -> &dyn Sender<()> {
        self
    }

    fn receiver(&self) -> Option<&dyn Receiver<()>> {
        Some(self)
    }
}

#[async_trait]
impl Sender<()> for Broken {
    async fn send(&self, sent: Envelope, cx: &mut Context<()>) -> Result<Envelope, DispatchError> {
        let sent = match self.fault {
            Fault::ForgetsDelays => sent.without::<DelayStamp>(),
            Fault::LosesStamps => sent.without::<BusNameStamp>(),
            _ => sent,
        };
        let sender: &dyn Sender<()> = &self.queue;
        sender.send(sent, cx).await
    }

    fn supports_delay(&self) -> bool {
        true
    }
}

#[async_trait]
impl Receiver<()> for Broken {
    async fn get(&self, fetch: &Fetch<'_>) -> Result<Vec<Envelope>, TransportError> {
        let got = self.receiver().get(fetch).await?;
        if self.fault == Fault::HandsOutTwice {
            self.receiver().release(&got, Duration::ZERO).await?;
        }
        Ok(got)
    }

    async fn ack(&self, envelopes: &[Envelope]) -> Result<(), TransportError> {
        match self.fault {
            Fault::NeverAcknowledges => self.receiver().release(envelopes, Duration::ZERO).await,
            _ => self.receiver().ack(envelopes).await,
        }
    }

    async fn reject(&self, one: &Envelope, cx: &mut Context<()>) -> Result<bool, TransportError> {
        self.receiver().reject(one, cx).await
    }

    async fn release(&self, envelopes: &[Envelope], delay: Duration) -> Result<(), TransportError> {
        self.receiver().release(envelopes, delay).await
    }

    async fn close(&self) -> Result<(), TransportError> {
        let ahead = self.receiver().get(&Fetch::up_to(1)).await?;
        match self.fault {
            Fault::LosesOnClose => self.receiver().ack(&ahead).await,
            _ => self.receiver().release(&ahead, Duration::ZERO).await,
        }
    }

    async fn wait(&self, queues: &[String], at_most: Duration) -> Result<(), TransportError> {
        match self.fault {
            Fault::ClaimsWhileWaiting => self.receiver().get(&Fetch::up_to(1)).await.map(drop),
            _ => self.receiver().wait(queues, at_most).await,
        }
    }
}

struct Fixed(Broken, ManualClock);

impl Fixed {
    fn with(fault: Fault) -> Result<Self, Skipped> {
        let clock = ManualClock::default();
        let queue = InMemoryTransport::new(Clock::Manual(clock.clone()), None);
        Ok(Self(Broken { fault, queue }, clock))
    }
}

impl Fixture for Fixed {
    type Scope = ();

    async fn open(
        &self,
        queue: &str,
        _: Arc<dyn Codec>,
    ) -> Result<Arc<dyn Transport<()>>, TransportError> {
        Ok(match queue {
            QUEUE => Arc::new(self.0.clone()),
            _ => Arc::new(InMemoryTransport::new(Clock::Manual(self.1.clone()), None)),
        })
    }

    fn scope(&self) {}

    fn time(&self) -> Time {
        Time::manual(self.1.clone())
    }
}

macro_rules! noticed {
    ($($fault:ident: $case:ident, $says:literal;)+) => {$(
        #[test]
        #[should_panic(expected = $says)]
        fn $case() {
            all::$case(module_path!(), async || Fixed::with(Fault::$fault));
        }
    )+};
}

noticed! {
    ForgetsDelays: a_delayed_message_comes_after_its_delay, "it is not due yet";
    LosesOnClose: after_a_close_the_rest_is_there_for_others, "what was given out stays held";
    NeverAcknowledges: acknowledged_messages_are_gone, "is_empty";
    HandsOutTwice: two_receivers_never_hold_the_same_message, "assertion";
    ClaimsWhileWaiting: a_wait_dropped_at_any_moment_claims_nothing, "assertion";
    LosesStamps: known_stamps_survive, "a bus";
}
