//! Watches a SQLite file: whether another connection, of any process, has committed.

use std::sync::Weak;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::connection::DbConnection;
use super::connector::Connector;
use super::watcher::{LOOK, Shared, pause};

/// How often to look whether somebody waits.
const LOOK_FOR_WAITERS: Duration = Duration::from_millis(20);

#[derive(QueryableByName)]
struct DataVersion {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    data_version: i64,
}

/// `PRAGMA data_version` changes when another connection, of any process, has committed.
pub(super) fn watch(shared: &Weak<Shared>, _thread: u64) {
    let mut connection = None;
    let mut seen = None;
    while let Some(shared) = shared.upgrade() {
        if !shared.has_waiters() {
            drop(shared);
            pause(LOOK_FOR_WAITERS);
            continue;
        }
        let version = data_version(&shared.connector, &mut connection);
        if version.is_none() {
            connection = None;
        }
        if version != seen {
            seen = version;
            shared.changed();
        }
        drop(shared);
        pause(LOOK);
    }
}

fn data_version(connector: &Connector, connection: &mut Option<DbConnection>) -> Option<i64> {
    if connection.is_none() {
        *connection = connector.open().ok();
    }
    let connection = connection.as_mut()?;
    // A read keeps the connection's picture of the file current.
    connection.batch_execute("SELECT 1").ok()?;
    let row: DataVersion = diesel::sql_query("PRAGMA data_version").get_result(connection).ok()?;
    Some(row.data_version)
}
