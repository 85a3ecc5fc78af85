//! The restart signal of `messenger:stop-workers`, kept in the database.

use diesel::prelude::*;
use diesel::sql_types::Text;
use messenger::worker::RestartSignal;
use messenger::{BoxError, async_trait};

use super::database::Database;
use super::layout::table_exists;
use super::schema;
use super::server_time::dialect;

const NAME: &str = "restart_workers";

/// A request to all workers on this database, on whatever machine, to stop.
#[derive(Debug, Clone)]
pub struct DatabaseSignal(pub Database);

#[derive(QueryableByName)]
struct Request {
    #[diesel(sql_type = Text)]
    time: String,
}

#[async_trait]
impl RestartSignal for DatabaseSignal {
    async fn last_request(&self) -> Result<Option<String>, BoxError> {
        let request = self.0.run(|connection| {
            if !table_exists(connection, "messenger_signals")? {
                return Ok(None);
            }
            diesel::sql_query(
                "SELECT CAST(requested_at AS TEXT) AS time FROM messenger_signals WHERE name = $1",
            )
            .bind::<Text, _>(NAME)
            .get_result::<Request>(connection)
            .optional()
        });
        Ok(request.await?.map(|request| request.time))
    }

    async fn request(&self) -> Result<(), BoxError> {
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
