//! What a worker takes over that was to be handled in another process.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Source;
use crate::context::HELD_BACK;
use crate::context::{Context, KeptInOutbox, Scope};
use crate::envelope::Envelope;
use crate::error::DispatchError;
use crate::messenger::Messenger;

/// How often a worker looks for it.
const LOOK: Duration = Duration::from_secs(5);

/// Where it is found, and when one of the slots looked last.
pub(super) struct HeldBackSource<S: Scope> {
    source: Source<S>,
    looked_at: Mutex<Option<Instant>>,
}

impl<S: Scope> HeldBackSource<S> {
    pub(super) fn of(messenger: &Messenger<S>) -> Result<Self, DispatchError> {
        let transport = messenger.transport(HELD_BACK)?;
        Ok(Self {
            source: Source { name: HELD_BACK.into(), transport, keeps_failures: false },
            looked_at: Mutex::default(),
        })
    }

    /// The source, if it is time to look.
    pub(super) fn due(&self) -> Option<Source<S>> {
        let mut looked_at = self.looked_at.lock().unwrap_or_else(PoisonError::into_inner);
        if looked_at.is_some_and(|at| at.elapsed() < LOOK) {
            return None;
        }
        *looked_at = Some(Instant::now());
        Some(self.source.clone())
    }

    /// There was something, and there may be more.
    pub(super) fn look_again(&self) {
        *self.looked_at.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// Whether this is the source of what was held back. What comes from there has never been sent: it
/// goes through its bus like a new message.
pub(super) fn is_source<S: Scope>(source: &Source<S>) -> bool {
    &*source.name == HELD_BACK
}

/// Takes a message that waited for another one and failed out of the outbox, where the root has kept
/// it: its fate is decided here. Says `false` if somebody else has it by now.
pub(super) async fn take_out<S: Scope>(
    cx: &mut Context<S>,
    envelope: &Envelope,
) -> Result<bool, DispatchError> {
    let Some(KeptInOutbox(entry)) = envelope.last() else { return Ok(true) };
    Ok(cx.scope.transactions().remove_from_outbox(entry.clone()).await?)
}

/// Makes sure that such a message is still ours, before its copy goes where nothing can be undone.
pub(super) async fn renew<S: Scope>(
    cx: &mut Context<S>,
    envelope: &mut Envelope,
) -> Result<bool, DispatchError> {
    let Some(KeptInOutbox(entry)) = envelope.last() else { return Ok(true) };
    let renewed = cx.scope.transactions().renew_in_outbox(entry).await?;
    let is_ours = renewed.is_some();
    if let Some(entry) = renewed {
        let without = envelope.clone().without::<KeptInOutbox>();
        *envelope = without.with(KeptInOutbox(entry));
    }
    Ok(is_ours)
}
