//! Wraps the handling of a message in a transaction of the scope.

use async_trait::async_trait;

use super::{Middleware, Next};
use crate::context::{Context, Scope};
use crate::envelope::Envelope;
use crate::error::{DispatchError, HandlerFailed};
use crate::message::Interface;
use crate::stamp::HandledStamp;

/// Begins a transaction, handles the message and commits; any error undoes everything. A nested
/// dispatch gets a savepoint. Symfony's `doctrine_transaction`,
/// by which name a configuration may list it too.
#[derive(Debug, Default, Clone, Copy)]
pub struct TransactionMiddleware {
    /// Messages of this group are handled without a transaction, because they take long: they
    /// open short ones themselves.
    pub except: Option<Interface>,
}

#[async_trait]
impl<S: Scope> Middleware<S> for TransactionMiddleware {
    async fn handle(
        &self,
        envelope: Envelope,
        cx: &mut Context<S>,
        next: Next<S>,
    ) -> Result<Envelope, DispatchError> {
        if self.except.is_some_and(|interface| envelope.is(interface)) {
            return next.run(envelope, cx).await;
        }
        let handled_before = envelope.all::<HandledStamp>().count();
        cx.begin().await?;
        match next.run(envelope, cx).await {
            Ok(envelope) => {
                cx.commit().await?;
                Ok(envelope)
            }
            Err(error) => {
                cx.rollback().await;
                Err(undone(error, handled_before))
            }
        }
    }

    fn name(&self) -> &'static str {
        "transaction"
    }
}

/// The work of the handlers that succeeded is undone too: on a retry they must run again. What
/// was handled before the transaction stays handled.
fn undone(error: DispatchError, handled_before: usize) -> DispatchError {
    match error {
        DispatchError::HandlerFailed(failed) => {
            let HandlerFailed { envelope, failures } = *failed;
            let envelope = envelope.with_first::<HandledStamp>(handled_before);
            DispatchError::HandlerFailed(Box::new(HandlerFailed { envelope, failures }))
        }
        other => other,
    }
}
