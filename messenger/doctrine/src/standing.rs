//! What stands in a queue: what is due, what is delayed, what somebody holds.

use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::backend::Backend;
use super::connection::DbConnection;
use super::queue::{Queue, Row};
use super::transport::DoctrineTransport;
use messenger::TransportError;
use messenger::stamp::QueueStateStamp;
use messenger::transport::{ById, Waiting};

/// A row, and where it stands.
#[derive(QueryableByName)]
pub(super) struct Standing {
    #[diesel(embed)]
    pub(super) message: Row,
    #[diesel(sql_type = BigInt)]
    due_in: i64,
    #[diesel(sql_type = BigInt)]
    held: i64,
}

#[derive(QueryableByName)]
struct Counts {
    #[diesel(sql_type = BigInt)]
    ready: i64,
    #[diesel(sql_type = BigInt)]
    later: i64,
    #[diesel(sql_type = BigInt)]
    held: i64,
}

impl Standing {
    /// The same as a stamp.
    pub(super) fn state(&self) -> QueueStateStamp {
        let due_in = Duration::from_millis(u64::try_from(self.due_in).unwrap_or(0));
        QueueStateStamp { due_in, held: self.held > 0 }
    }
}

impl Queue {
    fn is_held(&self) -> String {
        format!("delivered_at IS NOT NULL AND NOT ({})", self.lease_has_ended())
    }

    /// How many rows there are, by where they stand.
    pub(super) fn waiting(&self, connection: &mut DbConnection) -> QueryResult<Waiting> {
        let (held, now) = (self.is_held(), self.dialect.now());
        let counts: Counts = diesel::sql_query(format!(
            "SELECT COUNT(CASE WHEN NOT ({held}) AND available_at <= {now} THEN 1 END) AS ready, \
             COUNT(CASE WHEN NOT ({held}) AND available_at > {now} THEN 1 END) AS later, \
             COUNT(CASE WHEN {held} THEN 1 END) AS held FROM {} WHERE queue_name = $1",
            self.table,
        ))
        .bind::<Text, _>(&self.name)
        .get_result(connection)?;
        let number = |count: i64| u64::try_from(count).unwrap_or(0);
        Ok(Waiting {
            ready: number(counts.ready),
            delayed: Some(number(counts.later)),
            held: Some(number(counts.held)),
        })
    }

    /// All rows, those that are due first.
    pub(super) fn list(
        &self,
        connection: &mut DbConnection,
        limit: Option<usize>,
    ) -> QueryResult<Vec<Standing>> {
        let limit = limit.map(|limit| format!(" LIMIT {limit}")).unwrap_or_default();
        let sql = self.standing(&format!("ORDER BY queue.available_at, queue.id{limit}"));
        diesel::sql_query(sql).bind::<Text, _>(&self.name).load(connection)
    }

    /// One row.
    pub(super) fn find(
        &self,
        connection: &mut DbConnection,
        id: i64,
    ) -> QueryResult<Option<Standing>> {
        let sql = self.standing(&format!("AND id = {id}"));
        diesel::sql_query(sql).bind::<Text, _>(&self.name).get_result(connection).optional()
    }

    /// What was done with a row, or why it could not be done.
    pub(super) fn or_why_not<T>(
        &self,
        connection: &mut DbConnection,
        id: i64,
        done: Option<T>,
    ) -> QueryResult<ById<T>> {
        Ok(match done {
            Some(done) => ById::Done(done),
            None if self.find(connection, id)?.is_some() => ById::Held,
            None => ById::Absent,
        })
    }

    fn standing(&self, rest: &str) -> String {
        let now = self.dialect.now();
        let due_in = match self.dialect.backend {
            Backend::Postgres => format!("EXTRACT(EPOCH FROM (available_at - {now})) * 1000"),
            Backend::Sqlite => {
                format!("ROUND((julianday(available_at) - julianday({now})) * 86400000)")
            }
        };
        format!(
            "SELECT {}, CAST(COALESCE({due_in}, 0) AS BIGINT) AS due_in, \
             CAST(CASE WHEN {} THEN 1 ELSE 0 END AS BIGINT) AS held \
             FROM {} AS queue WHERE queue_name = $1 {rest}",
            self.columns(),
            self.is_held(),
            self.table,
        )
    }
}

impl DoctrineTransport {
    /// Does something with the transport's own queue, and gives that back too.
    pub(super) async fn look<T: Send + 'static>(
        &self,
        what: &str,
        work: impl FnOnce(&Queue, &mut DbConnection) -> QueryResult<T> + Send + 'static,
    ) -> Result<(Queue, T), TransportError> {
        let queue = self.queue(&self.options.queue_name).await?;
        let from = queue.clone();
        let found = self.database.run(move |connection| work(&from, connection)).await;
        found.map(|found| (queue, found)).map_err(|error| self.failed(what, error))
    }
}
