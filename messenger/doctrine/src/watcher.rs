//! Notices that something was committed, also by another process, within a few milliseconds.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::backend::Backend;
use super::connector::Connector;
#[cfg(feature = "sqlite")]
use super::file_watcher;
#[cfg(feature = "postgres")]
use super::listener;

/// How often a change is looked for while somebody waits. On SQLite this reads one number in
/// shared memory, on PostgreSQL it reads from a socket: neither runs a query on the server.
pub(super) const LOOK: Duration = Duration::from_millis(5);
/// A thread that listens has not come back from a look for so long: it waits for a server that has
/// fallen silent.
const SILENT: Duration = Duration::from_secs(5);
/// The same while it connects.
const SILENT_WHILE_CONNECTING: Duration = Duration::from_secs(15);

/// Watches a database from a thread of its own, started when first needed. Ends with the last
/// clone of its database.
pub(super) struct Watcher {
    shared: Arc<Shared>,
    started: AtomicBool,
}

/// What the thread and those who wait share.
pub(super) struct Shared {
    pub(super) connector: Connector,
    version: watch::Sender<u64>,
    waiting: AtomicUsize,
    /// PostgreSQL channels to listen on: table names.
    pub(super) channels: Mutex<BTreeSet<String>>,
    /// Whether a change cannot be missed at the moment.
    pub(super) healthy: AtomicBool,
    /// Which thread watches: one that does not come back is replaced.
    thread: AtomicU64,
    /// When it last came back from a look.
    looked_at: Mutex<Instant>,
}

impl Watcher {
    pub(super) fn new(connector: Connector) -> Self {
        let shared = Shared {
            connector,
            version: watch::Sender::new(0),
            waiting: AtomicUsize::new(0),
            channels: Mutex::default(),
            healthy: AtomicBool::new(false),
            thread: AtomicU64::new(0),
            looked_at: Mutex::new(Instant::now()),
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
        self.shared.healthy.load(Ordering::SeqCst) && !self.shared.is_silent()
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
        if self.started.swap(true, Ordering::SeqCst) && !self.shared.is_silent() {
            return;
        }
        let number = self.shared.replace_thread();
        let shared = Arc::downgrade(&self.shared);
        let watch = match self.shared.connector.backend() {
            #[cfg(feature = "sqlite")]
            Backend::Sqlite => file_watcher::watch,
            #[cfg(feature = "postgres")]
            Backend::Postgres => listener::listen,
            // It could not have been opened.
            #[cfg(not(all(feature = "postgres", feature = "sqlite")))]
            _ => return,
        };
        let thread = std::thread::Builder::new().name("messenger-watcher".to_owned());
        if let Err(error) = thread.spawn(move || watch(&shared, number)) {
            tracing::error!(target: "messenger", "Could not watch the database: {error}");
        }
    }
}

impl Shared {
    pub(super) fn changed(&self) {
        self.version.send_modify(|version| *version = version.wrapping_add(1));
    }

    /// Whether the thread that listens waits for a server that has fallen silent.
    fn is_silent(&self) -> bool {
        let patience = match self.healthy.load(Ordering::SeqCst) {
            true => SILENT,
            false => SILENT_WHILE_CONNECTING,
        };
        self.connector.backend() == Backend::Postgres && self.looked_at().elapsed() > patience
    }

    /// The number of the thread that is to watch from now on.
    fn replace_thread(&self) -> u64 {
        let mut looked_at = self.looked_at();
        let number = self.thread.fetch_add(1, Ordering::SeqCst) + 1;
        if number > 1 {
            tracing::warn!(
                target: "messenger",
                "The connection that listens for messages does not answer: another one is opened."
            );
        }
        self.healthy.store(false, Ordering::SeqCst);
        *looked_at = Instant::now();
        number
    }

    /// Notes that the thread has looked; says whether it is still the one that watches.
    #[cfg(feature = "postgres")]
    pub(super) fn looked(&self, thread: u64) -> bool {
        let mut looked_at = self.looked_at();
        let is_current = self.thread.load(Ordering::SeqCst) == thread;
        if is_current {
            *looked_at = Instant::now();
        }
        is_current
    }

    fn looked_at(&self) -> MutexGuard<'_, Instant> {
        self.looked_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(feature = "sqlite")]
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

#[expect(clippy::disallowed_methods, reason = "a thread of its own, between two looks")]
pub(super) fn pause(duration: Duration) {
    std::thread::sleep(duration);
}
