//! Failed messages: look at them, retry them, remove them, put them to the end of the queue.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, FixedOffset};
use thiserror::Error;

use crate::context::Scope;
use crate::envelope::Envelope;
use crate::error::{DispatchError, TransportError};
use crate::messenger::Messenger;
use crate::stamp::{
    DelayStamp, ErrorDetailsStamp, HistoryLeftOutStamp, QueueStateStamp, RedeliveryStamp,
    SentToFailureTransportStamp, TransportMessageIdStamp,
};
use crate::worker::{Worker, WorkerError, WorkerEvent, WorkerOptions};

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Retried {
    /// It was handled and is gone.
    Handled,
    /// It failed again, and is in the failure transport as before.
    FailedAgain {
        /// Its new id.
        id: String,
        /// Why it failed.
        error: String,
    },
    /// It failed, and was dropped on purpose: that was counted.
    Dropped,
    /// It could not be settled, for example because the storage failed meanwhile: it is where it
    /// was, and the log says why.
    LeftAlone,
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

    /// How many entries of [`history`](Self::history) were left out, after the first.
    #[must_use]
    pub fn history_left_out(&self) -> u32 {
        self.envelope.last::<HistoryLeftOutStamp>().map_or(0, |stamp| stamp.failures)
    }

    /// How long until it is due; zero if it is, or if the transport does not know.
    #[must_use]
    pub fn due_in(&self) -> Duration {
        self.envelope.last::<QueueStateStamp>().map_or(Duration::ZERO, |state| state.due_in)
    }

    /// Whether somebody is handling it.
    #[must_use]
    pub fn is_in_hand(&self) -> bool {
        self.envelope.last::<QueueStateStamp>().is_some_and(|state| state.in_hand)
    }

    /// The transport on which it failed; `None` for a message that was sent here by routing.
    #[must_use]
    pub fn original_transport(&self) -> Option<&str> {
        let stamp = self.envelope.last::<SentToFailureTransportStamp>()?;
        Some(&stamp.original_receiver_name)
    }
}

impl<S: Scope> Messenger<S> {
    /// Whether failed messages are kept in this transport, whichever they come from.
    #[must_use]
    pub fn is_failure_transport(&self, name: &str) -> bool {
        let mut transports = self.transports().values();
        transports.any(|transport| transport.failure_transport.as_deref() == Some(name))
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

    /// How many messages there are, due or not; `None` if the transport cannot count.
    ///
    /// # Errors
    /// When the transport fails.
    pub async fn count(&self) -> Result<Option<u64>, FailedError> {
        let transport = self.messenger.transport(&self.transport)?;
        let receiver = transport.receiver().expect("checked when this was made");
        Ok(receiver.waiting().await?.map(|waiting| waiting.total()))
    }

    /// The messages, due or not, oldest first.
    ///
    /// # Errors
    /// When the transport cannot list, or fails.
    pub async fn all(&self, max: Option<usize>) -> Result<Vec<FailedMessage>, FailedError> {
        let transport = self.messenger.transport(&self.transport)?;
        let receiver = transport.receiver().expect("checked when this was made");
        let listed = receiver.list(max).await?;
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

    /// Handles one message again, as its original transport would. If it fails again, it goes back
    /// into the failure transport, at once and however often.
    ///
    /// # Errors
    /// When it is not there, somebody else is handling it, or the transport fails.
    pub async fn retry(&self, id: &str) -> Result<Retried, FailedError> {
        let envelope = self.claim(id).await?;
        let options = WorkerOptions { limit: Some(1), ..WorkerOptions::default() };
        let outcome = Arc::new(Mutex::new(Retried::LeftAlone));
        let told = Arc::clone(&outcome);
        let worker = Worker::new(self.messenger.clone(), &[&self.transport], options)?;
        let worker = worker.listener(move |event: &mut WorkerEvent<'_>| {
            if let Some(became) = outcome_of(event) {
                *told.lock().unwrap_or_else(PoisonError::into_inner) = became;
            }
        });
        worker.handle_claimed(envelope).await;
        let outcome = outcome.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(outcome.clone())
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
            .with_limited_history(SentToFailureTransportStamp { original_receiver_name })
            .with_limited_history(DelayStamp::millis(0));
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

fn outcome_of(event: &WorkerEvent<'_>) -> Option<Retried> {
    match event {
        WorkerEvent::MessageHandled { .. } => Some(Retried::Handled),
        WorkerEvent::MessageDropped { .. } => Some(Retried::Dropped),
        WorkerEvent::MessageKept { envelope, .. } => {
            let kept = FailedMessage { envelope: (*envelope).clone() };
            let error = kept.error().map(|error| error.exception_message.clone());
            Some(Retried::FailedAgain { id: kept.id(), error: error.unwrap_or_default() })
        }
        _ => None,
    }
}
