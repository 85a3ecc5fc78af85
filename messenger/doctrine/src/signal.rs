//! The restart signal of `messenger:stop-workers`, kept in the database.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::Text;
use messenger::async_trait;

use super::connection::DbConnection;
use super::database::Database;
use super::dialect::Dialect;
use super::layout::table_exists;
use super::schema;
use messenger::clock::Clock;
use messenger::worker::RestartSignal;

const NAME: &str = "restart_workers";

/// A request to all workers on this database, on whatever machine, to stop.
#[derive(Debug, Clone)]
pub struct DatabaseSignal(pub Database);

#[derive(QueryableByName)]
struct Time {
    #[diesel(sql_type = Text)]
    time: String,
}

impl Time {
    fn parse(&self) -> Result<DateTime<Utc>, chrono::ParseError> {
        NaiveDateTime::parse_from_str(&self.time, "%Y-%m-%d %H:%M:%S%.f").map(|time| time.and_utc())
    }
}

#[async_trait]
impl RestartSignal for DatabaseSignal {
    async fn last_request(&self) -> anyhow::Result<Option<DateTime<Utc>>> {
        let request = self.0.run(|connection| {
            if !table_exists(connection, "messenger_signals")? {
                return Ok(None);
            }
            diesel::sql_query(
                "SELECT CAST(requested_at AS TEXT) AS time FROM messenger_signals WHERE name = $1",
            )
            .bind::<Text, _>(NAME)
            .get_result::<Time>(connection)
            .optional()
        });
        Ok(request.await?.map(|time| time.parse()).transpose()?)
    }

    async fn now(&self) -> anyhow::Result<DateTime<Utc>> {
        let now = self.0.run(|connection| {
            let now = dialect(connection).now();
            diesel::sql_query(format!("SELECT CAST({now} AS TEXT) AS time"))
                .get_result::<Time>(connection)
        });
        Ok(now.await?.parse()?)
    }

    async fn request(&self) -> anyhow::Result<()> {
        let requested = self.0.transaction(|connection| {
            schema::setup_support_tables(connection)?;
            let now = dialect(connection).stamp(0);
            diesel::sql_query(format!(
                "INSERT INTO messenger_signals (name, requested_at) VALUES ($1, {now}) \
                 ON CONFLICT (name) DO UPDATE SET requested_at = excluded.requested_at"
            ))
            .bind::<Text, _>(NAME)
            .execute(connection)
            .map(drop)
        });
        Ok(requested.await?)
    }
}

fn dialect(connection: &DbConnection) -> Dialect {
    Dialect { backend: connection.backend(), fractions: true, clock: Clock::System }
}
