//! A database: its pool of connections, and the news that something in it has changed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::QueryResult;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::backend::Backend;
use super::connection::DbConnection;
use super::error::DatabaseError;
use super::manager::{Manager, Pooled};
use super::watcher::Watcher;

/// How long somebody waits for a connection, or on SQLite for the right to write.
const WAIT: Duration = Duration::from_secs(5);

/// A pool of connections to one database. Cheap to clone.
#[derive(Clone)]
pub struct Database(Arc<Inner>);

struct Inner {
    url: String,
    backend: Backend,
    pool: r2d2::Pool<Manager>,
    /// SQLite has one writer. Transactions of this process queue here, in order, rather than in
    /// SQLite's busy handler, which polls.
    writer: Arc<Semaphore>,
    watcher: Watcher,
}

/// A connection outside of the pool, with the right to write where that is exclusive. Dropped with
/// an open transaction, the connection is closed, which undoes it.
pub(super) struct Session {
    pooled: r2d2::PooledConnection<Manager>,
    // Declared last: the right to write is given back after the connection.
    _permit: Option<OwnedSemaphorePermit>,
}

impl Database {
    /// Opens a database: `sqlite://PATH` (the file and its folder are made if they are missing)
    /// or `postgres://…`. Connects once, so that a wrong URL is found here.
    ///
    /// # Errors
    /// When the URL is not understood or the database cannot be reached.
    pub fn open(url: &str) -> Result<Self, DatabaseError> {
        let backend = Backend::of_url(url)?;
        if backend == Backend::Sqlite {
            make_folder(url)?;
        }
        super::backend::check_tls(url)?;
        drop(DbConnection::open(url)?);
        let pool = r2d2::Pool::builder()
            .max_size(if backend == Backend::Sqlite { 8 } else { 16 })
            .min_idle(Some(0))
            .connection_timeout(WAIT)
            .error_handler(Box::new(LogError))
            .build_unchecked(Manager { url: url.to_owned() });
        let watcher = Watcher::new(url.to_owned(), backend);
        let writer = Arc::new(Semaphore::new(1));
        Ok(Self(Arc::new(Inner { url: url.to_owned(), backend, pool, writer, watcher })))
    }

    /// Which database it is.
    #[must_use]
    pub fn backend(&self) -> Backend {
        self.0.backend
    }

    /// The URL, its password masked.
    #[must_use]
    pub fn url(&self) -> String {
        super::backend::mask_password(&self.0.url)
    }

    /// Runs code on a connection, on a thread that may block. Not in a transaction.
    ///
    /// # Errors
    /// When there is no connection, or the code's own error.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> QueryResult<T> + Send + 'static,
    ) -> Result<T, DatabaseError> {
        let database = self.clone();
        blocking(move || database.checkout(None)?.run(work)).await
    }

    /// Runs one statement that writes, when it is its turn. It is its own transaction.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> QueryResult<T> + Send + 'static,
    ) -> Result<T, DatabaseError> {
        let permit = self.writer_permit().await?;
        let database = self.clone();
        blocking(move || database.checkout(permit)?.run(work)).await
    }

    /// Runs code in a transaction of its own.
    ///
    /// # Errors
    /// When there is no connection, or the code's own error; nothing is kept then.
    pub async fn transaction<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> QueryResult<T> + Send + 'static,
    ) -> Result<T, DatabaseError> {
        let permit = self.writer_permit().await?;
        let database = self.clone();
        let result = blocking(move || {
            let mut session = database.checkout(permit)?;
            session.run(|connection| {
                connection.begin()?;
                match work(connection) {
                    Ok(value) => connection.commit().map(|()| value),
                    Err(error) => connection.rollback().and(Err(error)),
                }
            })
        });
        let value = result.await?;
        self.changed();
        Ok(value)
    }

    /// Tells waiting workers of this process that something was committed.
    pub(super) fn changed(&self) {
        self.0.watcher.changed();
    }

    /// The number of changes so far; it grows when something may have changed.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.0.watcher.subscribe()
    }

    pub(super) fn watcher(&self) -> &Watcher {
        &self.0.watcher
    }

    /// A connection for a transaction.
    pub(super) async fn transaction_session(&self) -> Result<Session, DatabaseError> {
        let permit = self.writer_permit().await?;
        let database = self.clone();
        blocking(move || database.checkout(permit)).await
    }

    async fn writer_permit(&self) -> Result<Option<OwnedSemaphorePermit>, DatabaseError> {
        if self.0.backend == Backend::Postgres {
            return Ok(None);
        }
        let permit = tokio::time::timeout(2 * WAIT, Arc::clone(&self.0.writer).acquire_owned());
        match permit.await {
            Ok(permit) => Ok(permit.ok()),
            Err(_) => Err(DatabaseError::NoConnection(
                "another transaction has been writing for 10 s".to_owned(),
            )),
        }
    }

    fn checkout(&self, permit: Option<OwnedSemaphorePermit>) -> Result<Session, DatabaseError> {
        let pooled =
            self.0.pool.get().map_err(|error| DatabaseError::NoConnection(error.to_string()))?;
        Ok(Session { pooled, _permit: permit })
    }
}

impl Session {
    /// Runs code on the connection, and notes whether the connection may be dead.
    pub(super) fn run<T>(
        &mut self,
        work: impl FnOnce(&mut DbConnection) -> QueryResult<T>,
    ) -> Result<T, DatabaseError> {
        let pooled: &mut Pooled = &mut self.pooled;
        let result = work(&mut pooled.connection);
        pooled.used_at = Instant::now();
        pooled.suspect = matches!(&result, Err(diesel::result::Error::DatabaseError(..)));
        Ok(result?)
    }
}

/// Runs code on a thread that may block.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, DatabaseError> + Send + 'static,
) -> Result<T, DatabaseError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(_) => Err(DatabaseError::Panicked),
    }
}

fn make_folder(url: &str) -> Result<(), DatabaseError> {
    let path = std::path::Path::new(url.trim_start_matches("sqlite://"));
    let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) else {
        return Ok(());
    };
    std::fs::create_dir_all(folder).map_err(|source| DatabaseError::Connect {
        url: url.to_owned(),
        source: anyhow::Error::new(source).context("could not make its folder"),
    })
}

/// Logs why the pool could not make a connection; the caller learns only that none came in time.
#[derive(Debug)]
struct LogError;

impl r2d2::HandleError<DatabaseError> for LogError {
    fn handle_error(&self, error: DatabaseError) {
        tracing::warn!(target: "messenger", "{error}");
    }
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Database").field(&self.url()).finish()
    }
}
