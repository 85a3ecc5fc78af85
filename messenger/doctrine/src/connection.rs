//! One connection to either database.

use diesel::{PgConnection, SqliteConnection};

/// A connection to PostgreSQL or SQLite; queries written with diesel run on both.
// Alone in this file: the derive brings its own names and would collide with ours.
#[derive(diesel::MultiConnection)]
pub enum DbConnection {
    /// PostgreSQL.
    Pg(PgConnection),
    /// SQLite.
    Sqlite(SqliteConnection),
}
