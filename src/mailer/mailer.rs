//! Sends mails, at once or through a queue: the routing decides.

use messenger::{Context, DispatchError, Envelope};
use messenger_doctrine::UnitOfWork;

/// Hands mails to the bus; the routing decides whether they wait in a queue.
#[derive(Debug, Clone, Copy, Default)]
pub struct Mailer;

impl Mailer {
    /// Dispatches an [`Email`](super::Email), or one with stamps, on the default bus. If
    /// `SendEmailMessage` is routed to a transport, a worker delivers it later; if not, it has been
    /// handed over when this returns.
    ///
    /// # Errors
    /// When it could not be queued, or, unrouted, not be delivered.
    // Not an `async fn`: the profiler shows the line that calls this.
    #[track_caller]
    pub fn send(
        &self,
        cx: &mut Context<UnitOfWork>,
        email: impl Into<Envelope>,
    ) -> impl Future<Output = Result<(), DispatchError>> + Send {
        let bus = cx.messenger().default_bus();
        let dispatched = cx.dispatch_on(bus, email);
        async move { dispatched.await.map(drop) }
    }
}
