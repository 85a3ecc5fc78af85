//! A limit on how many messages of a transport are handled in a time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// At most `limit` messages in every window of `interval`. Clones share one window.
#[derive(Debug, Clone)]
pub struct RateLimit {
    limit: u32,
    interval: Duration,
    window: Arc<Mutex<Window>>,
}

#[derive(Debug, Default)]
struct Window {
    ends: Option<Duration>,
    used: u32,
}

impl RateLimit {
    /// `limit` messages in every `interval`.
    #[must_use]
    pub fn new(limit: u32, interval: Duration) -> Self {
        Self { limit, interval, window: Arc::default() }
    }

    /// Takes a place for one message. Says how long to wait if the window is full; the place is
    /// then not taken. `now` is what [`Clock::elapsed`](crate::clock::Clock::elapsed) says.
    #[must_use]
    pub fn take(&self, now: Duration) -> Option<Duration> {
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        let ends = match window.ends {
            Some(ends) if now < ends => ends,
            _ => {
                let ends = now.saturating_add(self.interval);
                *window = Window { ends: Some(ends), used: 0 };
                ends
            }
        };
        if window.used < self.limit {
            window.used += 1;
            return None;
        }
        Some(ends.saturating_sub(now))
    }

    /// Forgets what was used.
    pub fn reset(&self) {
        *self.window.lock().unwrap_or_else(PoisonError::into_inner) = Window::default();
    }
}
