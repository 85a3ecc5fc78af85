//! A date that was set back: what was written before lies in the future then, and would be due, or
//! taken over, as much too late.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::backend::Backend;
use super::connection::DbConnection;
use super::queue::{Id, Queue};
use super::transport::{DoctrineTransport, lock};
use messenger::TransportError;
use messenger::clock::Clock;

/// Smaller steps are left alone: clocks are corrected by so much all the time.
const STEP: i64 = 1000;
/// Why a date may lie in the future.
pub(super) const CAUSES: &str = "Either the date was set back here, or another application does not \
    write UTC: Symfony does so before 6.3; give its PHP date.timezone = UTC.";

/// What was seen of the clock, by queue.
#[derive(Debug, Default)]
pub(super) struct Dates(Mutex<HashMap<String, Seen>>);

#[derive(Debug)]
struct Seen {
    /// The date at which the clock began to run, as the date says now.
    origin: DateTime<Utc>,
    /// Leases that still lie in the future then were not renewed since, by
    /// [`Clock::elapsed`](messenger::clock::Clock::elapsed).
    leases_end: Option<Duration>,
}

/// What is to be mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mend {
    /// Due times, at the first look and after each step.
    DueTimes,
    /// Leases, when one lease is over since then.
    Leases,
}

impl Dates {
    /// What is to be done now; at the first look nobody knows what was before.
    fn look(&self, queue: &str, clock: &Clock, lease: Duration) -> Option<Mend> {
        let elapsed = clock.elapsed();
        let origin = clock.now() - TimeDelta::from_std(elapsed).unwrap_or_default();
        let mut all = lock(&self.0);
        let last = all.get_mut(queue);
        let is_step = last.as_ref().is_none_or(|last| {
            last.origin.signed_duration_since(origin) > TimeDelta::milliseconds(STEP)
        });
        if is_step {
            let seen = Seen { origin, leases_end: Some(elapsed.saturating_add(lease)) };
            all.insert(queue.to_owned(), seen);
            return Some(Mend::DueTimes);
        }
        let last = last?;
        last.origin = origin;
        last.leases_end.take_if(|end| *end <= elapsed).map(|_| Mend::Leases)
    }
}

impl DoctrineTransport {
    /// Looks whether the date was set back, and has what waits be due after its delay, counted from
    /// now; a lease from the future that nobody renews ends one lease later.
    pub(super) async fn mend_dates(&self, queue: &Queue) -> Result<(), TransportError> {
        let Some(mend) = self.dates.look(&queue.name, &self.clock, queue.redeliver_timeout) else {
            return Ok(());
        };
        let failed = |error| self.failed("mend the dates of", error);
        let from = queue.clone();
        let found = self.database.run(move |connection| from.has_future(connection, mend));
        if !found.await.map_err(failed)? {
            return Ok(());
        }
        let from = queue.clone();
        let mended = self.database.write(move |connection| from.mend(connection, mend));
        let mended = mended.await.map_err(failed)?;
        tracing::warn!(
            target: "messenger", transport = self.name, mended,
            "{mended} messages in the queue \"{}\" were written in the future; they were given new dates. \
             {CAUSES}",
            queue.name
        );
        Ok(())
    }
}

impl Queue {
    /// Rows that could not be there if the date had always gone forward.
    fn future(&self, mend: Mend) -> String {
        let soon = self.dialect.after(STEP);
        match mend {
            // Whatever was made in the future is due in the future: an index finds those.
            Mend::DueTimes => {
                format!("queue_name = $1 AND available_at > {soon} AND created_at > {soon}")
            }
            Mend::Leases => format!("queue_name = $1 AND delivered_at > {soon}"),
        }
    }

    fn has_future(&self, connection: &mut DbConnection, mend: Mend) -> QueryResult<bool> {
        let sql = format!("SELECT id FROM {} WHERE {} LIMIT 1", self.table, self.future(mend));
        let found = diesel::sql_query(sql).bind::<Text, _>(&self.name).get_result::<Id>(connection);
        Ok(found.optional()?.is_some())
    }

    fn mend(&self, connection: &mut DbConnection, mend: Mend) -> QueryResult<usize> {
        let now = self.dialect.stamp(0);
        let dates = match (mend, self.dialect.backend) {
            (Mend::DueTimes, Backend::Sqlite) => format!(
                "available_at = strftime('%Y-%m-%d %H:%M:%f', julianday({now}) + \
                 julianday(available_at) - julianday(created_at)), created_at = {now}"
            ),
            (Mend::DueTimes, Backend::Postgres) => {
                format!("available_at = {now} + (available_at - created_at), created_at = {now}")
            }
            // Long over: the next look takes it over, and counts the delivery.
            (Mend::Leases, _) => "delivered_at = '1970-01-01 00:00:00'".to_owned(),
        };
        let sql = format!("UPDATE {} SET {dates} WHERE {}", self.table, self.future(mend));
        diesel::sql_query(sql).bind::<Text, _>(&self.name).execute(connection)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Dates, Mend};
    use messenger::clock::{Clock, ManualClock};

    const LEASE: Duration = Duration::from_secs(60);

    #[test]
    fn r8_only_a_step_back_is_noticed_once_and_leases_one_lease_later() {
        let (dates, hands) = (Dates::default(), ManualClock::default());
        let clock = Clock::Manual(hands.clone());
        let look = || dates.look("q", &clock, LEASE);
        assert_eq!((look(), look()), (Some(Mend::DueTimes), None));
        hands.advance(LEASE);
        assert_eq!((look(), look()), (Some(Mend::Leases), None));
        hands.set(hands.now() + Duration::from_secs(3600));
        assert_eq!(look(), None, "forward");
        hands.set(hands.now() - Duration::from_millis(900));
        assert_eq!(look(), None, "a correction");
        hands.set(hands.now() - Duration::from_secs(3600));
        assert_eq!((look(), look()), (Some(Mend::DueTimes), None));
        hands.advance(LEASE - Duration::from_secs(1));
        assert_eq!(look(), None);
        hands.advance(Duration::from_secs(1));
        assert_eq!((look(), look()), (Some(Mend::Leases), None));
    }
}
