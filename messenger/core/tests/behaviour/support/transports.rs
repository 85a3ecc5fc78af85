//! A fake transport that writes down what it is given, and can be down.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use messenger::codec::{Codec, Encoded};
use messenger::transport::{Delivery, Receiver, Sender, Transport};
use messenger::{DispatchError, Envelope, Transactions as _, TransportError, async_trait};

use super::{Cx, FakeScope, World};

/// A sender of the given kind. Clones share what was sent.
#[derive(Debug, Clone)]
pub(crate) struct Probe {
    name: &'static str,
    delivery: Delivery,
    world: World,
    sent: Arc<Mutex<Vec<Envelope>>>,
    down: Arc<AtomicBool>,
    codec: Option<Arc<dyn Codec>>,
    written: Arc<Mutex<Vec<Encoded>>>,
}

impl Probe {
    pub(crate) fn new(name: &'static str, delivery: Delivery, world: &World) -> Self {
        let (sent, down, written) = (Arc::default(), Arc::default(), Arc::default());
        Self { name, delivery, world: world.clone(), sent, down, codec: None, written }
    }

    /// It writes messages in its own way.
    pub(crate) fn writing_with(self, codec: impl Codec) -> Self {
        Self { codec: Some(Arc::new(codec)), ..self }
    }

    /// What was written with its codec, oldest first.
    pub(crate) fn written(&self) -> Vec<Encoded> {
        self.written.lock().expect("no test panics while it sends").clone()
    }

    /// A transport like a broker: sending cannot be undone.
    pub(crate) fn outside(name: &'static str, world: &World) -> Self {
        Self::new(name, Delivery::Outside, world)
    }

    pub(crate) fn set_down(&self) {
        self.down.store(true, Ordering::SeqCst);
    }

    pub(crate) fn set_up(&self) {
        self.down.store(false, Ordering::SeqCst);
    }

    /// What was sent, oldest first.
    pub(crate) fn sent(&self) -> Vec<Envelope> {
        self.sent.lock().expect("no test panics while it sends").clone()
    }
}

#[async_trait]
impl Transport<FakeScope> for Probe {
    fn class(&self) -> &'static str {
        "Probe"
    }

    fn sender(&self) -> &dyn Sender<FakeScope> {
        self
    }

    fn receiver(&self) -> Option<&dyn Receiver<FakeScope>> {
        None
    }
}

#[async_trait]
impl Sender<FakeScope> for Probe {
    async fn send(&self, envelope: Envelope, cx: &mut Cx) -> Result<Envelope, DispatchError> {
        if self.down.load(Ordering::SeqCst) {
            self.world.log.add(format!("{} is down", self.name));
            return Err(TransportError::Configuration(format!("{} is down", self.name)).into());
        }
        self.world.log.add(format!("send {} at {}", self.name, cx.scope.depth()));
        if let Some(codec) = &self.codec {
            let written = codec.encode(&envelope).map_err(TransportError::from)?;
            self.written.lock().expect("no test panics while it sends").push(written);
        }
        self.sent.lock().expect("no test panics while it sends").push(envelope.clone());
        Ok(envelope)
    }

    fn delivery(&self) -> Delivery {
        self.delivery
    }

    fn codec(&self) -> Option<&dyn Codec> {
        self.codec.as_deref()
    }
}
