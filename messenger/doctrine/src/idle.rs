//! How long an idle worker may rest: until a notification, a delayed message, or a lease that ends.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::sql_types::{Bool, Double, Nullable, Text};
use tracing::warn;

use super::backend::Backend;
use super::dates::CAUSES;
use super::queue::Queue;
use super::transport::{DoctrineTransport, lock};
use messenger::TransportError;

impl DoctrineTransport {
    /// The number of changes so far, and whether nothing can have come since the queue was found
    /// empty (PostgreSQL: no notification, and nothing due yet).
    pub(super) fn look_at_changes(&self) -> (u64, bool) {
        let now = *self.database.changes().borrow();
        let mut idle_until = lock(&self.idle_until);
        if self.seen.swap(now, Ordering::SeqCst) != now {
            // For the other slots of a worker too: what changed is theirs to look at as well.
            *idle_until = None;
        }
        let idle = idle_until.is_some_and(|until| Instant::now() < until);
        (now, idle && self.database.watcher().is_healthy())
    }

    /// Notes until when nothing will be due, unless something changes, or has changed since `seen`.
    pub(super) async fn note_empty(
        &self,
        queues: &[String],
        seen: u64,
    ) -> Result<(), TransportError> {
        let mut until_due = self.options.check_delayed_interval;
        for name in queues {
            until_due = self.until_due(name).await?.map_or(until_due, |due| due.min(until_due));
        }
        let mut idle_until = lock(&self.idle_until);
        if self.seen.load(Ordering::SeqCst) == seen {
            *idle_until = Some(Instant::now() + until_due);
        }
        Ok(())
    }

    /// How long until the next delayed message is due, or the next lease ends.
    async fn until_due(&self, name: &str) -> Result<Option<Duration>, TransportError> {
        #[derive(QueryableByName)]
        struct Seconds {
            #[diesel(sql_type = Nullable<Double>)]
            seconds: Option<f64>,
            #[diesel(sql_type = Bool)]
            is_ahead: bool,
        }
        let queue = self.queue(name).await?;
        let sql = queue.until_due_sql();
        let due = self.database.run(move |connection| {
            diesel::sql_query(sql).bind::<Text, _>(&queue.name).get_result::<Seconds>(connection)
        });
        let due = due.await.map_err(|error| self.failed("look into", error))?;
        if due.is_ahead && !self.warned_of_dates.swap(true, Ordering::SeqCst) {
            warn!(
                target: "messenger", transport = self.name,
                "Some messages in the queue \"{name}\" were written in the future. {CAUSES}"
            );
        }
        Ok(due.seconds.map(|seconds| Duration::from_secs_f64(seconds.clamp(0.001, 86_400.0))))
    }
}

impl Queue {
    /// How many seconds until the next delayed row is due or the next lease ends; and whether one of
    /// the rows that are not due was written more than a minute in the future.
    fn until_due_sql(&self) -> String {
        let (table, now) = (&self.table, self.dialect.now());
        let ours = self.redeliver_timeout.as_secs_f64();
        let foreign = self.foreign_redeliver_timeout.as_secs_f64();
        let due = format!(
            "(SELECT MIN(available_at) FROM {table} WHERE queue_name = $1 \
             AND delivered_at IS NULL AND available_at > {now})"
        );
        let is_ours = self.dialect.claim_is_ours().unwrap_or("1 = 0");
        let lease = |whose: &str| {
            format!(
                "(SELECT MIN(delivered_at) FROM {table} WHERE queue_name = $1 \
                 AND delivered_at IS NOT NULL AND available_at <= {now} AND {whose})"
            )
        };
        let seconds = |time: &str| match self.dialect.backend {
            Backend::Postgres => format!("EXTRACT(EPOCH FROM {time} - {now})"),
            Backend::Sqlite => format!("(julianday({time}) - julianday({now})) * 86400.0"),
        };
        format!(
            "SELECT CAST(MIN(seconds) AS DOUBLE PRECISION) AS seconds, EXISTS (SELECT 1 FROM \
             (SELECT created_at FROM {table} WHERE queue_name = $1 AND available_at > {now} \
             LIMIT 100) AS later WHERE created_at > {}) AS is_ahead FROM \
             (SELECT {} AS seconds UNION ALL SELECT {} + {ours} UNION ALL SELECT {} + {foreign}) \
             AS moments",
            self.dialect.stamp(60_000),
            seconds(&due),
            seconds(&lease(is_ours)),
            seconds(&lease(&format!("NOT ({is_ours})"))),
        )
    }
}
