//! What workers do by themselves from time to time, and who of them does it.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::{Text, Timestamp};
use messenger_doctrine::DbConnection;

use crate::schema::upkeep::dsl::{began_at, upkeep};

/// Whether it is the caller who does this now: it was last begun at `before` or earlier. Of several
/// who ask, one is told so. The first to ask at all begins the time that is waited.
pub fn begin(
    connection: &mut DbConnection,
    what: &str,
    now: NaiveDateTime,
    before: NaiveDateTime,
) -> QueryResult<bool> {
    let due = diesel::update(upkeep.find(what).filter(began_at.le(before)));
    if due.set(began_at.eq(now)).execute(connection)? > 0 {
        return Ok(true);
    }
    diesel::sql_query(
        "INSERT INTO upkeep (name, began_at) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
    )
    .bind::<Text, _>(what)
    .bind::<Timestamp, _>(now)
    .execute(connection)?;
    Ok(false)
}
