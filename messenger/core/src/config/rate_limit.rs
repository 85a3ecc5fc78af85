//! How many messages a transport may hand out in a time, `rate_limiter = { … }`.

use std::time::Duration;

use super::{node::Node, problem::Problems, section::Section};

/// At most `limit` messages per `interval`.
///
/// Our own form, where Symfony names a limiter of another component:
/// `rate_limiter = { limit = 10, interval = 60 }` is ten messages a minute.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateLimitConfig {
    /// Messages per interval, at least 1.
    pub limit: u32,
    /// The interval, longer than zero; written in seconds, a fraction is allowed.
    pub interval: Duration,
}

impl RateLimitConfig {
    pub(super) fn read(node: &Node, problems: &Problems) -> Option<Self> {
        const LONGEST: f64 = 31_536_000.0;
        let section = Section::open(node, &["limit", "interval"], problems)?;
        section.require(&["limit", "interval"], "{ limit = 10, interval = 60 }");
        let limit = section.integer("limit", 1..=i64::from(u32::MAX), "an integer ≥ 1");
        let interval =
            section.number("interval", 0.001..=LONGEST, "seconds, a number from 0.001 to a year");
        Some(Self {
            limit: u32::try_from(limit?).ok()?,
            interval: Duration::try_from_secs_f64(interval?).ok()?,
        })
    }
}
