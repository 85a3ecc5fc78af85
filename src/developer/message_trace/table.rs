//! Queries on `message_trace`.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use messenger_doctrine::DbConnection;

use super::MessageTrace;
use crate::schema::message_trace::dsl::{at, id, message_trace, unique_id};

/// Stores what workers did.
pub(super) fn insert(connection: &mut DbConnection, traces: &[MessageTrace]) -> QueryResult<()> {
    for trace in traces {
        diesel::insert_into(message_trace).values(trace).execute(connection)?;
    }
    Ok(())
}

/// What happened to these messages, oldest first.
pub fn of(connection: &mut DbConnection, ids: &[String]) -> QueryResult<Vec<MessageTrace>> {
    let query = message_trace.filter(unique_id.eq_any(ids)).order(id.asc());
    query.select(MessageTrace::as_select()).load(connection)
}

/// Forgets what happened before a moment, and all but the newest rows.
pub(super) fn prune(
    connection: &mut DbConnection,
    before: NaiveDateTime,
    keep: i64,
) -> QueryResult<()> {
    diesel::delete(message_trace.filter(at.lt(before))).execute(connection)?;
    let newest: Option<i64> =
        message_trace.select(id).order(id.desc()).first(connection).optional()?;
    let last = newest.unwrap_or_default() - keep;
    diesel::delete(message_trace.filter(id.le(last))).execute(connection).map(drop)
}
