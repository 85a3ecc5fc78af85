//! The pool: connections that nobody uses at the moment. How many there are at most is the business
//! of whoever gives out the places.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::prelude::*;

use super::backend::Backend;
use super::connection::DbConnection;
use super::connector::Connector;
use super::database_file::{DatabaseFile, FileId};
use super::error::DatabaseError;
use super::watcher::pause;

/// How long connecting is tried again.
const CONNECT: Duration = Duration::from_secs(5);
/// A connection that was used within this time, and is not closed, is taken to be alive: asking the
/// server at every checkout would cost a round trip.
#[cfg(feature = "postgres")]
const FRESH: Duration = Duration::from_secs(1);
/// A transaction in which nothing is asked for so long was left behind.
const END_IDLE_TRANSACTIONS: &str = "SELECT set_config('idle_in_transaction_session_timeout', \
    '15000', false) WHERE current_setting('idle_in_transaction_session_timeout') = '0'";
/// A connection that nobody has used for so long is closed.
const LONGEST_REST: Duration = Duration::from_secs(600);

/// The connections of one database that are free.
pub(super) struct Pool {
    connector: Connector,
    /// What must stay the same file, on SQLite.
    file: Option<DatabaseFile>,
    free: Mutex<Free>,
}

#[derive(Default)]
struct Free {
    /// The one used last is at the end.
    connections: Vec<Pooled>,
    /// Grows when the server has fallen silent: no connection from before is used again.
    generation: u64,
}

/// A connection of the pool.
pub(super) struct Pooled {
    pub(super) connection: DbConnection,
    pub(super) used_at: Instant,
    /// A query failed in a way that may mean the connection is dead.
    pub(super) suspect: bool,
    generation: u64,
    /// How long a statement may take; `None` if the server, its role or the URL says so.
    statement_limit: Option<Duration>,
    /// SQLite's write-ahead log, which this connection keeps open.
    log: Option<FileId>,
}

impl Pool {
    pub(super) fn new(connector: Connector, file: Option<DatabaseFile>) -> Self {
        Self { connector, file, free: Mutex::default() }
    }

    pub(super) fn connector(&self) -> &Connector {
        &self.connector
    }

    pub(super) fn file(&self) -> Option<&DatabaseFile> {
        self.file.as_ref()
    }

    /// A connection that works, for statements that take at most so long. May block.
    pub(super) fn checkout(&self, limit: Option<Duration>) -> Result<Pooled, DatabaseError> {
        loop {
            let (free, generation) = {
                let mut free = self.free();
                (free.connections.pop(), free.generation)
            };
            let mut pooled = match free {
                Some(mut pooled) => match pooled.is_alive() {
                    true => pooled,
                    false => continue,
                },
                None => self.connect(generation)?,
            };
            if let Some(file) = &self.file {
                file.check(pooled.log)?;
            }
            if let Some(limit) = limit {
                pooled.limit_statements(limit)?;
            }
            pooled.suspect = false;
            return Ok(pooled);
        }
    }

    /// Takes a connection back, unless it cannot be used again. One whose transaction was abandoned
    /// is closed, which undoes the work.
    pub(super) fn put(&self, mut pooled: Pooled) {
        if std::thread::panicking() || pooled.is_in_transaction() {
            return;
        }
        let mut free = self.free();
        if pooled.generation != free.generation {
            return;
        }
        let rested = |one: &Pooled| one.used_at.elapsed() > LONGEST_REST;
        let old = free.connections.iter().take_while(|one| rested(one)).count();
        let old: Vec<Pooled> = free.connections.drain(..old).collect();
        free.connections.push(pooled);
        drop(free);
        drop(old);
    }

    /// Which connections are trusted now.
    pub(super) fn generation(&self) -> u64 {
        self.free().generation
    }

    /// The server does not answer on a connection that was trusted at that time: none of those is
    /// trusted any more.
    pub(super) fn give_up(&self, generation: u64) {
        let mut free = self.free();
        if free.generation != generation {
            return;
        }
        free.generation = free.generation.wrapping_add(1);
        let old = std::mem::take(&mut free.connections);
        drop(free);
        drop(old);
        tracing::warn!(
            target: "messenger",
            "The database does not answer: its connections are given up, and others opened."
        );
    }

    fn free(&self) -> MutexGuard<'_, Free> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tries again for a while: a server that is started anew is back soon.
    fn connect(&self, generation: u64) -> Result<Pooled, DatabaseError> {
        let began = Instant::now();
        let mut rest = Duration::from_millis(100);
        loop {
            if let Some(file) = &self.file {
                // Opening a file that is gone would make a new one.
                file.check(None)?;
            }
            match self.connector.open() {
                Ok(connection) => {
                    let is_pg = connection.backend() == Backend::Postgres;
                    let mut pooled = Pooled {
                        connection,
                        used_at: Instant::now(),
                        suspect: false,
                        generation,
                        statement_limit: is_pg.then_some(Duration::ZERO),
                        log: self.file.as_ref().and_then(DatabaseFile::log),
                    };
                    pooled.respect_own_limits()?;
                    return Ok(pooled);
                }
                Err(error) if began.elapsed() + rest >= CONNECT => {
                    return Err(DatabaseError::NoConnection(error.to_string()));
                }
                Err(_) => pause(rest),
            }
            rest *= 2;
        }
    }
}

#[derive(QueryableByName)]
struct Limited {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    limited: bool,
}

/// Whether the other side has closed the connection. Looks at what has arrived, and asks nobody.
#[cfg(feature = "postgres")]
fn is_closed(connection: &mut PgConnection) -> bool {
    // The first look reads what the server has said before, the second one finds the end.
    (0..2).any(|_| connection.notifications_iter().any(|heard| heard.is_err()))
}

impl Pooled {
    fn is_alive(&mut self) -> bool {
        #[cfg(feature = "postgres")]
        let is_fresh = !self.suspect && self.used_at.elapsed() < FRESH;
        match &mut self.connection {
            #[cfg(feature = "postgres")]
            DbConnection::Pg(connection) if is_fresh => !is_closed(connection),
            #[cfg(feature = "postgres")]
            DbConnection::Pg(connection) => connection.batch_execute("SELECT 1").is_ok(),
            #[cfg(feature = "sqlite")]
            DbConnection::Sqlite(_) => true,
        }
    }

    fn is_in_transaction(&mut self) -> bool {
        let depth = match &mut self.connection {
            #[cfg(feature = "postgres")]
            DbConnection::Pg(connection) => {
                AnsiTransactionManager::transaction_manager_status_mut(connection)
                    .transaction_depth()
            }
            #[cfg(feature = "sqlite")]
            DbConnection::Sqlite(connection) => {
                AnsiTransactionManager::transaction_manager_status_mut(connection)
                    .transaction_depth()
            }
        };
        !matches!(depth, Ok(None))
    }

    /// Has the server end what is left when we are gone without its being told, and the locks with it.
    /// A limit that somebody has set, for the role or in the URL, stays as it is.
    fn respect_own_limits(&mut self) -> QueryResult<()> {
        if self.statement_limit.is_some() {
            self.connection.batch_execute(END_IDLE_TRANSACTIONS)?;
            let sql = "SELECT current_setting('statement_timeout') <> '0' AS limited";
            let row: Limited = diesel::sql_query(sql).get_result(&mut self.connection)?;
            if row.limited {
                self.statement_limit = None;
            }
        }
        Ok(())
    }

    fn limit_statements(&mut self, limit: Duration) -> QueryResult<()> {
        if self.statement_limit.is_none_or(|known| known == limit) {
            return Ok(());
        }
        let set = format!("SET statement_timeout TO {}", limit.as_millis());
        self.connection.batch_execute(&set)?;
        self.statement_limit = Some(limit);
        Ok(())
    }
}
