//! Carries out what becomes of a message that failed. It cannot lose: a copy is stored and confirmed
//! before the original goes.
//!
//! What is in the database of the scope goes together, in one transaction. No other store is waited
//! for while that is open: it would hold locks as long as the network pleases, and what was sent
//! there could not be undone with it.
//!
//! | from \ to | the scope's database | another store |
//! | --- | --- | --- |
//! | the scope's database | one transaction: copy, removal | the lease is renewed, copy; then a transaction: removal |
//! | another store | a transaction: copy; then the removal | the lease is renewed, copy; then the removal |
//!
//! What is counted and told to [`GivenUpListener`](crate::GivenUpListener)s is in the transaction. A
//! lease that is lost after a copy was stored gives the message twice.

use std::slice::from_ref;
use std::sync::Arc;
use std::time::Duration;

use tracing::{error, info, warn};

use super::{Shared, Source, held_back};
use crate::context::{Context, Scope};
use crate::envelope::Envelope;
use crate::error::{DispatchError, TransportError};
use crate::transport::{Receiver, Transport};

/// How long a message rests that could be neither sent again nor kept.
const REST: Duration = Duration::from_secs(5);

/// What is done with one failed message.
pub(super) enum Fate {
    Retry(Envelope),
    Keep { envelope: Envelope, failure_transport: String },
    Drop(Envelope),
}

/// What became of the copies, as they were sent or dropped.
#[derive(Default)]
pub(super) struct Settled {
    pub(super) retried: Vec<Envelope>,
    pub(super) kept: Vec<Envelope>,
    pub(super) dropped: Vec<Envelope>,
}

/// A fate, and its copy if that was sent before the transaction.
struct Planned {
    fate: Fate,
    sent: Option<Envelope>,
}

impl Fate {
    fn envelope(&self) -> &Envelope {
        match self {
            Self::Retry(envelope) | Self::Keep { envelope, .. } | Self::Drop(envelope) => envelope,
        }
    }

    fn envelope_mut(&mut self) -> &mut Envelope {
        match self {
            Self::Retry(envelope) | Self::Keep { envelope, .. } | Self::Drop(envelope) => envelope,
        }
    }

    /// Where the copy goes; `None` if there is none.
    fn target<S: Scope>(
        &self,
        cx: &Context<S>,
        source: &Source<S>,
    ) -> Result<Option<Arc<dyn Transport<S>>>, DispatchError> {
        match self {
            Self::Retry(_) => Ok(Some(Arc::clone(&source.transport))),
            Self::Keep { failure_transport, .. } => {
                cx.messenger().transport(failure_transport).map(Some)
            }
            Self::Drop(_) => Ok(None),
        }
    }
}

/// Carries out these fates of a message. Nothing is settled if somebody else has it; `None`: it rests
/// where it is.
pub(super) async fn carry_out<S: Scope>(
    shared: &Shared<S>,
    source: &Source<S>,
    received: &Envelope,
    fates: Vec<Fate>,
) -> Option<Settled> {
    let mut cx = shared.messenger.context(shared.messenger.default_bus());
    let joins = source.transport.sender().joins(&mut cx.scope);
    let settled = match store(&mut cx, source, received, fates, joins).await {
        Ok(Some(settled)) => settled,
        Ok(None) => {
            // Somebody else has the message now: its copies are theirs to make.
            let class = received.name();
            warn!(target: "messenger", class, "The lease of {class} was lost; its failure is ignored.");
            return Some(Settled::default());
        }
        Err(error) => {
            let (class, transport) = (received.name(), &*source.name);
            error!(
                target: "messenger", class, transport,
                "Message {class} could be neither sent again nor kept; it stays in \"{transport}\" and rests for {} s: {error}",
                REST.as_secs()
            );
            release(source, received).await;
            return None;
        }
    };
    if joins { Some(settled) } else { remove(&mut cx, source, received, settled).await }
}

/// Stores the copies, and counts what is dropped; removes the original as well if it can join.
/// `None` if the lease was lost.
async fn store<S: Scope>(
    cx: &mut Context<S>,
    source: &Source<S>,
    received: &Envelope,
    fates: Vec<Fate>,
    joins: bool,
) -> Result<Option<Settled>, DispatchError> {
    let Some(planned) = send_outside(cx, source, received, fates).await? else { return Ok(None) };
    cx.begin().await?;
    match store_inside(cx, source, received, planned, joins).await {
        Ok(Some(settled)) => cx.commit().await.map(|()| Some(settled)),
        Ok(None) => {
            cx.rollback().await;
            Ok(None)
        }
        Err(error) => {
            cx.rollback().await;
            Err(error)
        }
    }
}

/// Sends the copies that cannot join the transaction, before it begins. `None` if the lease was lost.
async fn send_outside<S: Scope>(
    cx: &mut Context<S>,
    source: &Source<S>,
    received: &Envelope,
    fates: Vec<Fate>,
) -> Result<Option<Vec<Planned>>, DispatchError> {
    let mut planned = Vec::with_capacity(fates.len());
    let mut is_ours = false;
    for mut fate in fates {
        let target = fate.target(cx, source)?;
        let Some(target) = target.filter(|target| !target.sender().joins(&mut cx.scope)) else {
            planned.push(Planned { fate, sent: None });
            continue;
        };
        is_ours = is_ours || is_still_ours(source, received).await?;
        if !is_ours {
            return Ok(None);
        }
        if held_back::renew(cx, fate.envelope_mut()).await? {
            let sent = Some(send(cx, &fate, &*target).await?);
            planned.push(Planned { fate, sent });
        }
    }
    Ok(Some(planned))
}

/// Whether the message is still ours, and will be for as long as its lease lasts.
async fn is_still_ours<S: Scope>(
    source: &Source<S>,
    received: &Envelope,
) -> Result<bool, TransportError> {
    let receiver = receiver(source);
    if receiver.lease().is_some() {
        receiver.keepalive(from_ref(received)).await?;
    }
    Ok(receiver.holds(received))
}

/// What is done in one transaction. `None` if the lease was lost.
async fn store_inside<S: Scope>(
    cx: &mut Context<S>,
    source: &Source<S>,
    received: &Envelope,
    planned: Vec<Planned>,
    joins: bool,
) -> Result<Option<Settled>, DispatchError> {
    let mut settled = Settled::default();
    for Planned { fate, sent } in planned {
        if !held_back::take_out(cx, fate.envelope()).await? {
            continue;
        }
        let copy = match (sent, fate.target(cx, source)?) {
            (None, Some(target)) => Some(send(cx, &fate, &*target).await?),
            (sent, _) => sent,
        };
        match fate {
            Fate::Retry(_) => settled.retried.extend(copy),
            Fate::Keep { envelope, .. } => {
                tell_given_up(cx, &envelope).await?;
                settled.kept.extend(copy);
            }
            Fate::Drop(envelope) => {
                tell_given_up(cx, &envelope).await?;
                cx.scope.transactions().count_discard(envelope.name(), &source.name).await?;
                settled.dropped.push(envelope);
            }
        }
    }
    if joins && !receiver(source).reject(received, cx).await? {
        return Ok(None);
    }
    Ok(Some(settled))
}

async fn send<S: Scope>(
    cx: &mut Context<S>,
    fate: &Fate,
    target: &dyn Transport<S>,
) -> Result<Envelope, DispatchError> {
    let envelope = fate.envelope().clone();
    if let Fate::Keep { failure_transport, .. } = fate {
        let (class, sender) = (envelope.name(), target.class());
        info!(
            target: "messenger", class,
            "Rejected message {class} will be sent to the failure transport \"{failure_transport}\""
        );
        info!(
            target: "messenger", class, alias = failure_transport, sender,
            "Sending message {class} with {failure_transport} sender using {sender}"
        );
    }
    target.sender().send(envelope, cx).await
}

async fn tell_given_up<S: Scope>(
    cx: &mut Context<S>,
    envelope: &Envelope,
) -> Result<(), DispatchError> {
    let messenger = cx.messenger().clone();
    for listener in messenger.given_up_listeners() {
        listener.given_up(envelope, cx).await?;
    }
    Ok(())
}

/// Removes the original whose copies are stored, from where that cannot join a transaction.
async fn remove<S: Scope>(
    cx: &mut Context<S>,
    source: &Source<S>,
    received: &Envelope,
    settled: Settled,
) -> Option<Settled> {
    let (class, transport) = (received.name(), &*source.name);
    match receiver(source).reject(received, cx).await {
        Ok(true) => Some(settled),
        Ok(false) => {
            warn!(
                target: "messenger", class,
                "The lease of {class} was lost after its failure was settled: it may come twice."
            );
            Some(Settled::default())
        }
        Err(error) => {
            error!(
                target: "messenger", class, transport,
                "Message {class} has failed and is settled, but could not be removed from \"{transport}\"; it rests for {} s and comes twice: {error}",
                REST.as_secs()
            );
            release(source, received).await;
            None
        }
    }
}

async fn release<S: Scope>(source: &Source<S>, received: &Envelope) {
    if let Err(error) = receiver(source).release(from_ref(received), REST).await {
        let transport = &*source.name;
        warn!(
            target: "messenger", transport,
            "Could not give back a message of \"{transport}\"; it comes back when its lease ends: {error}"
        );
    }
}

fn receiver<S: Scope>(source: &Source<S>) -> &dyn Receiver<S> {
    source.transport.receiver().expect("the worker received from it")
}
