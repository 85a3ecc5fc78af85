//! Who hears which SQL runs: a profiler knows from here what was asked of the database.

use std::time::{Duration, Instant};

use diesel::connection::{Connection, Instrumentation, InstrumentationEvent};

use super::connection::DbConnection;

/// Observes the work on the connections of a [`Database`](super::Database).
pub trait SqlObserver: Send + Sync + 'static {
    /// Called on the task that is about to use a connection, before each piece of work. What it
    /// gives goes along to the thread on which the work runs; `None` hears nothing of it.
    fn recorder(&self) -> Option<Box<dyn SqlRecorder>>;
}

/// Hears each statement of one piece of work, `BEGIN` and `COMMIT` included.
pub trait SqlRecorder: Send + 'static {
    /// A statement has run. Called on a thread that may block.
    fn statement(&mut self, statement: &SqlStatement<'_>);
}

/// A statement that has run.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct SqlStatement<'a> {
    /// Its text. Values are placeholders: they may be secrets.
    pub sql: &'a str,
    /// When it was given to the database.
    pub started_at: Instant,
    /// How long the database took, reading the rows included.
    pub duration: Duration,
    /// Why it failed.
    pub error: Option<&'a diesel::result::Error>,
}

/// Lets a recorder hear what runs on a connection, until [`silence`].
pub(super) fn hear(connection: &mut DbConnection, recorder: Box<dyn SqlRecorder>) {
    let hearing = Hearing { recorder, started_at: None };
    match connection {
        #[cfg(feature = "postgres")]
        DbConnection::Pg(connection) => connection.set_instrumentation(hearing),
        #[cfg(feature = "sqlite")]
        DbConnection::Sqlite(connection) => connection.set_instrumentation(hearing),
    }
}

/// Ends what [`hear`] began.
pub(super) fn silence(connection: &mut DbConnection) {
    let nobody = |_: InstrumentationEvent<'_>| {};
    match connection {
        #[cfg(feature = "postgres")]
        DbConnection::Pg(connection) => connection.set_instrumentation(nobody),
        #[cfg(feature = "sqlite")]
        DbConnection::Sqlite(connection) => connection.set_instrumentation(nobody),
    }
}

/// A recorder, and the statement that is running.
struct Hearing {
    recorder: Box<dyn SqlRecorder>,
    started_at: Option<Instant>,
}

impl Instrumentation for Hearing {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartQuery { .. } => self.started_at = Some(Instant::now()),
            InstrumentationEvent::FinishQuery { query, error, .. } => {
                let started_at = self.started_at.take().unwrap_or_else(Instant::now);
                let duration = started_at.elapsed();
                let text = query.to_string();
                let sql = without_binds(&text);
                self.recorder.statement(&SqlStatement { sql, started_at, duration, error });
            }
            _ => {}
        }
    }
}

/// Diesel appends the values to the text. The first separator counts: a value may contain another.
fn without_binds(text: &str) -> &str {
    text.split_once(" -- binds: ").map_or(text, |(sql, _)| sql)
}
