//! Sends a message to the transports it is routed to; a message without route goes on to its
//! handlers, and so does a received one.

use std::sync::Arc;

use async_trait::async_trait;
use tracing::info;

use super::{Middleware, Next};
use crate::context::{Context, Scope};
use crate::envelope::Envelope;
use crate::error::{DispatchError, TransportError};
use crate::listener::SendListener;
use crate::stamp::{ReceivedStamp, SentStamp, TransportMessageIdStamp};
use crate::transport::{Delivery, Transport};

pub(crate) struct SendMessage {
    pub(crate) allow_no_senders: bool,
    pub(crate) listeners: Vec<Arc<dyn SendListener>>,
}

#[async_trait]
impl<S: Scope> Middleware<S> for SendMessage {
    async fn handle(
        &self,
        mut envelope: Envelope,
        cx: &mut Context<S>,
        next: Next<S>,
    ) -> Result<Envelope, DispatchError> {
        if envelope.has::<ReceivedStamp>() {
            let (class, id) = (envelope.name(), envelope.last::<TransportMessageIdStamp>());
            let message_id = id.map(TransportMessageIdStamp::text);
            info!(target: "messenger", class, message_id, "Received message {class}");
            return next.run(envelope, cx).await;
        }
        let names = cx.messenger().route(&envelope);
        if names.is_empty() {
            if self.allow_no_senders {
                return next.run(envelope, cx).await;
            }
            return Err(DispatchError::NoSender { message: envelope.name().to_owned() });
        }
        let mut transports = Vec::with_capacity(names.len());
        for name in &names {
            transports.push(cx.messenger().transport(name)?);
        }
        for listener in &self.listeners {
            envelope = listener.before_send(envelope, &names);
        }
        for (alias, transport) in names.into_iter().zip(transports) {
            envelope = send(envelope, alias, &*transport, cx).await?;
        }
        Ok(envelope)
    }

    fn name(&self) -> &'static str {
        "send_message"
    }
}

async fn send<S: Scope>(
    envelope: Envelope,
    alias: Arc<str>,
    transport: &dyn Transport<S>,
    cx: &mut Context<S>,
) -> Result<Envelope, DispatchError> {
    let (class, sender) = (envelope.name(), transport.class());
    info!(
        target: "messenger", class, alias = &*alias, sender,
        "Sending message {class} with {alias} sender using {sender}"
    );
    let envelope =
        envelope.with(SentStamp { sender_class: sender, sender_alias: Arc::clone(&alias) });
    let sender = transport.sender();
    let is_outside = sender.delivery() != Delivery::InProcess && !sender.joins(&mut cx.scope);
    if cx.is_capturing() && is_outside {
        let message = cx.messenger().codec_of(sender).encode(&envelope);
        cx.send_after_commit(&alias, message.map_err(TransportError::from)?).await?;
        return Ok(envelope);
    }
    sender.send(envelope, cx).await
}
