//! How many messages were dropped, by message and transport: never in silence.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::connection::DbConnection;
use super::layout::table_exists;
use super::schema::ensure_support_table;

/// The table.
const TABLE: &str = "messenger_discards";

/// A number of dropped messages.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Discard {
    /// The message's wire name.
    #[diesel(sql_type = Text)]
    pub message: String,
    /// The transport it came from.
    #[diesel(sql_type = Text)]
    pub transport: String,
    /// How many.
    #[diesel(sql_type = BigInt)]
    pub count: i64,
}

impl Discard {
    /// All counts so far.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub fn all(connection: &mut DbConnection) -> QueryResult<Vec<Self>> {
        if !table_exists(connection, TABLE)? {
            return Ok(Vec::new());
        }
        diesel::sql_query(
            "SELECT message, transport, count FROM messenger_discards ORDER BY transport, message",
        )
        .load(connection)
    }
}

pub(super) fn count(
    connection: &mut DbConnection,
    message: &str,
    transport: &str,
) -> QueryResult<()> {
    ensure_support_table(connection, TABLE)?;
    let message: String = message.chars().take(255).collect();
    diesel::sql_query(
        "INSERT INTO messenger_discards (message, transport, count) VALUES ($1, $2, 1) \
         ON CONFLICT (message, transport) DO UPDATE SET count = messenger_discards.count + 1",
    )
    .bind::<Text, _>(message)
    .bind::<Text, _>(transport)
    .execute(connection)
    .map(drop)
}
