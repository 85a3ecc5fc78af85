//! The outbox: messages for transports that cannot join a transaction, kept until they are sent.
//!
//! It is a queue table of its own, with one queue a transport.

use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::Text;

use super::backend::Backend;
use super::connection::DbConnection;
use super::dialect::Dialect;
use super::layout::{Layout, table_exists};
use super::queue::{Id, Queue};
use super::schema::ensure_support_table;
use crate::clock::Clock;
use crate::codec::Encoded;
use crate::scope::{OutboxEntry, OutboxMessage};

/// The table.
pub(super) const TABLE: &str = "messenger_outbox";
/// A message that is not sent within this time is sent by whoever finds it.
const LEASE: Duration = Duration::from_secs(30);

#[derive(QueryableByName)]
struct QueueName {
    #[diesel(sql_type = Text)]
    queue_name: String,
}

fn queue(backend: Backend, transport: &str) -> Queue {
    Queue {
        table: TABLE.to_owned(),
        name: transport.to_owned(),
        layout: Layout { fractions: true, composite_index: true, notifies: false },
        dialect: Dialect { backend, fractions: true, clock: Clock::System },
        redeliver_timeout: LEASE,
        foreign_redeliver_timeout: LEASE,
        notifies_by_hand: false,
    }
}

/// Stores a message and claims it for this process, which is about to send it.
pub(super) fn store(
    connection: &mut DbConnection,
    transport: &str,
    message: &Encoded,
) -> QueryResult<OutboxEntry> {
    ensure_support_table(connection, TABLE)?;
    let queue = queue(connection.backend(), transport);
    let (body, headers) = super::text::as_text(message);
    let id = queue.insert(connection, &body, &headers, 0)?;
    let sql = format!(
        "UPDATE {TABLE} SET delivered_at = {} WHERE id = {id} \
         RETURNING {} AS queue_name",
        queue.dialect.lease(),
        queue.dialect.text("delivered_at"),
    );
    let lease: QueueName = diesel::sql_query(sql).get_result(connection)?;
    Ok(OutboxEntry { id, lease: lease.queue_name })
}

/// Removes a message that was sent.
pub(super) fn remove(connection: &mut DbConnection, entry: &OutboxEntry) -> QueryResult<()> {
    let queue = queue(connection.backend(), "");
    queue.delete(connection, &[(entry.id, Some(entry.lease.clone()))]).map(drop)
}

/// Claims messages whose process did not send them in time. Call it in a transaction.
pub(super) fn claim(connection: &mut DbConnection, max: usize) -> QueryResult<Vec<OutboxMessage>> {
    let backend = connection.backend();
    let names: Vec<QueueName> =
        diesel::sql_query(format!("SELECT DISTINCT queue_name FROM {TABLE}")).load(connection)?;
    let mut claimed = Vec::new();
    for QueueName { queue_name } in names {
        let queue = queue(backend, &queue_name);
        let ids = queue.expired(connection, max - claimed.len())?;
        for row in queue.take_over(connection, &ids)? {
            let lease = row.delivered_at.clone().unwrap_or_default();
            claimed.push(OutboxMessage {
                entry: OutboxEntry { id: row.id, lease },
                transport: queue_name.clone(),
                message: super::text::from_row(&row),
            });
        }
    }
    Ok(claimed)
}

/// Whether there is anything in the outbox. Says no when the table does not exist.
pub(super) fn is_empty(connection: &mut DbConnection) -> QueryResult<bool> {
    if !table_exists(connection, TABLE)? {
        return Ok(true);
    }
    let row: Option<Id> = diesel::sql_query(format!("SELECT id FROM {TABLE} LIMIT 1"))
        .get_result(connection)
        .optional()?;
    Ok(row.is_none())
}
