//! Transports whose storage cannot be reached: each rests, longer after every failure, while the
//! others are served.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// The first rest is twice this.
const SHORTEST_REST: Duration = Duration::from_millis(100);
/// What is back is noticed after this time at the latest.
const LONGEST_REST: Duration = Duration::from_secs(5);

/// The transports that rest.
#[derive(Debug, Default)]
pub(super) struct Outages(HashMap<Arc<str>, Outage>);

#[derive(Debug)]
struct Outage {
    failures: u32,
    /// By [`Clock::elapsed`](crate::clock::Clock::elapsed), as every time here.
    ends_at: Duration,
}

impl Outages {
    /// The storage could not be reached.
    pub(super) fn failed(&mut self, transport: &Arc<str>, now: Duration) {
        let outage = Outage { failures: 0, ends_at: now };
        let outage = self.0.entry(Arc::clone(transport)).or_insert(outage);
        outage.failures = outage.failures.saturating_add(1);
        let rest = SHORTEST_REST.saturating_mul(2_u32.saturating_pow(outage.failures));
        outage.ends_at = now.saturating_add(rest.min(LONGEST_REST));
    }

    /// The storage was reached.
    pub(super) fn worked(&mut self, transport: &str) {
        self.0.remove(transport);
    }

    /// Whether the transport is to be left alone for now.
    pub(super) fn is_resting(&self, transport: &str, now: Duration) -> bool {
        self.0.get(transport).is_some_and(|outage| now < outage.ends_at)
    }

    /// How long until the first of those that rest may be tried again.
    pub(super) fn next_end(&self, now: Duration) -> Option<Duration> {
        let resting = self.0.values().filter(|outage| now < outage.ends_at);
        resting.map(|outage| outage.ends_at.saturating_sub(now)).min()
    }
}
