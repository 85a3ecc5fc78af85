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

    /// Takes places for so many messages, or as many as there are; gives how many were taken. With
    /// none left it says how long to wait. `now` is what
    /// [`Clock::elapsed`](crate::clock::Clock::elapsed) says.
    ///
    /// # Errors
    /// When the window is full: until it ends.
    pub fn take_up_to(&self, wanted: usize, now: Duration) -> Result<usize, Duration> {
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        let ends = match window.ends {
            Some(ends) if now < ends => ends,
            _ => {
                let ends = now.saturating_add(self.interval);
                *window = Window { ends: Some(ends), used: 0 };
                ends
            }
        };
        let taken = (self.limit - window.used).min(u32::try_from(wanted).unwrap_or(u32::MAX));
        if taken == 0 {
            return Err(ends.saturating_sub(now));
        }
        window.used += taken;
        Ok(taken as usize)
    }

    /// Gives places back that were not used.
    pub fn give_back(&self, unused: usize) {
        let unused = u32::try_from(unused).unwrap_or(u32::MAX);
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        window.used = window.used.saturating_sub(unused);
    }

    /// Forgets what was used.
    pub fn reset(&self) {
        *self.window.lock().unwrap_or_else(PoisonError::into_inner) = Window::default();
    }
}
