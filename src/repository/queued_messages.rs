//! What waits in the tables of the queue, as far as photos and their files hang on it.
//!
//! Read from the tables, because a transport lists only what is due: messages that are delayed, in a
//! worker's hands or in a failure transport count as well.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};
use messenger::{Message, short_name};
use messenger_doctrine::DbConnection;
use uuid::Uuid;

use crate::message::command::{AddPonkaToImage, DeletePhotoFile};

/// So many rows are read at once.
const AT_ONCE: i64 = 1000;
/// The queue, and what is about to be sent to transports elsewhere.
const TABLES: [&str; 2] = ["messenger_messages", "messenger_outbox"];
/// What the headers of a message have in common that has failed for good.
const FAILED: &str = "SentToFailureTransportStamp";

/// The messages of one photo.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PonkaMessages {
    /// How many wait for a worker, or are in its hands.
    pub waiting: u32,
    /// How many have failed for good.
    pub failed: u32,
}

/// The files whose deletion is queued or has failed.
pub fn files_to_be_deleted(connection: &mut DbConnection) -> QueryResult<HashSet<Uuid>> {
    let mut files = HashSet::new();
    each_of::<DeletePhotoFile>(connection, |message, _| {
        files.extend(message.file());
    })?;
    Ok(files)
}

/// The photos that Ponka is to visit, with the number of their messages.
pub fn photos_to_be_visited(
    connection: &mut DbConnection,
) -> QueryResult<HashMap<Uuid, PonkaMessages>> {
    let mut photos: HashMap<Uuid, PonkaMessages> = HashMap::new();
    each_of::<AddPonkaToImage>(connection, |message, has_failed| {
        let messages = photos.entry(message.image_post_id).or_default();
        let count = if has_failed { &mut messages.failed } else { &mut messages.waiting };
        *count += 1;
    })?;
    Ok(photos)
}

/// How many messages have been due since before `before`, and are in nobody's hands or have been for
/// longer than that. Failed ones wait for a person.
pub fn count_overdue(connection: &mut DbConnection, before: NaiveDateTime) -> QueryResult<i64> {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = Nullable<BigInt>)]
        count: Option<i64>,
    }
    let mut overdue = 0;
    for table in TABLES {
        let sql = format!(
            "SELECT COUNT(*) AS count FROM {table} WHERE available_at < $1 \
             AND (delivered_at IS NULL OR delivered_at < $1) AND headers NOT LIKE '%{FAILED}%'"
        );
        let count: Count =
            diesel::sql_query(sql).bind::<Timestamp, _>(before).get_result(connection)?;
        overdue += count.count.unwrap_or(0);
    }
    Ok(overdue)
}

/// Every message of one class that can be read, and whether it has failed for good.
fn each_of<M: Message>(
    connection: &mut DbConnection,
    mut tell: impl FnMut(M, bool),
) -> QueryResult<()> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        id: i64,
        #[diesel(sql_type = Text)]
        body: String,
        #[diesel(sql_type = Text)]
        headers: String,
    }
    let class = short_name(M::NAME);
    for table in TABLES {
        let sql = format!(
            "SELECT CAST(id AS BIGINT) AS id, body, headers FROM {table} \
             WHERE id > $1 AND headers LIKE '%{class}%' ORDER BY id LIMIT {AT_ONCE}"
        );
        let mut last = i64::MIN;
        loop {
            let rows: Vec<Row> =
                diesel::sql_query(&sql).bind::<BigInt, _>(last).load(connection)?;
            let Some(end) = rows.last() else { break };
            last = end.id;
            for row in rows {
                // What names the class only in the history of its failures is none of them.
                if let Ok(message) = serde_json::from_str(&row.body) {
                    tell(message, row.headers.contains(FAILED));
                }
            }
        }
    }
    Ok(())
}
