//! Notices that something was committed, also by another process, within a few milliseconds.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use tokio::sync::watch;

use super::backend::Backend;
use super::connection::DbConnection;
use super::listener;

/// How often a change is looked for while somebody waits. On SQLite this reads one number in
/// shared memory, on PostgreSQL it reads from a socket: neither runs a query on the server.
pub(super) const LOOK: Duration = Duration::from_millis(5);
/// How often to look whether somebody waits.
const LOOK_FOR_WAITERS: Duration = Duration::from_millis(20);

/// Watches a database from a thread of its own, started when first needed. Ends with the last
/// clone of its database.
pub(super) struct Watcher {
    shared: Arc<Shared>,
    started: AtomicBool,
}

/// What the thread and those who wait share.
pub(super) struct Shared {
    pub(super) url: String,
    backend: Backend,
    version: watch::Sender<u64>,
    waiting: AtomicUsize,
    /// PostgreSQL channels to listen on: table names.
    pub(super) channels: Mutex<BTreeSet<String>>,
    /// Whether a change cannot be missed at the moment.
    pub(super) healthy: AtomicBool,
}

impl Watcher {
    pub(super) fn new(url: String, backend: Backend) -> Self {
        let shared = Shared {
            url,
            backend,
            version: watch::Sender::new(0),
            waiting: AtomicUsize::new(0),
            channels: Mutex::default(),
            healthy: AtomicBool::new(false),
        };
        Self { shared: Arc::new(shared), started: AtomicBool::new(false) }
    }

    /// Listens on a channel too (PostgreSQL).
    pub(super) fn add_channel(&self, channel: &str) {
        let mut channels = self.shared.channels.lock().unwrap_or_else(PoisonError::into_inner);
        channels.insert(channel.to_owned());
    }

    pub(super) fn changed(&self) {
        self.shared.changed();
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<u64> {
        self.shared.version.subscribe()
    }

    /// Whether a change cannot be missed at the moment.
    pub(super) fn is_healthy(&self) -> bool {
        self.shared.healthy.load(Ordering::SeqCst)
    }

    /// Waits until something changed after `seen`, at most this long.
    pub(super) async fn wait(&self, seen: u64, at_most: Duration) {
        self.start();
        let _waiting = Waiting::new(&self.shared.waiting);
        let mut changes = self.subscribe();
        let changed = changes.wait_for(|version| *version != seen);
        tokio::time::timeout(at_most, changed).await.map(drop).unwrap_or_default();
    }

    fn start(&self) {
        if self.started.swap(true, Ordering::SeqCst) {
            return;
        }
        let shared = Arc::downgrade(&self.shared);
        let watch = match self.shared.backend {
            Backend::Sqlite => watch_sqlite,
            Backend::Postgres => listener::listen,
        };
        let thread = std::thread::Builder::new().name("messenger-watcher".to_owned());
        if let Err(error) = thread.spawn(move || watch(&shared)) {
            tracing::error!(target: "messenger", "Could not watch the database: {error}");
        }
    }
}

impl Shared {
    pub(super) fn changed(&self) {
        self.version.send_modify(|version| *version = version.wrapping_add(1));
    }

    pub(super) fn has_waiters(&self) -> bool {
        self.waiting.load(Ordering::SeqCst) > 0
    }
}

/// Counts somebody who waits, also if the waiting is dropped.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[derive(QueryableByName)]
struct DataVersion {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    data_version: i64,
}

/// `PRAGMA data_version` changes when another connection, of any process, has committed.
fn watch_sqlite(shared: &Weak<Shared>) {
    let mut connection = None;
    let mut seen = None;
    while let Some(shared) = shared.upgrade() {
        if !shared.has_waiters() {
            drop(shared);
            pause(LOOK_FOR_WAITERS);
            continue;
        }
        let version = data_version(&shared.url, &mut connection);
        if version.is_none() {
            connection = None;
        }
        if version != seen {
            seen = version;
            shared.changed();
        }
        drop(shared);
        pause(LOOK);
    }
}

fn data_version(url: &str, connection: &mut Option<DbConnection>) -> Option<i64> {
    if connection.is_none() {
        *connection = DbConnection::open(url).ok();
    }
    let connection = connection.as_mut()?;
    // A read keeps the connection's picture of the file current.
    connection.batch_execute("SELECT 1").ok()?;
    let row: DataVersion = diesel::sql_query("PRAGMA data_version").get_result(connection).ok()?;
    Some(row.data_version)
}

#[expect(clippy::disallowed_methods, reason = "a thread of its own, between two looks")]
pub(super) fn pause(duration: Duration) {
    std::thread::sleep(duration);
}
