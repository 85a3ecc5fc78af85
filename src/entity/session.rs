//! Somebody signed in, on one browser.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use uuid::Uuid;

use super::StoredUuid;
use crate::schema::session;

/// Somebody signed in, on one browser.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = session)]
pub struct Session {
    /// SHA-256 of the token in the cookie, in hexadecimal digits: who reads the database cannot
    /// sign in with what is there.
    pub token_hash: String,
    /// Whose session it is.
    #[diesel(deserialize_as = StoredUuid, serialize_as = String)]
    pub user_id: Uuid,
    /// When it began, UTC.
    pub created_at: NaiveDateTime,
    /// When it was last used, UTC, to the minute.
    pub seen_at: NaiveDateTime,
}

impl Session {
    /// A session ends when it was not used for so long.
    pub const IDLE: TimeDelta = TimeDelta::minutes(30);
    /// A session ends so long after it began, whatever happens.
    pub const LONGEST: TimeDelta = TimeDelta::hours(12);

    /// Whether it has not ended yet.
    #[must_use]
    pub fn is_alive(&self, now: NaiveDateTime) -> bool {
        now - self.seen_at < Self::IDLE && now - self.created_at < Self::LONGEST
    }
}
