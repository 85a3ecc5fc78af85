//! One connection to either database.

#[cfg(feature = "postgres")]
use diesel::PgConnection;
#[cfg(feature = "sqlite")]
use diesel::SqliteConnection;

/// A connection to PostgreSQL or SQLite; queries written with diesel run on both.
// Alone in this file: the derive brings its own names and would collide with ours.
#[derive(diesel::MultiConnection)]
pub enum DbConnection {
    /// PostgreSQL, with the feature `postgres`.
    #[cfg(feature = "postgres")]
    Pg(PgConnection),
    /// SQLite, with the feature `sqlite`.
    #[cfg(feature = "sqlite")]
    Sqlite(SqliteConnection),
}
