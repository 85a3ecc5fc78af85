//! When a failed message is tried again.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use crate::envelope::Envelope;
use crate::stamp::RedeliveryStamp;

/// Decides whether and when a failed message is tried again.
pub trait RetryStrategy: std::fmt::Debug + Send + Sync + 'static {
    /// Whether the message may be tried again.
    fn is_retryable(&self, envelope: &Envelope) -> bool;

    /// How long to wait before the next try.
    fn waiting_time(&self, envelope: &Envelope) -> Duration;
}

/// Waits longer after every failure: `delay × multiplier^n`, give or take a share of it. The
/// formula and its defaults are those of Symfony's `MultiplierRetryStrategy`.
#[derive(Debug)]
pub struct MultiplierRetryStrategy {
    /// How often a message is tried again; 0: never.
    pub max_retries: u32,
    /// The first wait, in milliseconds.
    pub delay: u64,
    /// By how much each wait is longer than the one before; at least 1.
    pub multiplier: f64,
    /// The longest wait, in milliseconds; 0: no limit.
    pub max_delay: u64,
    /// The share of the wait by which it is varied at random, 0 to 1.
    pub jitter: f64,
    random: Mutex<fastrand::Rng>,
}

impl MultiplierRetryStrategy {
    /// A strategy that waits `delay` milliseconds first.
    #[must_use]
    pub fn new(max_retries: u32, delay: u64, multiplier: f64, max_delay: u64, jitter: f64) -> Self {
        let random = Mutex::new(fastrand::Rng::new());
        Self { max_retries, delay, multiplier, max_delay, jitter, random }
    }

    /// The same strategy with a random generator that always gives the same numbers.
    #[must_use]
    pub fn seeded(self, seed: u64) -> Self {
        Self { random: Mutex::new(fastrand::Rng::with_seed(seed)), ..self }
    }

    fn jitter(&self, delay: f64) -> f64 {
        let range = clamp(delay * self.jitter).min(i64::MAX as u64);
        let range = i64::try_from(range).expect("at most i64::MAX");
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        random.i64(-range..=range) as f64
    }
}

impl Default for MultiplierRetryStrategy {
    /// Three retries, after 1 s, 2 s and 4 s, each ±10 %.
    fn default() -> Self {
        Self::new(3, 1000, 2.0, 0, 0.1)
    }
}

impl RetryStrategy for MultiplierRetryStrategy {
    fn is_retryable(&self, envelope: &Envelope) -> bool {
        retry_count(envelope) < self.max_retries
    }

    fn waiting_time(&self, envelope: &Envelope) -> Duration {
        let exponent = i32::try_from(retry_count(envelope)).unwrap_or(i32::MAX);
        let mut delay = self.delay as f64 * self.multiplier.powi(exponent);
        if self.jitter > 0.0 {
            delay += self.jitter(delay);
        }
        if self.max_delay != 0 && delay > self.max_delay as f64 {
            return Duration::from_millis(self.max_delay);
        }
        Duration::from_millis(clamp(delay.ceil()))
    }
}

/// How often the message was tried again.
#[must_use]
pub fn retry_count(envelope: &Envelope) -> u32 {
    envelope.last::<RedeliveryStamp>().map_or(0, |stamp| stamp.retry_count)
}

/// Milliseconds as a whole number; what is too large becomes the largest number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates at both ends, which is what is wanted"
)]
fn clamp(millis: f64) -> u64 {
    millis as u64
}
