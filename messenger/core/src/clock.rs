//! Time as a parameter: the system's clock, or one that a test moves by hand.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

/// Where "now" comes from.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The clock of the machine.
    #[default]
    System,
    /// A clock that stands still until it is moved.
    Manual(ManualClock),
}

impl Clock {
    /// The current time, UTC.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Self::System => Utc::now(),
            Self::Manual(manual) => manual.now(),
        }
    }

    /// How long this clock has been running: for measuring. It never goes back, whatever is done to
    /// the date.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        static ORIGIN: OnceLock<Instant> = OnceLock::new();
        match self {
            Self::System => ORIGIN.get_or_init(Instant::now).elapsed(),
            Self::Manual(manual) => manual.elapsed(),
        }
    }

    /// Waits; a manual clock is moved instead, at once.
    pub async fn sleep(&self, duration: Duration) {
        match self {
            Self::System => tokio::time::sleep(duration).await,
            Self::Manual(manual) => {
                manual.advance(duration);
                tokio::task::yield_now().await;
            }
        }
    }
}

/// A clock that stands still until it is moved. Clones share one time.
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<Mutex<Hands>>);

#[derive(Debug)]
struct Hands {
    now: DateTime<Utc>,
    elapsed: Duration,
}

impl ManualClock {
    /// A clock that stands at this time.
    #[must_use]
    pub fn at(now: DateTime<Utc>) -> Self {
        Self(Arc::new(Mutex::new(Hands { now, elapsed: Duration::ZERO })))
    }

    /// The time at which the clock stands.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.hands().now
    }

    /// By how much it was moved forward.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.hands().elapsed
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let mut hands = self.hands();
        hands.elapsed = hands.elapsed.saturating_add(by);
        let by = TimeDelta::from_std(by).unwrap_or(TimeDelta::MAX);
        hands.now = hands.now.checked_add_signed(by).unwrap_or(DateTime::<Utc>::MAX_UTC);
    }

    /// Sets the date, forward or back, as somebody does who corrects it: no time passes.
    pub fn set(&self, now: DateTime<Utc>) {
        self.hands().now = now;
    }

    fn hands(&self) -> MutexGuard<'_, Hands> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for ManualClock {
    /// 2026-01-01 00:00:00 UTC.
    fn default() -> Self {
        Self::at(DateTime::from_timestamp(1_767_225_600, 0).expect("a date within range"))
    }
}
