//! Makes a message that is retried from the failure transport look like one from its original
//! transport, so that handlers restricted by `from_transport` run as they did there.

use async_trait::async_trait;

use super::{Middleware, Next};
use crate::context::{Context, Scope};
use crate::envelope::Envelope;
use crate::error::DispatchError;
use crate::stamp::{ReceivedStamp, SentToFailureTransportStamp};

pub(crate) struct FailedMessageProcessing;

#[async_trait]
impl<S: Scope> Middleware<S> for FailedMessageProcessing {
    async fn handle(
        &self,
        mut envelope: Envelope,
        cx: &mut Context<S>,
        next: Next<S>,
    ) -> Result<Envelope, DispatchError> {
        if envelope.has::<ReceivedStamp>()
            && let Some(failed) = envelope.last::<SentToFailureTransportStamp>()
        {
            let transport_name = failed.original_receiver_name.as_str().into();
            envelope = envelope.with(ReceivedStamp { transport_name });
        }
        next.run(envelope, cx).await
    }

    fn name(&self) -> &'static str {
        "failed_message_processing_middleware"
    }
}
