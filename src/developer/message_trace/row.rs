//! What a worker did with a message: the rows of `message_trace`.

use chrono::NaiveDateTime;
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::prelude::*;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Text;
use messenger_doctrine::DbConnection;

use crate::schema::message_trace;

/// What a worker did with a message.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = message_trace)]
pub struct MessageTrace {
    /// The id that the audit gave the message, 13 hexadecimal digits.
    pub unique_id: String,
    /// The wire name of the message, such as `App\Message\LogEmoji`.
    pub class: String,
    /// The transport from which it came.
    pub transport: String,
    /// What the worker did.
    pub event: TraceEvent,
    /// 1 at the first try.
    pub attempt: i32,
    /// `HOST/PID` of the worker.
    pub worker: String,
    /// When it did so, UTC.
    pub at: NaiveDateTime,
    /// Milliseconds since the worker received it.
    pub duration: f64,
    /// Why it failed, without secrets.
    pub error: Option<String>,
}

/// What happened to a message in a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum TraceEvent {
    /// A worker has it.
    Received,
    /// Every handler has succeeded.
    Handled,
    /// It failed and is tried again.
    Retried,
    /// It failed and is not tried again.
    Failed,
}

impl TraceEvent {
    const ALL: [Self; 4] = [Self::Received, Self::Handled, Self::Retried, Self::Failed];

    /// The word for it in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Handled => "handled",
            Self::Retried => "retried",
            Self::Failed => "failed",
        }
    }
}

impl<B: Backend> FromSql<Text, B> for TraceEvent
where
    String: FromSql<Text, B>,
{
    fn from_sql(bytes: B::RawValue<'_>) -> deserialize::Result<Self> {
        let text = String::from_sql(bytes)?;
        let known = Self::ALL.into_iter().find(|event| event.as_str() == text);
        known.ok_or_else(|| format!("unknown event {text:?}").into())
    }
}

impl<B: Backend> ToSql<Text, B> for TraceEvent
where
    str: ToSql<Text, B>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, B>) -> serialize::Result {
        self.as_str().to_sql(out)
    }
}

/// Stores what workers did.
pub(super) fn insert(connection: &mut DbConnection, traces: &[MessageTrace]) -> QueryResult<()> {
    for trace in traces {
        diesel::insert_into(message_trace::table).values(trace).execute(connection)?;
    }
    Ok(())
}

/// What happened to these messages, oldest first.
pub fn of(connection: &mut DbConnection, ids: &[String]) -> QueryResult<Vec<MessageTrace>> {
    let query = message_trace::table
        .filter(message_trace::unique_id.eq_any(ids))
        .order(message_trace::id.asc());
    query.select(MessageTrace::as_select()).load(connection)
}

/// Forgets what happened before a moment, and all but the newest rows.
pub(super) fn prune(
    connection: &mut DbConnection,
    before: NaiveDateTime,
    keep: i64,
) -> QueryResult<()> {
    diesel::delete(message_trace::table.filter(message_trace::at.lt(before)))
        .execute(connection)?;
    let newest: Option<i64> = message_trace::table
        .select(message_trace::id)
        .order(message_trace::id.desc())
        .first(connection)
        .optional()?;
    let last = newest.unwrap_or_default() - keep;
    diesel::delete(message_trace::table.filter(message_trace::id.le(last)))
        .execute(connection)
        .map(drop)
}
