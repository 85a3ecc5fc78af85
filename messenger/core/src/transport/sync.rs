//! `sync://`: messages do not wait, they are handled at once.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Delivery, Receiver, Sender, Transport, TransportFactory, TransportRequest};
use crate::config::Problem;
use crate::config::options::OptionSpec;
use crate::context::{Context, Scope};
use crate::envelope::Envelope;
use crate::error::DispatchError;
use crate::stamp::{ReceivedStamp, SentStamp};

/// Dispatches a message again, as received, within the running dispatch: in its transaction, and
/// with its list of messages that wait. A `DelayStamp` is ignored, as in Symfony.
#[derive(Debug, Default)]
pub struct SyncTransport;

#[async_trait]
impl<S: Scope> Transport<S> for SyncTransport {
    fn class(&self) -> &'static str {
        "SyncTransport"
    }

    fn sender(&self) -> &dyn Sender<S> {
        self
    }

    fn receiver(&self) -> Option<&dyn Receiver<S>> {
        None
    }
}

#[async_trait]
impl<S: Scope> Sender<S> for SyncTransport {
    async fn send(
        &self,
        envelope: Envelope,
        cx: &mut Context<S>,
    ) -> Result<Envelope, DispatchError> {
        let alias = envelope.last::<SentStamp>().map(|sent| sent.sender_alias.clone());
        let transport_name = alias.unwrap_or_else(|| "sync".into());
        let envelope = envelope.with(ReceivedStamp { transport_name });
        let bus = cx.messenger().bus_of(&envelope);
        cx.dispatch_again(bus, envelope).await
    }

    fn delivery(&self) -> Delivery {
        Delivery::InProcess
    }
}

/// Makes `sync://` transports.
#[derive(Debug, Default)]
pub struct SyncFactory;

impl<S: Scope> TransportFactory<S> for SyncFactory {
    fn schemes(&self) -> &'static [&'static str] {
        &["sync"]
    }

    fn options(&self) -> &'static [OptionSpec] {
        &[]
    }

    fn passes_over_foreign_options(&self) -> bool {
        true
    }

    fn create(&self, _: TransportRequest<'_>) -> Result<Arc<dyn Transport<S>>, Vec<Problem>> {
        Ok(Arc::new(SyncTransport))
    }
}
