//! Transports whose storage cannot be reached: each rests, longer after every failure, while the
//! others are served.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

/// The first rest is twice this.
const SHORTEST_REST: Duration = Duration::from_millis(100);
const LONGEST_REST: Duration = Duration::from_secs(10);

/// The transports that rest.
#[derive(Debug, Default)]
pub(super) struct Outages(HashMap<Arc<str>, Outage>);

#[derive(Debug)]
struct Outage {
    failures: u32,
    ends_at: DateTime<Utc>,
}

impl Outages {
    /// The storage could not be reached.
    pub(super) fn failed(&mut self, transport: &Arc<str>, now: DateTime<Utc>) {
        let outage = Outage { failures: 0, ends_at: now };
        let outage = self.0.entry(Arc::clone(transport)).or_insert(outage);
        outage.failures = outage.failures.saturating_add(1);
        let rest = SHORTEST_REST.saturating_mul(2_u32.saturating_pow(outage.failures));
        outage.ends_at = now + rest.min(LONGEST_REST);
    }

    /// The storage was reached.
    pub(super) fn worked(&mut self, transport: &str) {
        self.0.remove(transport);
    }

    /// Whether the transport is to be left alone for now.
    pub(super) fn is_resting(&self, transport: &str, now: DateTime<Utc>) -> bool {
        self.0.get(transport).is_some_and(|outage| now < outage.ends_at)
    }

    /// How long until the first of those that rest may be tried again.
    pub(super) fn next_end(&self, now: DateTime<Utc>) -> Option<Duration> {
        let resting = self.0.values().filter(|outage| now < outage.ends_at);
        resting.filter_map(|outage| (outage.ends_at - now).to_std().ok()).min()
    }
}
