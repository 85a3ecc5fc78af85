//! Somebody signed in, on one browser.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::schema::session;

/// Somebody signed in, on one browser.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = session)]
pub struct Session {
    /// SHA-256 of the token in the cookie, in hexadecimal digits: who reads the database cannot
    /// sign in with what is there.
    pub token_hash: String,
    /// Whose session it is, a UUID.
    pub user_id: String,
    /// When it began, UTC.
    pub created_at: NaiveDateTime,
    /// When it was last used, UTC, to the minute.
    pub seen_at: NaiveDateTime,
}
