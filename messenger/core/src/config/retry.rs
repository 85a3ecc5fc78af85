//! When and how often a failed message is tried again, `retry_strategy = { … }` of a transport and
//! `[retry_strategy]` by message.

use std::time::Duration;

use super::{located::Located, node::Node, problem::Problems, route::RouteKey, section::Section};

const KEYS: [&str; 5] = ["max_retries", "delay", "multiplier", "max_delay", "jitter"];

/// A retry strategy. Every transport has one, the failure transport too.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RetryConfig {
    /// How often a message is tried again after its first failure; 3 by default, 0 = never.
    pub max_retries: u32,
    /// Wait before the first retry; 1 s by default, written in milliseconds.
    pub delay: Duration,
    /// Factor between one wait and the next, at least 1; 2 by default.
    pub multiplier: f64,
    /// The longest wait, written in milliseconds; zero (the default) = no limit.
    pub max_delay: Duration,
    /// Share of the wait that is random, from 0 to 1; 0.1 by default.
    pub jitter: f64,
}

impl Default for RetryConfig {
    fn default() -> Self {
        Self {
            max_retries: 3,
            delay: Duration::from_secs(1),
            multiplier: 2.0,
            max_delay: Duration::ZERO,
            jitter: 0.1,
        }
    }
}

impl RetryConfig {
    pub(super) fn read(node: &Node, problems: &Problems) -> Option<Self> {
        let section = Section::open(node, &KEYS, problems)?;
        let default = Self::default();
        let max_retries = section
            .integer("max_retries", 0..=i64::from(u32::MAX), "an integer ≥ 0 (0 = never)")
            .and_then(|number| u32::try_from(number).ok());
        Some(Self {
            max_retries: max_retries.unwrap_or(default.max_retries),
            delay: section.milliseconds("delay").unwrap_or(default.delay),
            multiplier: section
                .number("multiplier", 1.0..=f64::MAX, "a number ≥ 1")
                .unwrap_or(default.multiplier),
            max_delay: section.milliseconds("max_delay").unwrap_or(default.max_delay),
            jitter: section
                .number("jitter", 0.0..=1.0, "a number from 0 to 1")
                .unwrap_or(default.jitter),
        })
    }
}

/// One line of `[retry_strategy]`: messages with a strategy of their own.
#[derive(Clone, Debug, PartialEq)]
pub struct MessageRetryConfig {
    /// Which messages it is about, named as in `[routing]`.
    pub key: Located<RouteKey>,
    /// Their strategy; it wins over that of the transport they come from.
    pub strategy: RetryConfig,
}

impl MessageRetryConfig {
    pub(super) fn read(key: &str, node: &Node, problems: &Problems) -> Option<Self> {
        let key = RouteKey::read(key, node, problems);
        let strategy = RetryConfig::read(node, problems);
        Some(Self { key: key?, strategy: strategy? })
    }
}
