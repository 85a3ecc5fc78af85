//! Handlers: the code that does what a message asks for.

mod data;
mod function;
mod locator;
mod outcome;

use std::future::Future;
use std::sync::Arc;

use async_trait::async_trait;
use serde::Serialize;

use crate::context::{Context, Scope};
use crate::envelope::Envelope;
use crate::handler_error::HandlerError;
use crate::message::Message;
use crate::stamp::HandledResult;

pub use data::Data;
pub(crate) use data::{DataMap, Need};
pub(crate) use function::ErasedHandler;
pub use function::IntoHandler;
pub(crate) use locator::HandlersLocator;
pub use locator::{HandlerDescription, HandlerOptions, Handles};
pub use outcome::Outcome;

/// Handles one type of message. Several handlers may handle the same type.
///
/// Delivery is at least once: a handler must survive being called twice with one message.
pub trait Handler<M: Message, S: Scope>: Send + Sync + 'static {
    /// What the handler returns: `()` for commands and events, the answer for queries.
    type Output: Serialize + Send + Sync + 'static;

    /// Does the work. Implement it with `async fn`.
    ///
    /// # Errors
    /// Any error can be returned with `?`, and is retried as the transport's strategy says. The
    /// constructors of [`HandlerError`] say otherwise.
    fn handle(
        &self,
        message: &M,
        cx: &mut Context<S>,
    ) -> impl Future<Output = Result<Self::Output, HandlerError>> + Send;

    /// The name kept in `HandledStamp`. Override it before you rename the type: a retry under
    /// another name runs the handler again.
    fn name(&self) -> &'static str {
        std::any::type_name::<Self>()
    }
}

/// Handles every message of a group (an interface, a namespace, or `*`), whatever its type.
#[async_trait]
pub trait EnvelopeHandler<S: Scope>: Send + Sync + 'static {
    /// Does the work.
    ///
    /// # Errors
    /// As in [`Handler::handle`].
    async fn handle(&self, envelope: &Envelope, cx: &mut Context<S>) -> Result<(), HandlerError>;

    /// The name kept in `HandledStamp`.
    fn name(&self) -> &'static str {
        std::any::type_name::<Self>()
    }
}

/// A handler whose types have been erased.
#[async_trait]
pub(crate) trait AnyHandler<S: Scope>: Send + Sync {
    async fn call(
        &self,
        envelope: &Envelope,
        cx: &mut Context<S>,
    ) -> Result<HandledResult, HandlerError>;
}

/// A handler of one message type.
struct Typed<M, H>(H, std::marker::PhantomData<fn(M)>);

#[async_trait]
impl<M: Message, S: Scope, H: Handler<M, S>> AnyHandler<S> for Typed<M, H> {
    async fn call(
        &self,
        envelope: &Envelope,
        cx: &mut Context<S>,
    ) -> Result<HandledResult, HandlerError> {
        let message = message_of::<M>(envelope)?;
        self.0.handle(message, cx).await.map(HandledResult::new)
    }
}

/// A handler of a group of messages.
struct Grouped<H>(H);

#[async_trait]
impl<S: Scope, H: EnvelopeHandler<S>> AnyHandler<S> for Grouped<H> {
    async fn call(
        &self,
        envelope: &Envelope,
        cx: &mut Context<S>,
    ) -> Result<HandledResult, HandlerError> {
        self.0.handle(envelope, cx).await.map(HandledResult::new)
    }
}

pub(crate) fn erase_group<S: Scope>(handler: impl EnvelopeHandler<S>) -> Arc<dyn AnyHandler<S>> {
    Arc::new(Grouped(handler))
}

fn message_of<M: Message>(envelope: &Envelope) -> Result<&M, HandlerError> {
    envelope.message::<M>().ok_or_else(|| {
        HandlerError::unrecoverable(format!("two message types share the name {:?}", M::NAME))
    })
}
