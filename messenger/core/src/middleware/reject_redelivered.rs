//! Symfony's place for refusing what a broker redelivers.
//!
//! Only AMQP has such a flag; with the transports of today the step passes everything on. Ours
//! count deliveries when they are claimed (`max_deliveries`), which covers the same danger.

use async_trait::async_trait;

use super::{Middleware, Next};
use crate::context::{Context, Scope};
use crate::envelope::Envelope;
use crate::error::DispatchError;

pub(crate) struct RejectRedelivered;

#[async_trait]
impl<S: Scope> Middleware<S> for RejectRedelivered {
    async fn handle(
        &self,
        envelope: Envelope,
        cx: &mut Context<S>,
        next: Next<S>,
    ) -> Result<Envelope, DispatchError> {
        next.run(envelope, cx).await
    }

    fn name(&self) -> &'static str {
        "reject_redelivered_message_middleware"
    }
}
