//! Holds messages back until the root dispatch, its transaction included, has succeeded.
//!
//! The rules are Symfony's `DispatchAfterCurrentBusMiddleware`; but what is held back belongs to
//! the context of one root dispatch, not to this object, so that concurrent dispatches never mix.

use async_trait::async_trait;

use super::{Middleware, Next};
use crate::context::{Context, Scope};
use crate::envelope::Envelope;
use crate::error::{DelayedMessageHandling, DispatchError};
use crate::stamp::DispatchAfterCurrentBusStamp;

pub(crate) struct DispatchAfterCurrentBus;

#[async_trait]
impl<S: Scope> Middleware<S> for DispatchAfterCurrentBus {
    async fn handle(
        &self,
        mut envelope: Envelope,
        cx: &mut Context<S>,
        next: Next<S>,
    ) -> Result<Envelope, DispatchError> {
        if envelope.has::<DispatchAfterCurrentBusStamp>() {
            let stamped = envelope.clone();
            envelope = envelope.without::<DispatchAfterCurrentBusStamp>();
            if cx.is_root_running() {
                cx.hold_back(envelope, next);
                return Ok(stamped);
            }
        }
        if !cx.begin_root() {
            return next.run(envelope, cx).await;
        }
        let root = match next.run(envelope, cx).await {
            Ok(root) => root,
            Err(error) => {
                cx.abandon_root().await;
                return Err(error);
            }
        };
        let failures = cx.finish_root().await;
        if failures.is_empty() {
            return Ok(root);
        }
        Err(Box::new(DelayedMessageHandling { root, failures }).into())
    }

    fn name(&self) -> &'static str {
        "dispatch_after_current_bus"
    }
}
