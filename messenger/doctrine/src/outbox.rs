//! The outbox: messages for transports that cannot join a transaction, kept until they are sent, and
//! messages that are to be handled here after the commit, kept until they are.
//!
//! It is a queue table of its own, with one queue a transport.

use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::Text;

use super::backend::Backend;
use super::claim::Claim;
use super::connection::DbConnection;
use super::deliveries;
use super::dialect::Dialect;
use super::layout::{Layout, table_exists};
use super::queue::{Id, Queue, Row};
use super::schema::{ensure_deliveries, ensure_support_table};
use messenger::clock::Clock;
use messenger::{Encoded, HELD_BACK, OUTBOX_LEASE, OutboxEntry, OutboxMessage};

/// The table.
pub(super) const TABLE: &str = "messenger_outbox";

/// The date of a claim, which its holder must know to settle the row.
#[derive(QueryableByName)]
struct Lease {
    #[diesel(sql_type = Text)]
    delivered_at: String,
}

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
        redeliver_timeout: OUTBOX_LEASE,
        foreign_redeliver_timeout: OUTBOX_LEASE,
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
         RETURNING {} AS delivered_at",
        queue.dialect.lease(),
        queue.dialect.text("delivered_at"),
    );
    let lease: Lease = diesel::sql_query(sql).get_result(connection)?;
    Ok(OutboxEntry { id, lease: lease.delivered_at })
}

fn claim_of(entry: &OutboxEntry) -> [Claim; 1] {
    [(entry.id, Some(entry.lease.clone()))]
}

/// Removes a message that was sent or handled; says whether it was still ours.
pub(super) fn remove(connection: &mut DbConnection, entry: &OutboxEntry) -> QueryResult<bool> {
    let queue = queue(connection.backend(), "");
    Ok(!queue.delete(connection, &claim_of(entry))?.is_empty())
}

/// Replaces a message that is still ours.
pub(super) fn update(
    connection: &mut DbConnection,
    entry: &OutboxEntry,
    message: &Encoded,
) -> QueryResult<()> {
    let queue = queue(connection.backend(), "");
    let (body, headers) = super::text::as_text(message);
    // SQLite numbers parameters as they come.
    let sql = format!(
        "WITH ours AS (SELECT id FROM {TABLE} WHERE id = {} AND {}) \
         UPDATE {TABLE} SET body = $2, headers = $3 WHERE id IN (SELECT id FROM ours)",
        entry.id,
        queue.dialect.lease_is_parameter(),
    );
    let update = diesel::sql_query(sql).bind::<Text, _>(&entry.lease);
    update.bind::<Text, _>(body).bind::<Text, _>(headers).execute(connection).map(drop)
}

/// Renews the lease of an entry that is still ours.
pub(super) fn renew(
    connection: &mut DbConnection,
    entry: &OutboxEntry,
) -> QueryResult<Option<OutboxEntry>> {
    let queue = queue(connection.backend(), "");
    let row = queue.renew(connection, &claim_of(entry))?.pop();
    Ok(row.map(|row| OutboxEntry { id: row.id, lease: row.delivered_at.unwrap_or_default() }))
}

/// Gives an entry that is still ours to whoever wants it, after a delay.
pub(super) fn release(
    connection: &mut DbConnection,
    entry: &OutboxEntry,
    delay: Duration,
) -> QueryResult<()> {
    queue(connection.backend(), "").release(connection, &claim_of(entry), delay)
}

/// Claims messages that are to be handled: those that were given back, or else those whose process
/// did not handle them in time. Call it in a transaction.
pub(super) fn claim_held_back(
    connection: &mut DbConnection,
    max: usize,
) -> QueryResult<Vec<OutboxMessage>> {
    let queue = queue(connection.backend(), HELD_BACK);
    let given_back = queue.claim(connection, max)?;
    if !given_back.is_empty() {
        return Ok(given_back.into_iter().map(|row| message(HELD_BACK, &row, None)).collect());
    }
    let expired = queue.expired(connection, max)?;
    if expired.is_empty() {
        return Ok(Vec::new());
    }
    ensure_deliveries(connection, TABLE)?;
    let ids = deliveries::together(&queue, connection, expired)?;
    let rows = deliveries::take_over(&queue, connection, &ids)?;
    Ok(rows.iter().map(|(row, count)| message(HELD_BACK, row, Some(*count))).collect())
}

fn message(transport: &str, row: &Row, deliveries: Option<u32>) -> OutboxMessage {
    let lease = row.delivered_at.clone().unwrap_or_default();
    OutboxMessage {
        entry: OutboxEntry { id: row.id, lease },
        transport: transport.to_owned(),
        message: super::text::from_row(row),
        deliveries,
    }
}

/// Claims messages for transports whose process did not send them in time. Call it in a transaction.
pub(super) fn claim(connection: &mut DbConnection, max: usize) -> QueryResult<Vec<OutboxMessage>> {
    let backend = connection.backend();
    let names: Vec<QueueName> = diesel::sql_query(format!(
        "SELECT DISTINCT queue_name FROM {TABLE} WHERE queue_name <> $1"
    ))
    .bind::<Text, _>(HELD_BACK)
    .load(connection)?;
    let mut claimed = Vec::new();
    for QueueName { queue_name } in names {
        let queue = queue(backend, &queue_name);
        let ids = queue.expired(connection, max - claimed.len())?;
        let rows = queue.take_over(connection, &ids)?;
        claimed.extend(rows.iter().map(|row| message(&queue_name, row, None)));
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
