//! The head of the queue: the statements that choose which rows to claim or to take over.

use super::backend::Backend;
use super::queue::Queue;

impl Queue {
    /// That a lease has ended. One that is not ours lasts as long as Symfony's: PHP does not renew
    /// its claims while it handles a message. Where nobody can tell whose they are, all last so long.
    pub(super) fn lease_has_ended(&self) -> String {
        let ours = self.dialect.before(self.redeliver_timeout);
        let foreign = self.dialect.before(self.foreign_redeliver_timeout);
        match self.dialect.claim_is_ours() {
            Some(is_ours) => {
                format!("delivered_at < {ours} AND ({is_ours} OR delivered_at < {foreign})")
            }
            None => format!("delivered_at < {foreign}"),
        }
    }

    /// The rows to claim. Where Symfony made three indexes, both databases would choose one that
    /// is not in the order of delivery, and sort the whole queue at every claim. The `+` makes
    /// SQLite walk the right one, the `CASE` PostgreSQL: it must not guess that few rows fit.
    ///
    /// `from` is the date of a row claimed before, or nothing: only rows due since then are looked at.
    pub(super) fn first_unclaimed(&self, max: usize, from: Option<&str>) -> String {
        let (fits, order) = match (self.dialect.backend, self.layout.composite_index) {
            (Backend::Sqlite, false) => {
                ("+queue_name = $1 AND +delivered_at IS NULL", "available_at, id")
            }
            (Backend::Sqlite, true) => {
                ("queue_name = $1 AND +delivered_at IS NULL", "available_at, delivered_at, id")
            }
            (Backend::Postgres, false) => (
                "CASE WHEN queue_name = $1 AND delivered_at IS NULL THEN true ELSE false END",
                "available_at, id",
            ),
            (Backend::Postgres, true) => {
                ("queue_name = $1 AND delivered_at IS NULL", "available_at, delivered_at, id")
            }
        };
        let since = from.map(|date| format!(" AND available_at >= timestamp '{date}'"));
        format!(
            "SELECT id FROM {} WHERE {fits} AND available_at <= {}{} ORDER BY {order} LIMIT {max} {}",
            self.table,
            self.dialect.now(),
            since.unwrap_or_default(),
            self.dialect.skip_locked(),
        )
    }

    /// The rows whose lease has ended. They stand at the head of the queue, because they were
    /// claimed in order; looking at its first thousands is enough to find them all in time.
    pub(super) fn first_expired(&self, max: usize) -> String {
        const HEAD: usize = 5000;
        let expired = self.lease_has_ended();
        if self.layout.composite_index {
            format!(
                "SELECT id FROM (SELECT id, delivered_at FROM {} WHERE queue_name = $1 \
                 AND available_at <= {} ORDER BY available_at, delivered_at, id LIMIT {HEAD}) AS head \
                 WHERE {expired} LIMIT {max}",
                self.table,
                self.dialect.now(),
            )
        } else {
            // Few rows are in flight: the index on `delivered_at` finds them. Otherwise both
            // databases might walk the whole backlog.
            let (fits, by) = match self.dialect.backend {
                Backend::Postgres => (
                    "CASE WHEN queue_name = $1 THEN true ELSE false END \
                     AND delivered_at > '-infinity'",
                    "available_at + interval '0'",
                ),
                Backend::Sqlite => ("+queue_name = $1", "+available_at"),
            };
            format!(
                "SELECT id FROM {} WHERE {fits} AND {expired} \
                 ORDER BY {by}, id LIMIT {max}",
                self.table,
            )
        }
    }
}
