//! Migrations of the database, embedded in the program.

use std::time::Duration;

use diesel::backend::Backend;
use diesel::connection::SimpleConnection;
use diesel::migration::{MigrationSource, MigrationVersion};
use diesel::result::{DatabaseErrorKind, Error};
use diesel::sql_types::Text;
use diesel::{QueryResult, QueryableByName, RunQueryDsl};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use messenger_doctrine::{Database, DatabaseError, DbConnection};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");
/// A number of ours for PostgreSQL's advisory locks.
const LOCK: i64 = 0x706f_6e6b_6100;

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}
/// How long the migrations may take together, and another process's that are waited for.
const PATIENCE: Duration = Duration::from_secs(3600);

/// Applies what is missing and gives the versions that were applied. Several processes may do so
/// at once: one applies, the others wait.
///
/// # Errors
/// When the database cannot be reached or a migration fails; nothing of it is kept then.
pub async fn run(database: &Database) -> Result<Vec<String>, DatabaseError> {
    // Whoever has nothing to apply needs no right to: it is looked before a lock is taken.
    if are_applied(database).await? {
        return Ok(Vec::new());
    }
    // On SQLite the right to write is the lock; here it is taken for the whole transaction.
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
    let applied = database.run(|connection| {
        let applied = applied(connection)?;
        let known = match connection {
            DbConnection::Pg(_) => known::<diesel::pg::Pg>(&POSTGRES),
            DbConnection::Sqlite(_) => known::<diesel::sqlite::Sqlite>(&SQLITE),
        };
        Ok(known?.iter().all(|version| applied.contains(version)))
    });
    applied.await
}

/// The versions in the table; diesel itself would make it first.
fn applied(connection: &mut DbConnection) -> QueryResult<Vec<String>> {
    let table = match connection {
        DbConnection::Pg(_) => {
            "SELECT CAST(relname AS TEXT) AS version FROM pg_class \
             WHERE oid = to_regclass('__diesel_schema_migrations')"
        }
        DbConnection::Sqlite(_) => {
            "SELECT name AS version FROM sqlite_master WHERE name = '__diesel_schema_migrations'"
        }
    };
    if diesel::sql_query(table).load::<Version>(connection)?.is_empty() {
        return Ok(Vec::new());
    }
    let versions = diesel::sql_query("SELECT version FROM __diesel_schema_migrations");
    let versions = versions.load::<Version>(connection)?;
    Ok(versions.into_iter().map(|one| one.version).collect())
}

fn known<B: Backend>(migrations: &EmbeddedMigrations) -> QueryResult<Vec<String>> {
    let migrations = failed(MigrationSource::<B>::migrations(migrations))?;
    Ok(migrations.iter().map(|one| one.name().version().to_string()).collect())
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
