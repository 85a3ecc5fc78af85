//! `SHUTDOWN_TIMEOUT`: how long a program that was asked to stop may go on.

use std::time::Duration;

use super::vars::Vars;

/// How long a program may go on after the request to stop. Whoever asks waits for ten seconds, as
/// Docker does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShutdownTimeout(Duration);

impl Default for ShutdownTimeout {
    fn default() -> Self {
        Self(Duration::from_secs(9))
    }
}

impl ShutdownTimeout {
    pub(super) fn read(vars: &mut Vars<'_>) -> Self {
        let allowed = "whole seconds, 1 to 86400";
        let read = vars.parse("SHUTDOWN_TIMEOUT", allowed, |text| {
            text.parse().ok().filter(|seconds| (1..=86_400).contains(seconds))
        });
        read.map_or_else(Self::default, |seconds| Self(Duration::from_secs(seconds)))
    }

    /// When the program ends, whatever it is about.
    #[must_use]
    pub const fn end(self) -> Duration {
        self.0
    }

    /// How long requests and messages in hand may take: all but what is needed to give them up, two
    /// seconds, or half of a time that is shorter than four.
    #[must_use]
    pub fn work(self) -> Duration {
        self.0 - (self.0 / 2).min(Duration::from_secs(2))
    }
}
