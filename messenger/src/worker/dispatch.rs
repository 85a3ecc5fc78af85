//! Hands a received message to its bus.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;

use super::{Shared, Source, failure};
use crate::context::Scope;
use crate::envelope::Envelope;
use crate::error::DispatchError;
use crate::stamp::{ConsumedByWorkerStamp, ReceivedStamp};

/// Dispatches a received message on its bus; a panic outside of a handler is an error as well.
pub(super) async fn dispatch<S: Scope>(
    shared: &Shared<S>,
    source: &Source<S>,
    envelope: Envelope,
) -> Result<Envelope, DispatchError> {
    failure::refuse_unhandleable(&envelope)?;
    let bus = shared.options.bus.clone();
    let bus = bus.unwrap_or_else(|| shared.messenger.bus_of(&envelope));
    let envelope = envelope
        .with(ReceivedStamp { transport_name: Arc::clone(&source.name) })
        .with(ConsumedByWorkerStamp);
    let mut cx = shared.messenger.context(bus.clone());
    let unharmed = envelope.clone();
    match AssertUnwindSafe(cx.dispatch(bus, envelope)).catch_unwind().await {
        Ok(result) => result,
        Err(_) => {
            Err(DispatchError::middleware(unharmed, anyhow::anyhow!("a middleware panicked")))
        }
    }
}
