//! The differences between the two databases that queue statements need: time, and row locks.

use std::time::Duration;

use super::backend::Backend;
use messenger::clock::Clock;

/// How the time is written in SQL. All times are UTC and come from the database's clock, so that
/// machines whose clocks differ can share a queue; a manual clock replaces it in tests.
#[derive(Debug, Clone)]
pub(super) struct Dialect {
    pub(super) backend: Backend,
    /// Whether the date columns keep fractions of a second. Symfony's on PostgreSQL do not, and
    /// would round up: what is written there is cut to the second first.
    pub(super) fractions: bool,
    pub(super) clock: Clock,
}

impl Dialect {
    /// The time now, with fractions: for comparing.
    pub(super) fn now(&self) -> String {
        self.at(0)
    }

    /// The time in so many milliseconds: for comparing.
    pub(super) fn after(&self, milliseconds: i64) -> String {
        self.at(milliseconds)
    }

    /// The time before this duration: for comparing.
    pub(super) fn before(&self, duration: Duration) -> String {
        self.at(-i64::try_from(duration.as_millis()).unwrap_or(i64::MAX))
    }

    /// The time now plus these milliseconds: for writing into a date column.
    pub(super) fn stamp(&self, milliseconds: i64) -> String {
        match (self.backend, self.fractions) {
            (Backend::Postgres, false) => self.whole_second(milliseconds),
            _ => self.at(milliseconds),
        }
    }

    /// The same cut to the second, as Symfony writes and compares it: what is due at once is found
    /// by a PHP worker that is told of it within that second, and would not look again for a minute.
    pub(super) fn whole_second(&self, milliseconds: i64) -> String {
        match self.backend {
            Backend::Postgres => format!("date_trunc('second', {})", self.at(milliseconds)),
            Backend::Sqlite => self.at(milliseconds).replacen("%f", "%S", 1),
        }
    }

    /// The time now as the lease of a claim of ours. Where the column allows it, it has a fraction
    /// of a second, always, which Symfony's never have.
    pub(super) fn lease(&self) -> String {
        let now = self.stamp(0);
        match (self.backend, self.fractions) {
            (Backend::Postgres, true) => {
                let fraction = format!("{now} - {}", self.whole_second(0));
                format!("{} + GREATEST({fraction}, interval '1 microsecond')", self.whole_second(0))
            }
            _ => now,
        }
    }

    /// That a claim was made by this library; `None` where that cannot be told.
    pub(super) fn claim_is_ours(&self) -> Option<&'static str> {
        match (self.backend, self.fractions) {
            (Backend::Postgres, true) => Some("delivered_at <> date_trunc('second', delivered_at)"),
            (Backend::Postgres, false) => None,
            // Symfony's text has 19 characters.
            (Backend::Sqlite, _) => Some("length(delivered_at) > 19"),
        }
    }

    fn at(&self, milliseconds: i64) -> String {
        // A hundred years either way: what is beyond makes no date that both databases have.
        let milliseconds = milliseconds.clamp(-3_155_760_000_000, 3_155_760_000_000);
        let manual = match &self.clock {
            Clock::System => None,
            Clock::Manual(clock) => Some(clock.now().format("%Y-%m-%d %H:%M:%S%.3f").to_string()),
        };
        match self.backend {
            Backend::Sqlite => {
                let base = manual.as_deref().unwrap_or("now");
                let seconds = milliseconds as f64 / 1000.0;
                format!("strftime('%Y-%m-%d %H:%M:%f', '{base}', '{seconds:+.3} seconds')")
            }
            Backend::Postgres => {
                let base = match manual {
                    Some(manual) => format!("timestamp '{manual}'"),
                    // Stable within a statement, so that an index can be used with it.
                    None => "(statement_timestamp() AT TIME ZONE 'UTC')".to_owned(),
                };
                format!("({base} + interval '{milliseconds} milliseconds')")
            }
        }
    }

    /// Passes over rows that another worker is about to claim.
    pub(super) fn skip_locked(&self) -> &'static str {
        match self.backend {
            Backend::Postgres => "FOR UPDATE SKIP LOCKED",
            Backend::Sqlite => "",
        }
    }

    /// A text column as bytes: what was stored by others need not be UTF-8.
    pub(super) fn bytes(&self, column: &str) -> String {
        match self.backend {
            Backend::Postgres => format!("convert_to({column}, 'UTF8')"),
            Backend::Sqlite => format!("CAST({column} AS BLOB)"),
        }
    }

    /// A date column as text, for the fencing token.
    pub(super) fn text(&self, column: &str) -> String {
        format!("CAST({column} AS TEXT)")
    }

    /// That a lease is still what the first parameter says, a date written as text or nothing.
    pub(super) fn lease_is_parameter(&self) -> &'static str {
        match self.backend {
            Backend::Postgres => "delivered_at IS NOT DISTINCT FROM CAST($1 AS timestamp)",
            Backend::Sqlite => "delivered_at IS $1",
        }
    }
}
