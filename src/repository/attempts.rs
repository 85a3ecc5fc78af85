//! Queries on `attempt`: how often something was tried that may be a guess.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use diesel::sql_types::{Text, Timestamp};
use messenger_doctrine::DbConnection;
use sha2::{Digest, Sha256};

use crate::schema::attempt::dsl::{attempt, blocked_until, bucket as bucket_name, count, since};

/// The kind of names under which mails are counted that were not sent, because strangers had caused
/// too many.
pub const MAIL_REFUSED: &str = "mail-refused";

/// How often something may be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttemptLimit {
    /// So many attempts are free.
    pub free: i32,
    /// Counting begins anew so long after it has begun.
    pub window: TimeDelta,
    /// The wait after the last free attempt; it doubles with each further one.
    pub first_wait: TimeDelta,
    /// No wait is longer.
    pub longest_wait: TimeDelta,
}

/// The name under which attempts of a kind are counted that have this text in common. The text
/// itself, an address, is nobody's business.
#[must_use]
pub fn bucket(kind: &str, text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    format!("{kind}:{}", hex::encode(&digest[..16]))
}

/// Counts one attempt, before it is made, so that parallel ones cannot slip through. Must run in a
/// transaction.
///
/// `Err` inside: too many; until when none is heard.
pub fn take(
    connection: &mut DbConnection,
    name: &str,
    limit: AttemptLimit,
    now: NaiveDateTime,
) -> QueryResult<Result<(), NaiveDateTime>> {
    take_several(connection, name, limit, 1, now)
}

/// Counts attempts that are made together: if the first is heard, all of them are. Must run in a
/// transaction.
///
/// `Err` inside: too many before; until when none is heard.
pub fn take_several(
    connection: &mut DbConnection,
    name: &str,
    limit: AttemptLimit,
    attempts: i32,
    now: NaiveDateTime,
) -> QueryResult<Result<(), NaiveDateTime>> {
    // Makes the row or does nothing to it; either way it is ours until the transaction ends.
    diesel::sql_query(
        "INSERT INTO attempt (bucket, count, since, blocked_until) VALUES ($1, 0, $2, $2) \
         ON CONFLICT (bucket) DO UPDATE SET bucket = excluded.bucket",
    )
    .bind::<Text, _>(name)
    .bind::<Timestamp, _>(now)
    .execute(connection)?;
    let (tried, began, blocked): (i32, NaiveDateTime, NaiveDateTime) =
        attempt.find(name).select((count, since, blocked_until)).first(connection)?;
    let (began, blocked) = limit.after_step_back(began, blocked, now);
    if blocked > now {
        let row = diesel::update(attempt.find(name));
        row.set((blocked_until.eq(blocked), since.eq(began))).execute(connection)?;
        return Ok(Err(blocked));
    }
    let is_over = now - began >= limit.window;
    let (tried, began) = if is_over { (0, now) } else { (tried, began) };
    let tried = tried.saturating_add(attempts);
    let blocked = now + limit.wait_after(tried);
    diesel::update(attempt.find(name))
        .set((count.eq(tried), since.eq(began), blocked_until.eq(blocked)))
        .execute(connection)?;
    Ok(Ok(()))
}

/// Until when no attempt is heard under one of these names, if any is blocked. Counts nothing. A wait
/// that is longer than the longest is from before the date was set back, and left to [`take`].
pub fn blocked_of(
    connection: &mut DbConnection,
    buckets: &[(String, AttemptLimit)],
    now: NaiveDateTime,
) -> QueryResult<Option<NaiveDateTime>> {
    let names = buckets.iter().map(|(name, _)| name);
    let blocked = attempt.filter(bucket_name.eq_any(names)).filter(blocked_until.gt(now));
    let found: Vec<(String, NaiveDateTime)> =
        blocked.select((bucket_name, blocked_until)).load(connection)?;
    let limit_of = |name: &str| buckets.iter().find(|(bucket, _)| bucket == name);
    let is_true = |(name, until): &(String, NaiveDateTime)| {
        limit_of(name).is_some_and(|(_, limit)| *until <= now + limit.longest_wait)
    };
    Ok(found.into_iter().filter(is_true).map(|(_, until)| until).max())
}

/// How many names of a kind are blocked.
pub fn count_blocked(
    connection: &mut DbConnection,
    kind: &str,
    now: NaiveDateTime,
) -> QueryResult<i64> {
    let blocked = attempt.filter(bucket_name.like(format!("{kind}:%")));
    blocked.filter(blocked_until.gt(now)).count().get_result(connection)
}

/// Takes back one attempt that was no guess.
pub fn give_back(connection: &mut DbConnection, name: &str, now: NaiveDateTime) -> QueryResult<()> {
    diesel::update(attempt.find(name).filter(count.gt(0)))
        .set((count.eq(count - 1), blocked_until.eq(now)))
        .execute(connection)
        .map(drop)
}

/// Forgets all attempts of this name.
pub fn forget(connection: &mut DbConnection, name: &str) -> QueryResult<()> {
    diesel::delete(attempt.find(name)).execute(connection).map(drop)
}

/// Removes what was last blocked before this moment.
pub fn delete_old(connection: &mut DbConnection, before: NaiveDateTime) -> QueryResult<()> {
    diesel::delete(attempt.filter(blocked_until.lt(before))).execute(connection).map(drop)
}

/// Seconds, rounded up, from now until an attempt is heard again.
#[must_use]
pub fn seconds_until(until: NaiveDateTime, now: NaiveDateTime) -> u64 {
    (until - now).num_milliseconds().unsigned_abs().div_ceil(1000)
}

impl AttemptLimit {
    /// So many in each window; who wants more waits for as long as a window is.
    #[must_use]
    pub const fn per(window: TimeDelta, free: i32) -> Self {
        Self { free, window, first_wait: window, longest_wait: window }
    }

    /// The same for so many who are counted together.
    #[must_use]
    pub const fn times(self, clients: i32) -> Self {
        Self { free: self.free.saturating_mul(clients), ..self }
    }

    /// When counting began, and until when nothing is heard, if the date was set back since: what was
    /// left of a wait is counted from now, and no wait is longer than the longest.
    fn after_step_back(
        self,
        began: NaiveDateTime,
        blocked: NaiveDateTime,
        now: NaiveDateTime,
    ) -> (NaiveDateTime, NaiveDateTime) {
        let (began, blocked) =
            if began > now { (now, now + (blocked - began)) } else { (began, blocked) };
        (began, blocked.min(now + self.longest_wait))
    }

    fn wait_after(self, tried: i32) -> TimeDelta {
        if tried < self.free {
            return TimeDelta::zero();
        }
        // Beyond that every wait is the longest anyway.
        let doublings = tried.saturating_sub(self.free).min(16);
        (self.first_wait * (1 << doublings)).min(self.longest_wait)
    }
}
