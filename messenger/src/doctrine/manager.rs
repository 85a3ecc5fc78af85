//! How the pool makes connections and finds out that one is broken.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::r2d2::R2D2Connection;

use super::connection::DbConnection;
use super::error::DatabaseError;

/// A connection that was used within this time is taken to be alive: asking the server at every
/// checkout would cost a round trip.
const FRESH: Duration = Duration::from_secs(1);

/// Makes connections for the pool.
pub(super) struct Manager {
    pub(super) url: String,
}

/// A connection of the pool.
pub(super) struct Pooled {
    pub(super) connection: DbConnection,
    pub(super) used_at: Instant,
    /// A query failed in a way that may mean the connection is dead.
    pub(super) suspect: bool,
}

impl r2d2::ManageConnection for Manager {
    type Connection = Pooled;
    type Error = DatabaseError;

    fn connect(&self) -> Result<Pooled, DatabaseError> {
        let connection = DbConnection::open(&self.url)?;
        Ok(Pooled { connection, used_at: Instant::now(), suspect: false })
    }

    fn is_valid(&self, pooled: &mut Pooled) -> Result<(), DatabaseError> {
        let fresh = !pooled.suspect && pooled.used_at.elapsed() < FRESH;
        if !fresh && matches!(pooled.connection, DbConnection::Pg(_)) {
            pooled.connection.batch_execute("SELECT 1")?;
        }
        pooled.used_at = Instant::now();
        pooled.suspect = false;
        Ok(())
    }

    fn has_broken(&self, pooled: &mut Pooled) -> bool {
        // Also true for a connection whose transaction was abandoned: closing it undoes the work.
        std::thread::panicking()
            || match &mut pooled.connection {
                DbConnection::Pg(connection) => connection.is_broken(),
                DbConnection::Sqlite(connection) => connection.is_broken(),
            }
    }
}
