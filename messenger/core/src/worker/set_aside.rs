//! Messages that this worker has put back into a failure transport: it does not take them up again
//! at once, or it would do nothing else.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tracing::{info, warn};

use super::Source;
use super::failure_log::id;
use crate::context::Scope;
use crate::envelope::Envelope;

/// How long a failure transport rests once all that is left in it has failed here.
const REST: Duration = Duration::from_secs(60);

/// What was put back by any slot of a worker.
#[derive(Debug, Default)]
pub(super) struct SetAside(Mutex<HashMap<Arc<str>, Aside>>);

#[derive(Debug, Default)]
struct Aside {
    ids: HashSet<String>,
    /// Since when the transport rests, by [`Clock::elapsed`](crate::clock::Clock::elapsed).
    rests_since: Option<Duration>,
}

impl SetAside {
    /// The message was put back.
    pub(super) fn add(&self, transport: &Arc<str>, kept: &Envelope) {
        if let Some(id) = id(kept) {
            self.with(transport, |aside| aside.ids.insert(id));
        }
    }

    /// Whether the transport is left alone for now.
    pub(super) fn is_resting(&self, transport: &Arc<str>, now: Duration) -> bool {
        self.with(transport, |aside| {
            let is_resting =
                aside.rests_since.is_some_and(|since| now.saturating_sub(since) < REST);
            if !is_resting && aside.rests_since.is_some() {
                *aside = Aside::default();
            }
            is_resting
        })
    }

    /// Of messages that were claimed, those that are new to this worker. The others are given back;
    /// to come across one of them means to have been through the transport, which then rests.
    pub(super) async fn new_ones<S: Scope>(
        &self,
        source: &Source<S>,
        claimed: Vec<Envelope>,
        now: Duration,
    ) -> Vec<Envelope> {
        let (again, new): (Vec<_>, Vec<_>) = self.with(&source.name, |aside| {
            let is_known =
                |envelope: &Envelope| id(envelope).is_some_and(|id| aside.ids.contains(&id));
            claimed.into_iter().partition(is_known)
        });
        if again.is_empty() {
            return new;
        }
        self.with(&source.name, |aside| aside.rests_since = Some(now));
        let transport = &*source.name;
        info!(
            target: "messenger", transport,
            "What is left in the failure transport \"{transport}\" has failed again; it is tried again in {} s.",
            REST.as_secs()
        );
        if let Some(receiver) = source.transport.receiver()
            && let Err(error) = receiver.release(&again, Duration::ZERO).await
        {
            warn!(
                target: "messenger", transport,
                "Could not give back messages of \"{transport}\"; they come back when their lease ends: {error}"
            );
        }
        new
    }

    fn with<T>(&self, transport: &Arc<str>, work: impl FnOnce(&mut Aside) -> T) -> T {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        work(all.entry(Arc::clone(transport)).or_default())
    }
}
