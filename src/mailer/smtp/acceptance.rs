//! How long a server is waited for that has a mail whole and has not said that it will keep it.
//!
//! Giving up early has the mail sent twice, waiting long has the next ones wait for a server that has
//! fallen silent. So the first wait is short, and each one in vain doubles the next: a server that looks
//! at mails for long is soon given the time it needs.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

const FIRST: Duration = Duration::from_secs(12);
const LONGEST: Duration = Duration::from_secs(120);

/// How patient we are with one server.
#[derive(Debug)]
pub(super) struct Acceptance(Mutex<Duration>);

impl Default for Acceptance {
    fn default() -> Self {
        Self(Mutex::new(FIRST))
    }
}

impl Acceptance {
    /// How long to wait this time.
    pub(super) fn patience(&self) -> Duration {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The server took so long to answer, or has not answered.
    pub(super) fn took(&self, spent: Duration, in_vain: bool) {
        let mut patience = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *patience = match in_vain {
            // A connection that broke before says nothing about patience.
            true if spent < *patience => *patience,
            true => patience.saturating_mul(2).min(LONGEST),
            false => spent.saturating_mul(3).clamp(FIRST, LONGEST),
        };
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Acceptance;

    #[test]
    fn r4_a_server_that_takes_long_is_given_the_time_it_needs() {
        let acceptance = Acceptance::default();
        let seconds = |acceptance: &Acceptance| acceptance.patience().as_secs();
        assert_eq!(seconds(&acceptance), 12);
        acceptance.took(Duration::from_secs(3), true);
        assert_eq!(seconds(&acceptance), 12, "it broke");
        for doubled in [24, 48, 96, 120, 120] {
            acceptance.took(acceptance.patience(), true);
            assert_eq!(seconds(&acceptance), doubled);
        }
        acceptance.took(Duration::from_secs(20), false);
        assert_eq!(seconds(&acceptance), 60);
        acceptance.took(Duration::from_millis(5), false);
        assert_eq!(seconds(&acceptance), 12);
    }
}
