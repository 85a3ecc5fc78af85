//! What a case works with.

use std::sync::Arc;
use std::time::Duration;

use messenger::codec::Codec;
use messenger::transport::{
    Capabilities, ClaimableReceiver, Fetch, ListableReceiver, MessageCountAware, Receiver,
    RemovableReceiver, Transport,
};
use messenger::{Context, Envelope, Messenger};

use crate::fixture::{Fixture, OTHER_QUEUE, QUEUE, Skipped};
use crate::time::Time;

/// How a case ends, unless it panics.
pub(crate) type Checked = Result<(), Skipped>;

pub(crate) type Shared<F> = Arc<dyn Transport<<F as Fixture>::Scope>>;

/// One fixture, its queues opened.
pub(crate) struct Subject<F: Fixture> {
    pub(crate) transport: Shared<F>,
    /// The same queue, seen by another process.
    pub(crate) rival: Shared<F>,
    /// Another queue in the same place.
    pub(crate) other: Shared<F>,
    pub(crate) codec: Arc<dyn Codec>,
    pub(crate) time: Time,
    pub(crate) can: Capabilities,
    messenger: Messenger<F::Scope>,
    // Declared last: what belongs to it goes when nobody uses it.
    pub(crate) fixture: Arc<F>,
}

impl<F: Fixture> Subject<F> {
    pub(crate) async fn new(fixture: Arc<F>) -> Self {
        let codec = crate::codec();
        let open = async |queue| {
            let opened = fixture.open(queue, Arc::clone(&codec)).await;
            opened.unwrap_or_else(|error| panic!("{queue:?} cannot be opened: {error}"))
        };
        let transport = open(QUEUE).await;
        let (rival, other) = (open(QUEUE).await, open(OTHER_QUEUE).await);
        let lease = transport.receiver().and_then(Receiver::lease);
        fixture.time().check_lease(lease);
        let scopes = Arc::clone(&fixture);
        let messenger = Messenger::builder(move || scopes.scope()).bus("bus", |bus| bus).build();
        Self {
            rival,
            other,
            can: Capabilities::of(&*transport),
            transport,
            codec,
            time: fixture.time(),
            messenger: messenger.expect("the messenger is complete"),
            fixture,
        }
    }

    pub(crate) fn receiver(&self) -> &dyn Receiver<F::Scope> {
        receiver(&self.transport)
    }

    pub(crate) fn rival(&self) -> &dyn Receiver<F::Scope> {
        receiver(&self.rival)
    }

    pub(crate) fn context(&self) -> Context<F::Scope> {
        self.messenger.context("bus")
    }

    pub(crate) async fn send(&self, message: impl Into<Envelope>) -> Envelope {
        self.send_to(&self.transport, message, &mut self.context()).await
    }

    pub(crate) async fn send_to(
        &self,
        transport: &Shared<F>,
        message: impl Into<Envelope>,
        cx: &mut Context<F::Scope>,
    ) -> Envelope {
        transport.sender().send(message.into(), cx).await.expect("the message can be sent")
    }

    pub(crate) async fn get(&self, max: usize) -> Vec<Envelope> {
        get(self.receiver(), max).await
    }

    pub(crate) async fn get_one(&self) -> Envelope {
        self.get(1).await.pop().expect("a message is due")
    }

    pub(crate) async fn rival_gets(&self, max: usize) -> Vec<Envelope> {
        get(self.rival(), max).await
    }

    pub(crate) async fn reject(&self, envelope: &Envelope) -> bool {
        let rejected = self.receiver().reject(envelope, &mut self.context()).await;
        rejected.expect("an answer")
    }

    /// So many of the shortest times that the transport can tell from none.
    pub(crate) fn ticks(&self, count: u32) -> Duration {
        self.time.tick() * count
    }

    pub(crate) async fn pass(&self, duration: Duration) {
        self.time.pass(duration).await;
    }

    /// Lets what is held come back, if time does that.
    pub(crate) async fn let_leases_end(&self) {
        if let Some(lease) = self.receiver().lease() {
            self.pass(lease + self.time.slack()).await;
        }
    }

    pub(crate) fn lease(&self) -> Result<Duration, Skipped> {
        self.receiver().lease().ok_or_else(|| cannot("has no leases"))
    }

    pub(crate) fn counting(&self) -> Result<&dyn MessageCountAware, Skipped> {
        self.receiver().message_count().ok_or_else(|| cannot("cannot count"))
    }

    pub(crate) fn listable(&self) -> Result<&dyn ListableReceiver, Skipped> {
        self.receiver().listable().ok_or_else(|| cannot("cannot list"))
    }

    pub(crate) fn claimable(&self) -> Result<&dyn ClaimableReceiver, Skipped> {
        self.receiver().claimable().ok_or_else(|| cannot("cannot claim by id"))
    }

    pub(crate) fn removable(&self) -> Result<&dyn RemovableReceiver, Skipped> {
        self.receiver().removable().ok_or_else(|| cannot("cannot remove by id"))
    }

    pub(crate) fn needs_delay(&self) -> Checked {
        self.can.delay.then_some(()).ok_or_else(|| cannot("cannot delay"))
    }

    pub(crate) fn needs_transactions(&self) -> Checked {
        self.can.transactions.then_some(()).ok_or_else(|| cannot("has no transactions"))
    }

    pub(crate) fn needs_counts(&self) -> Checked {
        self.can.deliveries.then_some(()).ok_or_else(|| cannot("counts no deliveries"))
    }

    pub(crate) fn needs_queues(&self) -> Checked {
        self.can.queues.then_some(()).ok_or_else(|| cannot("has no named queues"))
    }

    /// Whether the message is there, held or not; `None` if the transport cannot tell.
    pub(crate) async fn is_there(&self, id: &str) -> Option<bool> {
        let listable = self.receiver().listable()?;
        Some(listable.find(id).await.expect("an answer").is_some())
    }
}

fn cannot(what: &str) -> Skipped {
    Skipped::because(format!("the transport {what}"))
}

pub(crate) fn receiver<S: messenger::Scope>(transport: &Arc<dyn Transport<S>>) -> &dyn Receiver<S> {
    transport.receiver().expect("messages wait in the transport")
}

pub(crate) async fn get<S: messenger::Scope>(
    receiver: &dyn Receiver<S>,
    max: usize,
) -> Vec<Envelope> {
    receiver.get(&Fetch::up_to(max)).await.expect("the transport can be read")
}
