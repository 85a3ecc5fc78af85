//! Messages that are written as the last step of a transaction, and those that a broker is given
//! right after it.

use super::{Context, Scope};
use crate::codec::Encoded;
use crate::context::{OutboxEntry, OutboxMessage};
use crate::envelope::Envelope;
use crate::error::{DelayedFailure, DispatchError};
use crate::messenger::Messenger;

/// A message that this process sends itself once the transaction has committed.
pub(super) struct ToSend {
    /// Its place in the outbox; `None` if the scope has none.
    entry: Option<OutboxEntry>,
    transport: String,
    message: Encoded,
}

impl<S: Scope> Context<S> {
    /// Writes what waits, as the last step of the transaction: to its transport if it is routed to
    /// one, otherwise to the outbox, which keeps it until it is handled here.
    pub(super) async fn capture(&mut self) -> Result<(), DispatchError> {
        let mut index = self.held_back_before_transaction;
        while let Some(item) = self.held_back.as_ref().and_then(|queue| queue.get(index)) {
            if !self.messenger.is_sent_away(&item.envelope) {
                self.keep(index).await?;
                index += 1;
                continue;
            }
            let item = self.held_back.as_mut().and_then(|queue| queue.remove(index));
            let item = item.expect("the item was found at this index");
            self.capturing = true;
            let result = self.run(item).await;
            self.capturing = false;
            result?;
        }
        Ok(())
    }

    /// Keeps a message until the transaction that is being completed has committed: in the
    /// outbox of the scope if it has one, otherwise only in memory.
    pub(crate) async fn send_after_commit(
        &mut self,
        transport: &str,
        message: Encoded,
    ) -> Result<(), DispatchError> {
        let entry = self.scope.transactions().store_in_outbox(transport, message.clone()).await?;
        self.outbox.push(ToSend { entry, transport: transport.to_owned(), message });
        Ok(())
    }

    /// Whether messages are being written as the last step of a transaction.
    pub(crate) fn is_capturing(&self) -> bool {
        self.capturing
    }

    /// Sends what waited for the commit. What cannot be sent now stays in the outbox: a worker
    /// sends it later. Without an outbox it is given back as a failure.
    pub(super) async fn send_outbox(&mut self) -> Vec<DelayedFailure> {
        let mut failures = Vec::new();
        for ToSend { entry, transport, message } in std::mem::take(&mut self.outbox) {
            let sent = self.send_from_outbox(&transport, message.clone()).await;
            match (sent, entry) {
                (Ok(()), None) => {}
                (Ok(()), Some(entry)) => self.remove_from_outbox(entry).await,
                (Err(error), None) => {
                    let envelope = self.decode_for(&transport, message);
                    failures.push(DelayedFailure { envelope, error });
                }
                (Err(error), Some(_)) => tracing::warn!(
                    target: "messenger", %error, transport,
                    "Could not send a message to \"{transport}\"; a worker will send it from the outbox: {error}"
                ),
            }
        }
        failures
    }

    pub(super) async fn remove_from_outbox(&mut self, entry: OutboxEntry) {
        if let Err(error) = self.scope.transactions().remove_from_outbox(entry).await {
            tracing::warn!(
                target: "messenger", %error,
                "A message may be sent or handled twice: {error}"
            );
        }
    }

    /// Sends a message that was kept in the outbox to its transport.
    pub(crate) async fn send_from_outbox(
        &mut self,
        transport: &str,
        message: Encoded,
    ) -> Result<(), DispatchError> {
        let envelope = self.decode_for(transport, message);
        let transport = self.messenger.transport(transport)?;
        transport.sender().send(envelope, self).await.map(|_| ())
    }

    /// Reads a message that was written for this transport.
    fn decode_for(&self, transport: &str, message: Encoded) -> Envelope {
        match self.messenger.transport(transport) {
            Ok(transport) => self.messenger.codec_of(transport.sender()).decode(message),
            Err(_) => self.messenger.codec().decode(message),
        }
    }
}

impl<S: Scope> Messenger<S> {
    /// Sends what processes that died left in the outbox of the scope; gives how many messages
    /// were sent. What cannot be sent stays for the next time.
    ///
    /// # Errors
    /// When the outbox cannot be read.
    pub async fn sweep_outbox(&self, max: usize) -> Result<usize, DispatchError> {
        let mut cx = self.context(self.default_bus());
        let claimed = cx.scope.transactions().claim_outbox(max).await?;
        let mut sent = 0;
        for OutboxMessage { entry, transport, message, .. } in claimed {
            if let Err(error) = cx.send_from_outbox(&transport, message).await {
                tracing::warn!(
                    target: "messenger", transport,
                    "Could not send a message from the outbox to \"{transport}\": {error}"
                );
                continue;
            }
            cx.scope.transactions().remove_from_outbox(entry).await?;
            sent += 1;
        }
        Ok(sent)
    }
}
