//! Notes on which bus a message was first dispatched, so that a worker finds it again.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Middleware, Next};
use crate::context::{Context, Scope};
use crate::envelope::Envelope;
use crate::error::DispatchError;
use crate::stamp::BusNameStamp;

pub(crate) struct AddBusNameStamp {
    stamp: Arc<BusNameStamp>,
}

impl AddBusNameStamp {
    pub(crate) fn new(bus: &str) -> Self {
        Self { stamp: Arc::new(BusNameStamp { bus_name: bus.into() }) }
    }
}

#[async_trait]
impl<S: Scope> Middleware<S> for AddBusNameStamp {
    async fn handle(
        &self,
        mut envelope: Envelope,
        cx: &mut Context<S>,
        next: Next<S>,
    ) -> Result<Envelope, DispatchError> {
        if !envelope.has::<BusNameStamp>() {
            envelope = envelope.with_erased(Arc::clone(&self.stamp) as _);
        }
        next.run(envelope, cx).await
    }

    fn name(&self) -> &'static str {
        "add_bus_name_stamp_middleware"
    }
}
