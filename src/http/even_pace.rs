//! Answers at an even pace, so that the time of an answer does not tell what was found.

use std::time::Duration;

use tokio::time::Instant;

/// Longer than looking an account up and hashing a password takes, noise included.
const STEP: Duration = Duration::from_millis(150);

/// When an answer began to be made; it goes out at a whole number of steps after that.
#[derive(Debug, Clone, Copy)]
pub struct EvenPace(Instant);

impl EvenPace {
    /// The time runs from now on.
    #[must_use]
    pub fn begin() -> Self {
        Self(Instant::now())
    }

    /// Waits until the next step.
    pub async fn keep(self) {
        let steps = self.0.elapsed().as_nanos() / STEP.as_nanos() + 1;
        let steps = u32::try_from(steps).unwrap_or(u32::MAX);
        tokio::time::sleep_until(self.0 + STEP.saturating_mul(steps)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn every_answer_takes_a_whole_number_of_steps() {
        for (work, expected) in [(0, 150), (1, 150), (149, 150), (150, 300), (2001, 2100)] {
            let pace = EvenPace::begin();
            tokio::time::advance(Duration::from_millis(work)).await;
            pace.keep().await;
            assert_eq!(pace.0.elapsed(), Duration::from_millis(expected));
        }
    }
}
