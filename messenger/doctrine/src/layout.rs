//! What the queue table looks like: ours, or one that some version of Symfony made.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::backend::Backend;
use super::connection::DbConnection;

/// What matters about a queue table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    /// Date columns keep fractions of a second.
    pub(super) fractions: bool,
    /// One index over queue, dates and id, rather than three single-column ones.
    pub(super) composite_index: bool,
    /// Symfony's trigger sends a notification for every row. Ours leaves those out of which we tell
    /// by hand.
    pub(super) notifies: bool,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

impl Layout {
    /// Looks at a table; `None` if it does not exist.
    pub(super) fn of(connection: &mut DbConnection, table: &str) -> QueryResult<Option<Self>> {
        match connection.backend() {
            Backend::Sqlite => sqlite(connection, table),
            Backend::Postgres => postgres(connection, table),
        }
    }
}

/// Whether there is such a table: one question, where the rest of the layout does not matter.
pub(super) fn table_exists(connection: &mut DbConnection, table: &str) -> QueryResult<bool> {
    let sql = match connection.backend() {
        Backend::Sqlite => {
            "SELECT COUNT(*) AS number FROM sqlite_master WHERE type = 'table' AND name = $1"
        }
        Backend::Postgres => "SELECT COUNT(*) AS number FROM pg_class WHERE oid = to_regclass($1)",
    };
    Ok(number(connection, sql, table)? > 0)
}

fn number(connection: &mut DbConnection, sql: &str, name: &str) -> QueryResult<i64> {
    let row: Number = diesel::sql_query(sql).bind::<Text, _>(name).get_result(connection)?;
    Ok(row.number)
}

fn sqlite(connection: &mut DbConnection, table: &str) -> QueryResult<Option<Layout>> {
    // An index whose first column is queue_name and which has more than one.
    const COMPOSITE: &str = "SELECT COUNT(*) AS number FROM pragma_index_list($1) AS list \
        WHERE (SELECT COUNT(*) FROM pragma_index_info(list.name)) >= 4 \
        AND (SELECT name FROM pragma_index_info(list.name) WHERE seqno = 0) = 'queue_name'";
    if !table_exists(connection, table)? {
        return Ok(None);
    }
    let composite_index = number(connection, COMPOSITE, table)? > 0;
    Ok(Some(Layout { fractions: true, composite_index, notifies: false }))
}

fn postgres(connection: &mut DbConnection, table: &str) -> QueryResult<Option<Layout>> {
    const FRACTIONS: &str = "SELECT COUNT(*) AS number FROM pg_attribute \
        WHERE attrelid = to_regclass($1) AND attname = 'available_at' AND atttypmod <> 0";
    const COMPOSITE: &str = "SELECT COUNT(*) AS number FROM pg_index \
        WHERE indrelid = to_regclass($1) AND indnatts >= 4";
    const NOTIFIES: &str = "SELECT COUNT(*) AS number FROM pg_trigger \
        WHERE tgrelid = to_regclass($1) AND tgname = 'notify_trigger' AND tgqual IS NULL";
    if !table_exists(connection, table)? {
        return Ok(None);
    }
    Ok(Some(Layout {
        fractions: number(connection, FRACTIONS, table)? > 0,
        composite_index: number(connection, COMPOSITE, table)? > 0,
        notifies: number(connection, NOTIFIES, table)? > 0,
    }))
}
