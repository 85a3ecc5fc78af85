//! How a database is opened, where the defaults do not fit.

use std::num::NonZeroUsize;
use std::sync::Arc;

use diesel::ConnectionResult;

use super::connection::DbConnection;
use super::connector::{Connect, Connector};
use super::database::Database;
use super::error::DatabaseError;

/// How a [`Database`] is opened, where the defaults do not fit.
///
/// ```
/// use diesel::{Connection as _, SqliteConnection};
/// use messenger_doctrine::{DatabaseOptions, DbConnection};
///
/// # let folder = tempfile::tempdir()?;
/// # let url = format!("sqlite://{}", folder.path().join("app.sqlite").display());
/// let database = DatabaseOptions::new(&url)
///     .connections(4)
///     // As the rest of the application opens its connections: with a token, its own TLS, …
///     .connect_with(|url| {
///         let path = url.trim_start_matches("sqlite://");
///         SqliteConnection::establish(path).map(DbConnection::Sqlite)
///     })
///     .open()?;
/// # drop(database);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct DatabaseOptions {
    url: String,
    connections: Option<NonZeroUsize>,
    connect: Option<Arc<Connect>>,
}

impl DatabaseOptions {
    /// The defaults for this URL: `sqlite://PATH` or `postgres://…`.
    pub fn new(url: &str) -> Self {
        Self { url: url.to_owned(), connections: None, connect: None }
    }

    /// How many connections are in use at the same time, at most; by default 16 to PostgreSQL and 8 to
    /// SQLite. A handler that uses the database beside its own transaction needs two. PostgreSQL has
    /// one more, which listens. 0 is taken for 1.
    pub fn connections(self, at_most: usize) -> Self {
        let at_most = NonZeroUsize::new(at_most).unwrap_or(NonZeroUsize::MIN);
        Self { connections: Some(at_most), ..self }
    }

    /// Every connection is opened by this function of the application, which is given the URL. It runs
    /// on a thread that may block. It may give a connection that it has taken out of a pool for good,
    /// but none that a pool wants back: one whose transaction was abandoned, or whose server has fallen
    /// silent, is closed, which is what undoes its work.
    pub fn connect_with(
        self,
        connect: impl Fn(&str) -> ConnectionResult<DbConnection> + Send + Sync + 'static,
    ) -> Self {
        Self { connect: Some(Arc::new(connect)), ..self }
    }

    /// Opens the database. Connects once, so that a wrong URL is found here.
    ///
    /// # Errors
    /// When the URL is not understood or the database cannot be reached.
    pub fn open(self) -> Result<Database, DatabaseError> {
        let connector = Connector::new(&self.url, self.connect)?;
        Database::with(connector, self.connections.map(NonZeroUsize::get))
    }
}

impl std::fmt::Debug for DatabaseOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DatabaseOptions")
            .field("url", &super::backend::mask_password(&self.url))
            .field("connections", &self.connections)
            .finish_non_exhaustive()
    }
}
