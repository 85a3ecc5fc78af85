//! Counts deliveries of messages with which workers vanished. Only a claim that takes over an
//! ended lease writes here; the ordinary path writes nothing.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer};

use super::claim::Claim;
use super::connection::DbConnection;
use super::queue::{Queue, Row};

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    message_id: i64,
    #[diesel(sql_type = Integer)]
    deliveries: i32,
}

/// Of rows whose lease has ended, those that may be taken over together. One that was taken over
/// before is handled alone, so that what stands behind a message with which workers vanish is not
/// counted, and at last set aside, along with it.
pub(super) fn together(
    queue: &Queue,
    connection: &mut DbConnection,
    ids: Vec<i64>,
) -> QueryResult<Vec<i64>> {
    let list = ids.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
    let counted: Vec<Count> = diesel::sql_query(format!(
        "SELECT message_id, deliveries FROM {}_deliveries WHERE message_id IN ({list})",
        queue.table
    ))
    .load(connection)?;
    let again = ids.iter().find(|id| counted.iter().any(|count| count.message_id == **id));
    Ok(again.map_or_else(|| ids.clone(), |id| vec![*id]))
}

/// Claims rows whose lease has ended, each with its number of deliveries, this one included.
/// Call it in a transaction.
pub(super) fn take_over(
    queue: &Queue,
    connection: &mut DbConnection,
    ids: &[i64],
) -> QueryResult<Vec<(Row, u32)>> {
    let rows = queue.take_over(connection, ids)?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let table = &queue.table;
    let values = rows.iter().map(|row| format!("({}, 2)", row.id)).collect::<Vec<_>>().join(", ");
    let counts: Vec<Count> = diesel::sql_query(format!(
        "INSERT INTO {table}_deliveries (message_id, deliveries) VALUES {values} \
         ON CONFLICT (message_id) DO UPDATE SET deliveries = {alias}.deliveries + 1 \
         RETURNING message_id, deliveries",
        alias = format_args!("{}_deliveries", table.rsplit('.').next().unwrap_or(table)),
    ))
    .load(connection)?;
    // Rows that others removed without telling us leave their count behind.
    diesel::sql_query(format!(
        "DELETE FROM {table}_deliveries WHERE NOT EXISTS \
         (SELECT 1 FROM {table} AS queue WHERE queue.id = message_id)"
    ))
    .execute(connection)?;
    let counts: HashMap<i64, i32> =
        counts.into_iter().map(|count| (count.message_id, count.deliveries)).collect();
    let with_count = |row: Row| {
        let count = counts.get(&row.id).copied().unwrap_or(2);
        (row, u32::try_from(count).unwrap_or(2))
    };
    Ok(rows.into_iter().map(with_count).collect())
}

/// Removes rows that are still ours, and the counts of those of them that were counted; gives the
/// ids of those that were ours.
pub(super) fn delete(
    queue: &Queue,
    connection: &mut DbConnection,
    claims: &[Claim],
    counted: &[i64],
) -> QueryResult<Vec<i64>> {
    let removed = queue.delete(connection, claims)?;
    let forgotten = counted.iter().filter(|id| removed.contains(id));
    let ids = forgotten.map(i64::to_string).collect::<Vec<_>>().join(",");
    if !ids.is_empty() {
        let sql = format!("DELETE FROM {}_deliveries WHERE message_id IN ({ids})", queue.table);
        diesel::sql_query(sql).execute(connection)?;
    }
    Ok(removed)
}
