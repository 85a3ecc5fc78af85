//! Failed messages: look at them, retry them, remove them, put them to the end of the queue.

use chrono::{DateTime, FixedOffset};
use thiserror::Error;

use crate::bus::Messenger;
use crate::context::Scope;
use crate::envelope::Envelope;
use crate::error::{DispatchError, TransportError};
use crate::stamp::{
    DelayStamp, ErrorDetailsStamp, RedeliveryStamp, SentToFailureTransportStamp,
    TransportMessageIdStamp,
};
use crate::worker::{Worker, WorkerError, WorkerOptions};

/// The messages of one failure transport.
pub struct FailedMessages<S: Scope> {
    messenger: Messenger<S>,
    transport: String,
}

/// Something cannot be done with failed messages.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FailedError {
    /// There is no such message.
    #[error("The message \"{id}\" was not found.")]
    NotFound {
        /// The id that was asked for.
        id: String,
    },
    /// Somebody is handling the message at this moment.
    #[error("The message \"{id}\" is being handled by a worker at this moment.")]
    InUse {
        /// The id that was asked for.
        id: String,
    },
    /// The transport cannot list its messages.
    #[error("The failure transport \"{0}\" does not support listing or showing specific messages.")]
    NotListable(String),
    /// There is no such transport, or no messages can be received from it.
    #[error(transparent)]
    Dispatch(#[from] DispatchError),
    /// The transport failed.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The transport cannot be worked on.
    #[error(transparent)]
    Worker(#[from] WorkerError),
}

/// What became of a message that was retried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retried {
    /// It was handled and is gone.
    Handled,
    /// It failed again.
    FailedAgain,
}

/// A failed message, as the console and the pages show it.
#[derive(Debug, Clone)]
pub struct FailedMessage {
    /// The message with all its stamps.
    pub envelope: Envelope,
}

impl FailedMessage {
    /// The transport's id.
    #[must_use]
    pub fn id(&self) -> String {
        self.envelope
            .last::<TransportMessageIdStamp>()
            .map(TransportMessageIdStamp::text)
            .unwrap_or_default()
    }

    /// The wire name.
    #[must_use]
    pub fn class(&self) -> &str {
        self.envelope.name()
    }

    /// When it failed last.
    #[must_use]
    pub fn failed_at(&self) -> Option<DateTime<FixedOffset>> {
        self.envelope.last::<RedeliveryStamp>().map(|stamp| stamp.redelivered_at)
    }

    /// When it was sent again, and at last set aside.
    pub fn history(&self) -> impl Iterator<Item = DateTime<FixedOffset>> {
        self.envelope.all::<RedeliveryStamp>().map(|stamp| stamp.redelivered_at)
    }

    /// The last error.
    #[must_use]
    pub fn error(&self) -> Option<&ErrorDetailsStamp> {
        self.envelope.last()
    }

    /// The transport on which it failed; `None` for a message that was sent here by routing.
    #[must_use]
    pub fn original_transport(&self) -> Option<&str> {
        let stamp = self.envelope.last::<SentToFailureTransportStamp>()?;
        Some(&stamp.original_receiver_name)
    }
}

impl<S: Scope> FailedMessages<S> {
    /// The messages of this transport.
    ///
    /// # Errors
    /// When there is no such transport or messages never wait in it.
    pub fn new(messenger: Messenger<S>, transport: &str) -> Result<Self, FailedError> {
        let found = messenger.transport(transport)?;
        if found.receiver().is_none() {
            return Err(WorkerError::NotReceivable(transport.to_owned()).into());
        }
        Ok(Self { messenger, transport: transport.to_owned() })
    }

    /// The transport's name.
    #[must_use]
    pub fn transport(&self) -> &str {
        &self.transport
    }

    /// How many messages wait; `None` if the transport cannot count.
    ///
    /// # Errors
    /// When the transport fails.
    pub async fn count(&self) -> Result<Option<u64>, FailedError> {
        let transport = self.messenger.transport(&self.transport)?;
        let receiver = transport.receiver().expect("checked when this was made");
        Ok(receiver.count().await?)
    }

    /// The messages, oldest first.
    ///
    /// # Errors
    /// When the transport cannot list, or fails.
    pub async fn all(&self, max: Option<usize>) -> Result<Vec<FailedMessage>, FailedError> {
        let transport = self.messenger.transport(&self.transport)?;
        let receiver = transport.receiver().expect("checked when this was made");
        let listed = receiver.all(max).await?;
        let listed = listed.ok_or_else(|| FailedError::NotListable(self.transport.clone()))?;
        Ok(listed.into_iter().map(|envelope| FailedMessage { envelope }).collect())
    }

    /// One message.
    ///
    /// # Errors
    /// When it is not there, or the transport fails.
    pub async fn find(&self, id: &str) -> Result<FailedMessage, FailedError> {
        let transport = self.messenger.transport(&self.transport)?;
        let receiver = transport.receiver().expect("checked when this was made");
        let found = receiver.find(id).await?;
        let envelope = found.ok_or_else(|| FailedError::NotFound { id: id.to_owned() })?;
        Ok(FailedMessage { envelope })
    }

    /// Handles one message again, as its original transport would.
    ///
    /// # Errors
    /// When it is not there, somebody else is handling it, or the transport fails.
    pub async fn retry(&self, id: &str) -> Result<Retried, FailedError> {
        let envelope = self.claim(id).await?;
        let options = WorkerOptions { limit: Some(1), ..WorkerOptions::default() };
        let worker = Worker::new(self.messenger.clone(), &[&self.transport], options)?;
        let failed = worker.handle_claimed(envelope).await;
        Ok(if failed { Retried::FailedAgain } else { Retried::Handled })
    }

    /// Removes one message for good.
    ///
    /// # Errors
    /// When it is not there, somebody is handling it, or the transport fails.
    pub async fn remove(&self, id: &str) -> Result<(), FailedError> {
        let envelope = self.claim(id).await?;
        let transport = self.messenger.transport(&self.transport)?;
        let receiver = transport.receiver().expect("checked when this was made");
        let mut cx = self.messenger.context(self.messenger.default_bus());
        if receiver.reject(&envelope, &mut cx).await? {
            return Ok(());
        }
        Err(FailedError::InUse { id: id.to_owned() })
    }

    /// Puts one message to the end of the queue; it gets a new id.
    ///
    /// # Errors
    /// When it is not there, somebody is handling it, or the transport fails.
    pub async fn skip(&self, id: &str) -> Result<(), FailedError> {
        let envelope = self.claim(id).await?;
        let original = FailedMessage { envelope: envelope.clone() };
        let original_receiver_name =
            original.original_transport().unwrap_or(&self.transport).to_owned();
        let copy = envelope
            .clone()
            .with(SentToFailureTransportStamp { original_receiver_name })
            .with(DelayStamp::millis(0));
        let transport = self.messenger.transport(&self.transport)?;
        let receiver = transport.receiver().expect("checked when this was made");
        let mut cx = self.messenger.context(self.messenger.default_bus());
        cx.begin().await?;
        let moved = async {
            transport.sender().send(copy, &mut cx).await?;
            Ok::<_, FailedError>(receiver.reject(&envelope, &mut cx).await?)
        };
        match moved.await {
            Ok(true) => Ok(cx.commit().await?),
            Ok(false) => {
                cx.rollback().await;
                Err(FailedError::InUse { id: id.to_owned() })
            }
            Err(error) => {
                cx.rollback().await;
                Err(error)
            }
        }
    }

    async fn claim(&self, id: &str) -> Result<Envelope, FailedError> {
        let transport = self.messenger.transport(&self.transport)?;
        let receiver = transport.receiver().expect("checked when this was made");
        if let Some(envelope) = receiver.claim_by_id(id).await? {
            return Ok(envelope);
        }
        let id = id.to_owned();
        match receiver.find(&id).await? {
            Some(_) => Err(FailedError::InUse { id }),
            None => Err(FailedError::NotFound { id }),
        }
    }
}
