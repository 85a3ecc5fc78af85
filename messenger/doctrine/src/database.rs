//! A database: its pool of connections, and the news that something in it has changed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::QueryResult;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::backend::{Backend, sqlite_path};
use super::commit;
use super::connection::DbConnection;
use super::connector::Connector;
use super::database_file::DatabaseFile;
use super::database_options::DatabaseOptions;
use super::error::DatabaseError;
use super::opening::{make_folder, wait_for_first};
use super::patience::{self, PATIENCE, Turn};
use super::pool::{Pool, Pooled};
use super::sql_observer::{self, SqlObserver, SqlRecorder};
use super::watcher::Watcher;

/// How long somebody waits for a connection, or on SQLite for the right to write.
const WAIT: Duration = Duration::from_secs(5);

/// Why nothing can be said of work that was committed on a connection that was given up.
const LOST: &str = "it is committed, but what came of it was lost with its connection";

/// How many connections one process has to PostgreSQL at most, unless it is told otherwise.
const POSTGRES_CONNECTIONS: usize = 16;
/// And to SQLite, which has one writer: the others read.
const SQLITE_CONNECTIONS: usize = 8;

/// A pool of connections to one database. Cheap to clone.
#[derive(Clone)]
pub struct Database {
    inner: Arc<Inner>,
    observer: Option<Arc<dyn SqlObserver>>,
    /// How long a piece of work may take; `None` on SQLite, which has no network to wait for.
    patience: Option<Duration>,
}

struct Inner {
    backend: Backend,
    pool: Arc<Pool>,
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
    /// `None` only while it is being dropped.
    pooled: Option<Pooled>,
    pool: Arc<Pool>,
    // Declared last: it is given back after the connection.
    turn: Turn,
}

impl Database {
    /// Opens a database: `sqlite://PATH` (the file and its folder are made if they are missing)
    /// or `postgres://…`. Connects once, so that a wrong URL is found here. [`DatabaseOptions`] say
    /// how many connections there are, and who opens them.
    ///
    /// # Errors
    /// When the URL is not understood or the database cannot be reached.
    pub fn open(url: &str) -> Result<Self, DatabaseError> {
        DatabaseOptions::new(url).open()
    }

    /// Opens a database with at most so many connections.
    pub(super) fn with(
        connector: Connector,
        connections: Option<usize>,
    ) -> Result<Self, DatabaseError> {
        let (url, backend) = (connector.url(), connector.backend());
        if backend == Backend::Sqlite {
            make_folder(sqlite_path(url)?)?;
        }
        if !connector.is_foreign() {
            super::backend::check_tls(url)?;
        }
        let first = connector.clone();
        wait_for_first(move || first.open().map(drop))?;
        let (file, patience, usual) = match backend {
            Backend::Sqlite => (DatabaseFile::at(sqlite_path(url)?), None, SQLITE_CONNECTIONS),
            Backend::Postgres => (None, Some(PATIENCE), POSTGRES_CONNECTIONS),
        };
        let watcher = Watcher::new(connector.clone());
        let pool = Arc::new(Pool::new(connector, file));
        let places = Arc::new(Semaphore::new(connections.unwrap_or(usual)));
        let writer = Arc::new(Semaphore::new(1));
        let inner = Arc::new(Inner { backend, pool, places, writer, watcher });
        Ok(Self { inner, observer: None, patience })
    }

    /// The same pool, for work that may take this long on PostgreSQL, and not ten seconds.
    #[must_use]
    pub fn patient(self, patience: Duration) -> Self {
        let patience = self.patience.map(|_| patience);
        Self { patience, ..self }
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

    /// Whether both lead to the same database: clones of one, or of one URL.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner) || self.connector().is_same(other.connector())
    }

    /// The URL, its password masked.
    #[must_use]
    pub fn url(&self) -> String {
        super::backend::mask_password(self.connector().url())
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
        self.blocking(turn.clone(), move || database.checkout(turn)?.run(recorder, work)).await
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
        self.blocking(turn.clone(), move || database.checkout(turn)?.run(recorder, work)).await
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
        let commit_sent = commit::Sent::default();
        let sent = commit_sent.clone();
        let result = self.blocking(turn.clone(), move || {
            let mut session = database.checkout(turn)?;
            session.run(recorder, |connection| {
                connection.begin()?;
                match work(connection) {
                    Ok(value) => commit::commit(connection, &sent).map(|commit| (commit, value)),
                    Err(error) => connection.rollback().and(Err(error)),
                }
            })
        });
        let (commit, value) = match result.await {
            Ok((commit, value)) => (commit, Some(value)),
            Err(error) => (commit_sent.unanswered(error)?, None),
        };
        commit::answer(commit, self).await?;
        // What the work gave is gone with the thread on which it ran; that it is committed is known.
        let value = value.ok_or(DatabaseError::OutcomeUnknown { cause: LOST.to_owned() })?;
        self.changed();
        Ok(value)
    }

    /// How its connections are opened.
    pub(super) fn connector(&self) -> &Connector {
        self.inner.pool.connector()
    }

    /// Tells waiting workers of this process that something was committed.
    pub(super) fn changed(&self) {
        self.inner.watcher.changed();
    }

    /// The number of changes so far; it grows when something may have changed.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.inner.watcher.subscribe()
    }

    pub(super) fn file(&self) -> Option<&DatabaseFile> {
        self.inner.pool.file()
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
        self.blocking(turn.clone(), move || database.checkout(turn)).await
    }

    /// Runs work on a thread that may block, for as long as this handle is patient. Whoever has the
    /// turn loses it when the server has not answered by then.
    pub(super) async fn blocking<T: Send + 'static>(
        &self,
        turn: Turn,
        work: impl FnOnce() -> Result<T, DatabaseError> + Send + 'static,
    ) -> Result<T, DatabaseError> {
        patience::blocking(&self.inner.pool, turn, self.patience, work).await
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
        Ok(Turn::new(writer, place))
    }

    fn checkout(&self, turn: Turn) -> Result<Session, DatabaseError> {
        let limit = self.patience.map(patience::statement_limit);
        let pooled = Some(self.inner.pool.checkout(limit)?);
        Ok(Session { pooled, pool: Arc::clone(&self.inner.pool), turn })
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
    pub(super) fn turn(&self) -> Turn {
        self.turn.clone()
    }

    /// Runs code on the connection, and notes whether the connection may be dead.
    pub(super) fn run<T>(
        &mut self,
        recorder: Option<Box<dyn SqlRecorder>>,
        work: impl FnOnce(&mut DbConnection) -> QueryResult<T>,
    ) -> Result<T, DatabaseError> {
        let pooled = self.pooled.as_mut().ok_or(DatabaseError::TransactionLost)?;
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

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(pooled) = self.pooled.take() {
            self.pool.put(pooled);
        }
    }
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Database").field(&self.url()).finish()
    }
}
