//! Migrations of the database, embedded in the program.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::result::{DatabaseErrorKind, Error};
use diesel::{QueryResult, migration::MigrationVersion};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use messenger::doctrine::{Database, DatabaseError, DbConnection};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");
/// A number of ours for PostgreSQL's advisory locks.
const LOCK: i64 = 0x706f_6e6b_6100;

/// How long the migrations may take together, and another process's that are waited for.
const PATIENCE: Duration = Duration::from_secs(3600);

/// Applies what is missing and gives the versions that were applied. Several processes may do so
/// at once: one applies, the others wait.
///
/// # Errors
/// When the database cannot be reached or a migration fails; nothing of it is kept then.
pub async fn run(database: &Database) -> Result<Vec<String>, DatabaseError> {
    // On SQLite the right to write is the lock; here it is taken for the whole transaction.
    // Nobody waits for long, or for others, where nothing is missing.
    if matches!(are_applied(database).await, Ok(true)) {
        return Ok(Vec::new());
    }
    let database = database.clone().patient(PATIENCE);
    let applied = database.transaction(|connection| match connection {
        DbConnection::Pg(connection) => {
            connection.batch_execute(&format!("SELECT pg_advisory_xact_lock({LOCK})"))?;
            versions(connection.run_pending_migrations(POSTGRES))
        }
        DbConnection::Sqlite(connection) => versions(connection.run_pending_migrations(SQLITE)),
    });
    applied.await
}

/// Whether everything is applied.
///
/// # Errors
/// When the database cannot be reached.
pub async fn are_applied(database: &Database) -> Result<bool, DatabaseError> {
    let pending = database.run(|connection| match connection {
        DbConnection::Pg(connection) => failed(connection.has_pending_migration(POSTGRES)),
        DbConnection::Sqlite(connection) => failed(connection.has_pending_migration(SQLITE)),
    });
    pending.await.map(|pending| !pending)
}

/// Undoes everything, newest first: for tests of the `down.sql` files.
///
/// # Errors
/// When the database cannot be reached or a migration fails.
pub async fn revert_all(database: &Database) -> Result<(), DatabaseError> {
    let database = database.clone().patient(PATIENCE);
    let reverted = database.transaction(|connection| match connection {
        DbConnection::Pg(connection) => versions(connection.revert_all_migrations(POSTGRES)),
        DbConnection::Sqlite(connection) => versions(connection.revert_all_migrations(SQLITE)),
    });
    reverted.await.map(drop)
}

fn versions(
    result: diesel::migration::Result<Vec<MigrationVersion<'_>>>,
) -> QueryResult<Vec<String>> {
    failed(result).map(|versions| versions.iter().map(ToString::to_string).collect())
}

fn failed<T>(result: diesel::migration::Result<T>) -> QueryResult<T> {
    result.map_err(|error| {
        Error::DatabaseError(DatabaseErrorKind::Unknown, Box::new(error.to_string()))
    })
}
