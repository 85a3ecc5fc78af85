//! When a worker stops: limits, and somebody asking.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::Notify;

use super::WorkerOptions;

/// Asks a worker to stop. Clones ask the same worker.
#[derive(Debug, Clone, Default)]
pub struct StopHandle(Arc<Signal>);

#[derive(Debug, Default)]
struct Signal {
    stopped: AtomicBool,
    notify: Notify,
}

impl StopHandle {
    /// Asks the worker to stop once it has finished what it has in hand.
    pub fn stop(&self) {
        self.0.stopped.store(true, Ordering::SeqCst);
        self.0.notify.notify_waiters();
    }

    /// Whether the worker was asked to stop.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.0.stopped.load(Ordering::SeqCst)
    }

    /// Waits until the worker is asked to stop, and then so long; for ever without a limit.
    pub(super) async fn stopped_for(&self, limit: Option<Duration>) {
        self.stopped().await;
        match limit {
            Some(limit) => tokio::time::sleep(limit).await,
            None => std::future::pending().await,
        }
    }

    /// Waits until the worker is asked to stop.
    pub async fn stopped(&self) {
        loop {
            let notified = self.0.notify.notified();
            if self.is_stopped() {
                return;
            }
            notified.await;
        }
    }
}

/// Counts what the limits of [`WorkerOptions`] count.
#[derive(Debug)]
pub(super) struct Limits {
    limit: Option<u64>,
    failure_limit: Option<u64>,
    memory_limit: Option<u64>,
    time_limit: Option<Duration>,
    /// By [`Clock::elapsed`](crate::clock::Clock::elapsed), as every time here.
    started_at: OnceLock<Duration>,
    /// Messages that slots have reserved for themselves, so that a limit is never exceeded.
    reserved: AtomicU64,
    finished: AtomicU64,
    failed: AtomicU64,
}

/// Why a worker stops.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reason {
    Count(u64),
    Failures(u64),
    Memory { limit: u64, used: u64 },
    Time(Duration),
}

impl Limits {
    pub(super) fn new(options: &WorkerOptions) -> Self {
        Self {
            limit: options.limit,
            failure_limit: options.failure_limit,
            memory_limit: options.memory_limit,
            time_limit: options.time_limit,
            started_at: OnceLock::new(),
            reserved: AtomicU64::new(0),
            finished: AtomicU64::new(0),
            failed: AtomicU64::new(0),
        }
    }

    /// The time limit counts from the first call of this on.
    pub(super) fn started_at(&self, now: Duration) -> Duration {
        *self.started_at.get_or_init(|| now)
    }

    /// Reserves places for up to `wanted` messages; gives how many there are.
    pub(super) fn reserve(&self, wanted: usize) -> usize {
        let Some(limit) = self.limit else { return wanted };
        let mut granted = 0;
        let update = |reserved: u64| {
            granted = (wanted as u64).min(limit.saturating_sub(reserved));
            Some(reserved + granted)
        };
        self.reserved.fetch_update(Ordering::SeqCst, Ordering::SeqCst, update).unwrap_or_default();
        usize::try_from(granted).unwrap_or(wanted)
    }

    /// Gives places back that were not used.
    pub(super) fn give_back(&self, unused: usize) {
        if self.limit.is_some() {
            self.reserved.fetch_sub(unused as u64, Ordering::SeqCst);
        }
    }

    pub(super) fn count_finished(&self) {
        self.finished.fetch_add(1, Ordering::SeqCst);
    }

    pub(super) fn count_failed(&self) {
        self.failed.fetch_add(1, Ordering::SeqCst);
    }

    /// How many messages failed.
    pub(super) fn failures(&self) -> u64 {
        self.failed.load(Ordering::SeqCst)
    }

    /// The first limit that is reached; `memory_used` is asked only if there is a limit on it.
    pub(super) fn reached(
        &self,
        idle: bool,
        now: Duration,
        memory_used: impl FnOnce() -> Option<u64>,
    ) -> Option<Reason> {
        if !idle
            && let Some(limit) = self.limit
            && self.finished.load(Ordering::SeqCst) >= limit
        {
            return Some(Reason::Count(limit));
        }
        if !idle
            && let Some(limit) = self.failure_limit
            && self.failed.load(Ordering::SeqCst) >= limit
        {
            return Some(Reason::Failures(limit));
        }
        if let Some(limit) = self.memory_limit
            && let Some(used) = memory_used()
            && used > limit
        {
            return Some(Reason::Memory { limit, used });
        }
        let limit = self.time_limit?;
        let spent = now.saturating_sub(self.started_at(now));
        (spent > limit).then_some(Reason::Time(limit))
    }

    /// How long the worker may still wait.
    pub(super) fn time_left(&self, now: Duration) -> Option<Duration> {
        let end = self.started_at(now).saturating_add(self.time_limit?);
        // A little beyond the limit, so that it is found exceeded and not just reached.
        Some(end.saturating_sub(now) + Duration::from_millis(1))
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => write!(f, "maximum count of {count} messages processed"),
            Self::Failures(count) => write!(f, "limit of {count} failed message(s) reached"),
            Self::Memory { limit, used } => {
                write!(f, "memory limit of {limit} bytes exceeded ({used} bytes used)")
            }
            Self::Time(limit) => write!(f, "time limit of {}s exceeded", limit.as_secs_f64()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Limits, Reason};
    use crate::worker::WorkerOptions;

    #[test]
    fn the_memory_limit_is_reached_only_beyond_it_and_also_while_idle() {
        for (used, limit, stops) in [(2048, 1024, true), (1024, 1024, false), (1024, 2048, false)] {
            let options = WorkerOptions { memory_limit: Some(limit), ..WorkerOptions::default() };
            let limits = Limits::new(&options);
            for idle in [false, true] {
                let reached = limits.reached(idle, Duration::ZERO, || Some(used));
                assert_eq!(reached, stops.then_some(Reason::Memory { limit, used }));
            }
        }
    }
}
