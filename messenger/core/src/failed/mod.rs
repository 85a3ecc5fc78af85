//! Failed messages: look at them, retry them, remove them, put them to the end of the queue.

mod message;

use std::sync::{Arc, Mutex, PoisonError};
use thiserror::Error;

use crate::context::Scope;
use crate::envelope::Envelope;
use crate::error::{DispatchError, TransportError};
use crate::messenger::Messenger;
use crate::stamp::{DelayStamp, SentToFailureTransportStamp};
use crate::transport::ById;
use crate::worker::{Worker, WorkerError, WorkerEvent, WorkerOptions};

pub use message::FailedMessage;

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
    /// The transport can do something only with whichever message is next.
    #[error("The failure transport \"{transport}\" cannot {what} a specific message.")]
    NotById {
        /// Its name.
        transport: String,
        /// What was asked: "retry", "remove".
        what: &'static str,
    },
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
        let Some(counting) = receiver.message_count() else { return Ok(None) };
        Ok(Some(counting.count().await?.total()))
    }

    /// The messages, due or not, oldest first.
    ///
    /// # Errors
    /// When the transport cannot list, or fails.
    pub async fn all(&self, max: Option<usize>) -> Result<Vec<FailedMessage>, FailedError> {
        let transport = self.messenger.transport(&self.transport)?;
        let receiver = transport.receiver().expect("checked when this was made");
        let listable = receiver.listable();
        let listable = listable.ok_or_else(|| FailedError::NotListable(self.transport.clone()))?;
        let listed = listable.all(max).await?;
        Ok(listed.into_iter().map(|envelope| FailedMessage { envelope }).collect())
    }

    /// One message.
    ///
    /// # Errors
    /// When it is not there, or the transport cannot find, or fails.
    pub async fn find(&self, id: &str) -> Result<FailedMessage, FailedError> {
        let transport = self.messenger.transport(&self.transport)?;
        let receiver = transport.receiver().expect("checked when this was made");
        let listable = receiver.listable();
        let listable = listable.ok_or_else(|| FailedError::NotListable(self.transport.clone()))?;
        let found = listable.find(id).await?;
        let envelope = found.ok_or_else(|| FailedError::NotFound { id: id.to_owned() })?;
        Ok(FailedMessage { envelope })
    }

    /// Handles one message again, as its original transport would. If it fails again, it goes back
    /// into the failure transport, at once and however often.
    ///
    /// # Errors
    /// When it is not there, somebody else is handling it, or the transport cannot hand it out, or
    /// fails.
    pub async fn retry(&self, id: &str) -> Result<Retried, FailedError> {
        let envelope = self.claim(id, "retry").await?;
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
    /// When it is not there, somebody is handling it, or the transport cannot pick it out, or fails.
    pub async fn remove(&self, id: &str) -> Result<(), FailedError> {
        let transport = self.messenger.transport(&self.transport)?;
        let receiver = transport.receiver().expect("checked when this was made");
        let removable = receiver.removable().ok_or_else(|| self.not_by_id("remove"))?;
        done(removable.remove(id).await?, id)
    }

    /// Puts one message to the end of the queue; it gets a new id.
    ///
    /// # Errors
    /// When it is not there, somebody is handling it, or the transport cannot pick it out, or fails.
    pub async fn skip(&self, id: &str) -> Result<(), FailedError> {
        let envelope = self.claim(id, "skip").await?;
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
        if !transport.sender().joins(&mut cx.scope) {
            // The order of a retry: the original goes when its copy is stored, without a transaction.
            transport.sender().send(copy, &mut cx).await?;
            let was_ours = receiver.reject(&envelope, &mut cx).await?;
            return was_ours.then_some(()).ok_or_else(|| FailedError::InUse { id: id.to_owned() });
        }
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

    async fn claim(&self, id: &str, what: &'static str) -> Result<Envelope, FailedError> {
        let transport = self.messenger.transport(&self.transport)?;
        let receiver = transport.receiver().expect("checked when this was made");
        let claimable = receiver.claimable().ok_or_else(|| self.not_by_id(what))?;
        done(claimable.claim(id).await?, id)
    }

    fn not_by_id(&self, what: &'static str) -> FailedError {
        FailedError::NotById { transport: self.transport.clone(), what }
    }
}

fn done<T>(outcome: ById<T>, id: &str) -> Result<T, FailedError> {
    match outcome {
        ById::Done(done) => Ok(done),
        ById::Held => Err(FailedError::InUse { id: id.to_owned() }),
        ById::Absent => Err(FailedError::NotFound { id: id.to_owned() }),
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
