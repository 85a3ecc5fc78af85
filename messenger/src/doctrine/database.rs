//! A database: its pool of connections, and the news that something in it has changed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::QueryResult;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::backend::Backend;
use super::commit;
use super::connection::DbConnection;
use super::error::DatabaseError;
use super::manager::{Manager, Pooled};
use super::sql_observer::{self, SqlObserver, SqlRecorder};
use super::watcher::Watcher;

/// How long somebody waits for a connection, or on SQLite for the right to write.
const WAIT: Duration = Duration::from_secs(5);

/// How many connections one process has to PostgreSQL at most. A runtime whose threads run code on
/// them needs more threads than this that may block: all connections may wait for one row.
pub const MAX_CONNECTIONS: u32 = 16;

/// A pool of connections to one database. Cheap to clone.
#[derive(Clone)]
pub struct Database {
    inner: Arc<Inner>,
    observer: Option<Arc<dyn SqlObserver>>,
}

struct Inner {
    url: String,
    backend: Backend,
    pool: r2d2::Pool<Manager>,
    /// As many places as the pool has connections. Whoever waits for one waits here, and not on a
    /// thread that those who have one need to go on.
    places: Arc<Semaphore>,
    /// SQLite has one writer. Transactions of this process queue here, in order, rather than in
    /// SQLite's busy handler, which polls.
    writer: Arc<Semaphore>,
    watcher: Watcher,
}

/// A connection outside of the pool, with the right to write where that is exclusive. Dropped with
/// an open transaction, the connection is closed, which undoes it.
pub(super) struct Session {
    pooled: r2d2::PooledConnection<Manager>,
    // Declared last: both are given back after the connection.
    _turn: Turn,
}

/// A place at the pool, and the right to write where that is exclusive.
struct Turn {
    _writer: Option<OwnedSemaphorePermit>,
    _place: OwnedSemaphorePermit,
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
        let size: u32 = if backend == Backend::Sqlite { 8 } else { MAX_CONNECTIONS };
        let pool = r2d2::Pool::builder()
            .max_size(size)
            .min_idle(Some(0))
            .connection_timeout(WAIT)
            .error_handler(Box::new(LogError))
            .build_unchecked(Manager { url: url.to_owned() });
        let watcher = Watcher::new(url.to_owned(), backend);
        let places = Arc::new(Semaphore::new(size as usize));
        let writer = Arc::new(Semaphore::new(1));
        let url = url.to_owned();
        let inner = Arc::new(Inner { url, backend, pool, places, writer, watcher });
        Ok(Self { inner, observer: None })
    }

    /// The same pool; what runs through this handle and its clones is observed.
    #[must_use]
    pub fn observed_by(self, observer: Arc<dyn SqlObserver>) -> Self {
        Self { observer: Some(observer), ..self }
    }

    /// Which database it is.
    #[must_use]
    pub fn backend(&self) -> Backend {
        self.inner.backend
    }

    /// The URL, its password masked.
    #[must_use]
    pub fn url(&self) -> String {
        super::backend::mask_password(&self.inner.url)
    }

    /// Runs code on a connection, on a thread that may block. Not in a transaction.
    ///
    /// # Errors
    /// When there is no connection, or the code's own error.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> QueryResult<T> + Send + 'static,
    ) -> Result<T, DatabaseError> {
        let (database, turn) = (self.clone(), self.turn(false).await?);
        let recorder = self.recorder();
        blocking(move || database.checkout(turn)?.run(recorder, work)).await
    }

    /// Runs one statement that writes, when it is its turn. It is its own transaction, and nobody can
    /// say what became of it if its answer is lost: only for what may be lost, such as a claim, whose
    /// lease ends.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> QueryResult<T> + Send + 'static,
    ) -> Result<T, DatabaseError> {
        let (database, turn) = (self.clone(), self.turn(true).await?);
        let recorder = self.recorder();
        blocking(move || database.checkout(turn)?.run(recorder, work)).await
    }

    /// Runs code in a transaction of its own.
    ///
    /// # Errors
    /// When there is no connection, or the code's own error; nothing is kept then, unless it is
    /// [`DatabaseError::OutcomeUnknown`].
    pub async fn transaction<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> QueryResult<T> + Send + 'static,
    ) -> Result<T, DatabaseError> {
        let (database, turn) = (self.clone(), self.turn(true).await?);
        let recorder = self.recorder();
        let result = blocking(move || {
            let mut session = database.checkout(turn)?;
            session.run(recorder, |connection| {
                connection.begin()?;
                match work(connection) {
                    Ok(value) => commit::commit(connection).map(|commit| (commit, value)),
                    Err(error) => connection.rollback().and(Err(error)),
                }
            })
        });
        let (commit, value) = result.await?;
        commit::answer(commit, self).await?;
        self.changed();
        Ok(value)
    }

    /// The URL with its password.
    pub(super) fn whole_url(&self) -> &str {
        &self.inner.url
    }

    /// Tells waiting workers of this process that something was committed.
    pub(super) fn changed(&self) {
        self.inner.watcher.changed();
    }

    /// The number of changes so far; it grows when something may have changed.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.inner.watcher.subscribe()
    }

    pub(super) fn watcher(&self) -> &Watcher {
        &self.inner.watcher
    }

    /// Who hears what the current task is about to do.
    pub(super) fn recorder(&self) -> Option<Box<dyn SqlRecorder>> {
        self.observer.as_ref().and_then(|observer| observer.recorder())
    }

    /// A connection for a transaction.
    pub(super) async fn transaction_session(&self) -> Result<Session, DatabaseError> {
        let (database, turn) = (self.clone(), self.turn(true).await?);
        blocking(move || database.checkout(turn)).await
    }

    /// Waits for a place at the pool, after the right to write if that is needed and exclusive.
    async fn turn(&self, writes: bool) -> Result<Turn, DatabaseError> {
        let writer = if writes && self.inner.backend == Backend::Sqlite {
            let busy = "another transaction has been writing for 10 s";
            Some(permit(&self.inner.writer, 2 * WAIT, busy).await?)
        } else {
            None
        };
        let place = permit(&self.inner.places, WAIT, "all are in use").await?;
        Ok(Turn { _writer: writer, _place: place })
    }

    fn checkout(&self, turn: Turn) -> Result<Session, DatabaseError> {
        let pooled = self
            .inner
            .pool
            .get()
            .map_err(|error| DatabaseError::NoConnection(error.to_string()))?;
        Ok(Session { pooled, _turn: turn })
    }
}

async fn permit(
    semaphore: &Arc<Semaphore>,
    wait: Duration,
    otherwise: &str,
) -> Result<OwnedSemaphorePermit, DatabaseError> {
    let permit = tokio::time::timeout(wait, Arc::clone(semaphore).acquire_owned()).await;
    match permit {
        Ok(Ok(permit)) => Ok(permit),
        _ => Err(DatabaseError::NoConnection(otherwise.to_owned())),
    }
}

impl Session {
    /// Runs code on the connection, and notes whether the connection may be dead.
    pub(super) fn run<T>(
        &mut self,
        recorder: Option<Box<dyn SqlRecorder>>,
        work: impl FnOnce(&mut DbConnection) -> QueryResult<T>,
    ) -> Result<T, DatabaseError> {
        let pooled: &mut Pooled = &mut self.pooled;
        let is_heard = recorder.is_some();
        if let Some(recorder) = recorder {
            sql_observer::hear(&mut pooled.connection, recorder);
        }
        let result = work(&mut pooled.connection);
        if is_heard {
            sql_observer::silence(&mut pooled.connection);
        }
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
    let path = std::path::Path::new(super::backend::sqlite_path(url)?);
    let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) else {
        return Ok(());
    };
    std::fs::create_dir_all(folder).map_err(|error| {
        let cause = format!("could not make its folder: {error}");
        DatabaseError::connect(url.to_owned(), &cause)
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
