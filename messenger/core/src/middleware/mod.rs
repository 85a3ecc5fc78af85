//! Middleware: the steps through which every message of a bus goes.

mod add_bus_name_stamp;
mod dispatch_after_current_bus;
mod failed_message_processing;
mod handle_message;
mod reject_redelivered;
mod send_message;
mod transaction;

use std::sync::Arc;

use async_trait::async_trait;

use crate::context::{Context, Scope};
use crate::envelope::Envelope;
use crate::error::DispatchError;

pub(crate) use add_bus_name_stamp::AddBusNameStamp;
pub(crate) use dispatch_after_current_bus::DispatchAfterCurrentBus;
pub(crate) use failed_message_processing::FailedMessageProcessing;
pub(crate) use handle_message::HandleMessage;
pub(crate) use reject_redelivered::RejectRedelivered;
pub(crate) use send_message::SendMessage;
pub use transaction::TransactionMiddleware;

/// One step of a bus. What it does not pass on with [`Next::run`] goes no further.
///
/// ```
/// use messenger::{Context, DispatchError, Envelope, Middleware, Next, Scope, async_trait};
///
/// struct Audit;
///
/// #[async_trait]
/// impl<S: Scope> Middleware<S> for Audit {
///     async fn handle(&self, envelope: Envelope, cx: &mut Context<S>, next: Next<S>) -> Result<Envelope, DispatchError> {
///         let envelope = next.run(envelope, cx).await?;
///         println!("{} went through {}", envelope.name(), cx.bus());
///         Ok(envelope)
///     }
/// }
/// ```
#[async_trait]
pub trait Middleware<S: Scope>: Send + Sync + 'static {
    /// Handles the message, usually by passing it on.
    ///
    /// # Errors
    /// Those of the steps behind it, or its own refusal.
    async fn handle(
        &self,
        envelope: Envelope,
        cx: &mut Context<S>,
        next: Next<S>,
    ) -> Result<Envelope, DispatchError>;

    /// The name shown by `debug:messenger`.
    fn name(&self) -> &'static str {
        std::any::type_name::<Self>()
    }
}

/// The rest of a bus's chain. It can be kept and run later, which is what
/// dispatch-after-current-bus does.
pub struct Next<S: Scope> {
    chain: Arc<[Arc<dyn Middleware<S>>]>,
    index: usize,
}

impl<S: Scope> Next<S> {
    pub(crate) fn new(chain: Arc<[Arc<dyn Middleware<S>>]>) -> Self {
        Self { chain, index: 0 }
    }

    /// Runs the rest of the chain. Past its end the envelope comes back as it is.
    ///
    /// # Errors
    /// Those of the steps behind.
    pub async fn run(
        mut self,
        envelope: Envelope,
        cx: &mut Context<S>,
    ) -> Result<Envelope, DispatchError> {
        let Some(middleware) = self.chain.get(self.index) else { return Ok(envelope) };
        let middleware = Arc::clone(middleware);
        self.index += 1;
        middleware.handle(envelope, cx, self).await
    }
}

impl<S: Scope> Clone for Next<S> {
    fn clone(&self) -> Self {
        Self { chain: Arc::clone(&self.chain), index: self.index }
    }
}
