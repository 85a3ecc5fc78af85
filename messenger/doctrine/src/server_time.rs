//! What time it is for the database.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel::result::Error::DeserializationError;
use diesel::sql_types::Text;
use messenger::clock::Clock;

use super::connection::DbConnection;
use super::database::Database;
use super::dialect::Dialect;
use super::error::DatabaseError;

#[derive(QueryableByName)]
struct Time {
    #[diesel(sql_type = Text)]
    time: String,
}

impl Database {
    /// What time it is where the database is: its clock stamps rows that other machines read.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn now(&self) -> Result<DateTime<Utc>, DatabaseError> {
        self.run(|connection| {
            let now = dialect(connection).now();
            let query = diesel::sql_query(format!("SELECT CAST({now} AS TEXT) AS time"));
            let Time { time } = query.get_result(connection)?;
            let time = NaiveDateTime::parse_from_str(&time, "%Y-%m-%d %H:%M:%S%.f");
            time.map(|time| time.and_utc()).map_err(|error| DeserializationError(error.into()))
        })
        .await
    }
}

/// How the database says what time it is.
pub(super) fn dialect(connection: &DbConnection) -> Dialect {
    Dialect { backend: connection.backend(), fractions: true, clock: Clock::System }
}
