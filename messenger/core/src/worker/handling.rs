//! How a claimed message is dispatched.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;

use super::{Shared, Source, decision, held_back};
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
    decision::refuse_unhandleable(&envelope)?;
    let bus = shared.options.bus.clone();
    let bus = bus.unwrap_or_else(|| shared.messenger.bus_of(&envelope));
    let envelope = match held_back::is_source(source) {
        true => envelope,
        false => envelope.with(ReceivedStamp { transport_name: Arc::clone(&source.name) }),
    };
    let envelope = envelope.with(ConsumedByWorkerStamp);
    let mut cx = shared.messenger.context(bus.clone());
    let unharmed = envelope.clone();
    match AssertUnwindSafe(cx.dispatch_on(bus, envelope)).catch_unwind().await {
        Ok(result) => result,
        Err(_) => Err(DispatchError::middleware(unharmed, "a middleware panicked")),
    }
}
