//! Calls the handlers of a message: all of them, even after one has failed.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::FutureExt;
use tracing::info;

use super::{Middleware, Next};
use crate::context::{Context, Scope};
use crate::envelope::Envelope;
use crate::error::{DispatchError, HandlerFailed, HandlerFailure};
use crate::handler::{AnyHandler, HandlersLocator};
use crate::handler_error::HandlerError;
use crate::stamp::{HandledResult, HandledStamp, TransportMessageIdStamp};

pub(crate) struct HandleMessage<S: Scope> {
    pub(crate) handlers: Arc<HandlersLocator<S>>,
    pub(crate) allow_no_handlers: bool,
}

#[async_trait]
impl<S: Scope> Middleware<S> for HandleMessage<S> {
    async fn handle(
        &self,
        mut envelope: Envelope,
        cx: &mut Context<S>,
        next: Next<S>,
    ) -> Result<Envelope, DispatchError> {
        let mut failures = Vec::new();
        let mut reached = false;
        let selected = envelope.clone();
        for descriptor in self.handlers.handlers(&selected) {
            reached = true;
            if envelope.all::<HandledStamp>().any(|done| done.handler_name == descriptor.name) {
                continue;
            }
            match call(&*descriptor.handler, &envelope, cx).await {
                Ok(result) => {
                    let (class, handler) = (envelope.name(), &*descriptor.name);
                    let id = envelope.last::<TransportMessageIdStamp>();
                    let message_id = id.map(TransportMessageIdStamp::text);
                    info!(
                        target: "messenger", class, handler, message_id,
                        "Message {class} handled by {handler}"
                    );
                    let handler_name = Arc::clone(&descriptor.name);
                    envelope = envelope.with(HandledStamp { result, handler_name });
                }
                Err(error) => {
                    failures.push(HandlerFailure { handler: descriptor.name.to_string(), error });
                }
            }
        }
        if !reached {
            self.no_handler(&envelope, cx)?;
        }
        if failures.is_empty() {
            return next.run(envelope, cx).await;
        }
        Err(Box::new(HandlerFailed { envelope, failures }).into())
    }

    fn name(&self) -> &'static str {
        "handle_message"
    }
}

impl<S: Scope> HandleMessage<S> {
    fn no_handler(&self, envelope: &Envelope, cx: &Context<S>) -> Result<(), DispatchError> {
        let message = envelope.name();
        if self.allow_no_handlers {
            info!(target: "messenger", class = message, "No handler for message {message}");
            return Ok(());
        }
        Err(DispatchError::NoHandler { message: message.to_owned(), bus: cx.bus().to_string() })
    }
}

/// Calls a handler; a panic is a failure like any other.
async fn call<S: Scope>(
    handler: &dyn AnyHandler<S>,
    envelope: &Envelope,
    cx: &mut Context<S>,
) -> Result<HandledResult, HandlerError> {
    let mark = cx.mark();
    let result = AssertUnwindSafe(handler.call(envelope, cx)).catch_unwind().await;
    // A panic, or a nested dispatch that the handler gave up, may have left something open.
    cx.undo_since(mark).await;
    result.unwrap_or_else(|panic| Err(HandlerError::panicked(panic_text(&*panic))))
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("(no text)")
}
