//! What a slot claims from a transport: as much as it may and will handle at once.

use std::sync::Arc;

use tracing::{error, info};

use super::round::Slot;
use super::{Source, WorkerEvent};
use crate::context::Scope;
use crate::envelope::Envelope;
use crate::error::TransportError;
use crate::rate_limit::RateLimit;
use crate::transport::Fetch;

impl<S: Scope> Slot<S> {
    /// Claims what is worth it; nothing if the transport is to be left alone for now.
    pub(super) async fn claim(&mut self, source: &Source<S>) -> Vec<Envelope> {
        if self.is_resting(&source.name) || self.is_set_aside(source) {
            return Vec::new();
        }
        let wanted = self.worth_claiming.get(&source.name).copied().unwrap_or(1);
        let max = self.shared.limits.reserve(wanted.min(self.shared.options.fetch_size.max(1)));
        let Some(receiver) = source.transport.receiver() else { return Vec::new() };
        // Only what may be handled now is claimed: the rest is for others, and nothing waits here.
        let allowed = self.within_rate_limit(source, max);
        self.shared.limits.give_back(max - allowed);
        if allowed == 0 {
            return Vec::new();
        }
        let fetch = Fetch { max: allowed, queues: &self.shared.options.queues };
        match receiver.get(&fetch).await {
            Ok(envelopes) => {
                self.outages.worked(&source.name);
                let envelopes = match source.keeps_failures {
                    true => self.shared.set_aside.new_ones(source, envelopes, self.now()).await,
                    false => envelopes,
                };
                self.give_back(source, allowed.saturating_sub(envelopes.len()));
                envelopes
            }
            Err(problem) => {
                self.give_back(source, allowed);
                self.unreachable(&source.name, &problem);
                Vec::new()
            }
        }
    }

    /// Leaves a transport alone for a while whose storage cannot be reached.
    pub(super) fn unreachable(&mut self, transport: &Arc<str>, problem: &TransportError) {
        self.outages.failed(transport, self.now());
        let transport = &**transport;
        error!(target: "messenger", transport, "Could not receive from \"{transport}\": {problem}");
    }

    /// How many messages the rate limit of a transport lets be handled now, at most so many. Their
    /// places are taken.
    fn within_rate_limit(&mut self, source: &Source<S>, wanted: usize) -> usize {
        let Some(limit) = self.rate_limit(source) else { return wanted };
        for _ in 0..2 {
            let wait = match limit.take_up_to(wanted, self.now()) {
                Ok(taken) => {
                    self.limited.remove(&source.name);
                    return taken;
                }
                Err(wait) => wait,
            };
            if self.limited.insert(Arc::clone(&source.name), wait).is_some() {
                break;
            }
            let receiver = &*source.name;
            info!(target: "messenger", transport = receiver, "Transport {receiver} is being rate limited, waiting for a place");
            // Whoever hears of it may have reset the limit.
            self.shared.emit(&mut WorkerEvent::RateLimited { receiver, wait });
        }
        0
    }

    /// Messages that were asked for are not handled.
    pub(super) fn give_back(&self, source: &Source<S>, unused: usize) {
        self.shared.limits.give_back(unused);
        if let Some(limit) = self.rate_limit(source) {
            limit.give_back(unused);
        }
    }

    fn rate_limit(&self, source: &Source<S>) -> Option<RateLimit> {
        self.shared.messenger.configured(&source.name).ok()?.rate_limit.clone()
    }

    pub(super) fn is_set_aside(&self, source: &Source<S>) -> bool {
        source.keeps_failures && self.shared.set_aside.is_resting(&source.name, self.now())
    }
}
