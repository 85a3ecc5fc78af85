//! Queries on `session`.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use messenger_doctrine::DbConnection;
use uuid::Uuid;

use crate::entity::{Session, User};
use crate::schema::app_user;
use crate::schema::session::dsl::{created_at, seen_at, session, token_hash, user_id};

/// Begins a session.
pub fn insert(connection: &mut DbConnection, new: &Session) -> QueryResult<()> {
    diesel::insert_into(session).values(new.clone()).execute(connection).map(drop)
}

/// The session with this hash of a token, and whose it is.
pub fn find(connection: &mut DbConnection, hash: &str) -> QueryResult<Option<(Session, User)>> {
    session
        .inner_join(app_user::table)
        .filter(token_hash.eq(hash))
        .select((Session::as_select(), User::as_select()))
        .first(connection)
        .optional()
}

/// Those of these hashes whose sessions have not ended.
pub fn alive(
    connection: &mut DbConnection,
    hashes: &[String],
    now: NaiveDateTime,
) -> QueryResult<Vec<String>> {
    session
        .filter(token_hash.eq_any(hashes))
        .filter(seen_at.gt(now - Session::IDLE))
        .filter(created_at.gt(now - Session::LONGEST))
        .select(token_hash)
        .load(connection)
}

/// Notes that a session was used.
pub fn touch(connection: &mut DbConnection, hash: &str, now: NaiveDateTime) -> QueryResult<()> {
    diesel::update(session.find(hash)).set(seen_at.eq(now)).execute(connection).map(drop)
}

/// Ends a session.
pub fn delete(connection: &mut DbConnection, hash: &str) -> QueryResult<()> {
    diesel::delete(session.find(hash)).execute(connection).map(drop)
}

/// Ends every session of an account.
pub fn delete_all_of(connection: &mut DbConnection, user: Uuid) -> QueryResult<()> {
    let all = diesel::delete(session.filter(user_id.eq(user.to_string())));
    all.execute(connection).map(drop)
}

/// Removes the sessions that were last used, or have begun, before these moments.
pub fn delete_expired(
    connection: &mut DbConnection,
    seen_before: NaiveDateTime,
    created_before: NaiveDateTime,
) -> QueryResult<()> {
    let expired = session.filter(seen_at.lt(seen_before).or(created_at.lt(created_before)));
    diesel::delete(expired).execute(connection).map(drop)
}
