//! The application for tests, put together as `main` does it: real server, database and storage.

mod browser;
mod client;
pub(crate) mod network;
pub(crate) mod photos;
#[path = "../../../messenger/doctrine/tests/support/proxy.rs"]
pub(crate) mod proxy;
pub(crate) mod smtp;

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::Duration;

use messenger::clock::{Clock, ManualClock};
use messenger::config::ConfigLoader;
use messenger::worker::{Worker, WorkerOptions};
use messenger_doctrine::UnitOfWork;
use ponka::config::Config;
use ponka::kernel::Kernel;
use ponka::live_feed::LiveFeed;
use ponka::{migrations, server};
use tempfile::TempDir;

pub(crate) use browser::Browser;
pub(crate) use client::{Answer, BOUNDARY, FORM, Visitor, form, part_head};
pub(crate) use test_database::TestDatabase;

/// Whoever was to do what waits in the outbox has not done it in time: another one may.
pub(crate) const LET_LEASES_END: &str =
    "UPDATE messenger_outbox SET delivered_at = '2026-01-01 00:00:00'";

/// The file by which the storage is known again.
pub(crate) const MARKER: &str = "ponka-storage.txt";
const MESSENGER_TOML: &str = include_str!("../../../messenger.toml");

/// Runs each of these `async fn(TestDatabase)` on both databases.
macro_rules! on_both_databases {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(crate::support::TestDatabase::sqlite()).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                if let Some(database) = crate::support::TestDatabase::postgres() {
                    super::$name(database).await;
                }
            })*
        }
    };
}
pub(crate) use on_both_databases;

type Change = Box<dyn FnOnce(&mut Kernel) + Send>;

/// What a test may want otherwise.
pub(crate) struct Builder {
    database: TestDatabase,
    variables: BTreeMap<String, String>,
    messenger: String,
    real_clock: bool,
    migrate: bool,
    changes: Vec<Change>,
}

/// A running application. Dropped, it stops.
pub(crate) struct TestApp {
    pub(crate) kernel: Kernel,
    pub(crate) clock: ManualClock,
    pub(crate) address: SocketAddr,
    /// Where the photos are, if the storage is a folder.
    pub(crate) uploads: PathBuf,
    server: Option<(actix_web::dev::ServerHandle, JoinHandle<()>)>,
    _folder: TempDir,
    // Declared last: the schema goes when nobody uses it.
    pub(crate) database: TestDatabase,
}

impl Builder {
    pub(crate) fn var(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.insert(name.to_owned(), value.into());
        self
    }

    /// Another `messenger.toml`.
    pub(crate) fn messenger(mut self, change: impl FnOnce(String) -> String) -> Self {
        self.messenger = change(self.messenger);
        self
    }

    pub(crate) fn replace(self, old: &str, new: &str) -> Self {
        assert!(self.messenger.contains(old), "{old} is not in messenger.toml");
        self.messenger(|text| text.replace(old, new))
    }

    pub(crate) fn real_clock(mut self) -> Self {
        self.real_clock = true;
        self
    }

    pub(crate) fn without_migrations(mut self) -> Self {
        self.migrate = false;
        self
    }

    /// Puts something else together than `main` would.
    pub(crate) fn kernel(mut self, change: impl FnOnce(&mut Kernel) + Send + 'static) -> Self {
        self.changes.push(Box::new(change));
        self
    }

    /// How often streams of events give a sign of life.
    pub(crate) fn heartbeat(self, heartbeat: Duration) -> Self {
        self.kernel(move |kernel| {
            let (database, clock) = (kernel.database.clone(), kernel.clock.clone());
            kernel.live = LiveFeed::with_heartbeat(database, clock, heartbeat);
        })
    }

    pub(crate) async fn start(mut self) -> TestApp {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let uploads = folder.path().join("uploads");
        let defaults = [
            ("APP_ENV", if self.is_proxied() { "prod" } else { "test" }.to_owned()),
            ("DATABASE_URL", self.database.url.clone()),
            ("PHOTO_STORAGE_URL", format!("file:{}", uploads.display())),
        ];
        for (name, value) in defaults.into_iter().chain(self.of_prod()) {
            self.variables.entry(name.to_owned()).or_insert(value);
        }
        let clock = ManualClock::default();
        let mut kernel = self.assemble(&clock);
        for change in std::mem::take(&mut self.changes) {
            change(&mut kernel);
        }
        if self.migrate {
            migrations::run(&kernel.database).await.expect("the migrations are right");
            // Some tests have a storage that does not work.
            drop(kernel.photos.check().await);
        }
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let server = Some(serve(&kernel, listener));
        let database = self.database;
        TestApp { kernel, clock, address, uploads, server, _folder: folder, database }
    }

    fn is_proxied(&self) -> bool {
        self.variables.contains_key("TRUSTED_PROXIES")
    }

    /// Only prod answers what a proxy passes on; guests upload without limits all the same.
    fn of_prod(&self) -> Vec<(&'static str, String)> {
        if !self.is_proxied() {
            return Vec::new();
        }
        let secret = "a secret that nobody knows but this test".to_owned();
        let no_limit = || "0".to_owned();
        vec![
            ("APP_SECRET", secret),
            ("GUEST_UPLOADS", "1".to_owned()),
            ("MAILER_DSN", "null://null".to_owned()),
            ("PHOTO_QUOTA", no_limit()),
            ("UPLOADS_PER_MINUTE", no_limit()),
        ]
    }

    fn assemble(&self, clock: &ManualClock) -> Kernel {
        let config = Config::from_vars(&self.variables).expect("the variables are right");
        let dsn = config.messenger_transport_dsn.expose().to_owned();
        let lookup = |name: &str| (name == "MESSENGER_TRANSPORT_DSN").then(|| dsn.clone());
        let loader = ConfigLoader::new(&lookup).text("messenger.toml", &self.messenger);
        let messenger = loader.load().expect("messenger.toml is right");
        let clock = if self.real_clock { Clock::System } else { Clock::Manual(clock.clone()) };
        Kernel::assemble(config, messenger, clock).expect("the application can be put together")
    }
}

/// A thread of its own: the server is stopped also when the test's runtime is gone.
fn serve(kernel: &Kernel, listener: TcpListener) -> (actix_web::dev::ServerHandle, JoinHandle<()>) {
    let server = server::serve(kernel, listener).expect("the server starts");
    let handle = server.handle();
    let thread = std::thread::spawn(move || {
        let ended = actix_web::rt::System::new().block_on(server);
        ended.expect("the server ends well");
    });
    (handle, thread)
}

impl TestApp {
    pub(crate) fn builder(database: TestDatabase) -> Builder {
        Builder {
            database,
            variables: BTreeMap::new(),
            messenger: MESSENGER_TOML.to_owned(),
            real_clock: false,
            migrate: true,
            changes: Vec::new(),
        }
    }

    pub(crate) async fn start(database: TestDatabase) -> Self {
        Self::builder(database).start().await
    }

    /// Somebody new.
    pub(crate) fn visitor(&self) -> Visitor {
        Visitor::new(self.address)
    }

    /// A worker on everything but the failure transport.
    pub(crate) fn worker(&self) -> Worker<UnitOfWork> {
        self.worker_on(&["async_priority_high", "async", "external_messages"])
    }

    pub(crate) fn worker_on(&self, transports: &[&str]) -> Worker<UnitOfWork> {
        let transports: Vec<&str> = transports
            .iter()
            .copied()
            .filter(|name| {
                self.kernel.messenger.transport(name).is_ok_and(|one| one.receiver().is_some())
            })
            .collect();
        let messenger = self.kernel.messenger.clone();
        let worker = Worker::new(messenger, &transports, WorkerOptions::default())
            .expect("the transports can be received from");
        match &self.kernel.developer {
            Some(developer) => developer.watch(worker).0,
            None => worker,
        }
    }

    /// Handles what is due.
    pub(crate) async fn work(&self) {
        let worker = self.worker();
        while worker.run_once().await > 0 {}
    }

    /// Handles everything, retries included: the clock is moved, nobody waits.
    pub(crate) async fn work_off(&self) {
        for _ in 0..5 {
            self.work().await;
            self.clock.advance(Duration::from_secs(60));
        }
    }

    /// The bodies in a queue (`default`, `high`, `failed`, `external`), in order.
    pub(crate) fn queue(&self, name: &str) -> Vec<String> {
        self.database.values(&format!(
            "SELECT body AS value FROM messenger_messages WHERE queue_name = '{name}' ORDER BY id"
        ))
    }

    /// How many messages wait anywhere.
    pub(crate) fn queued(&self) -> usize {
        self.database.count("messenger_messages")
    }

    pub(crate) fn rows(&self) -> usize {
        self.database.count("image_post")
    }

    /// Puts a message into a queue as another program would.
    pub(crate) fn insert_message(&self, queue: &str, headers: &str, body: &str) {
        let literal = |text: &str| format!("'{}'", text.replace('\'', "''"));
        self.insert_expressions(queue, &literal(headers), &literal(body));
    }

    /// The same with SQL expressions.
    pub(crate) fn insert_expressions(&self, queue: &str, headers: &str, body: &str) {
        let then = "'2025-01-01 00:00:00'";
        self.database.execute(&format!(
            "INSERT INTO messenger_messages (body, headers, queue_name, created_at, available_at) \
             VALUES ({body}, {headers}, '{queue}', {then}, {then})"
        ));
    }

    /// Every file on the disk below the storage's folder, unfinished ones included, but its marker.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut files = Vec::new();
        collect(&self.uploads, &self.uploads, &mut files);
        files.retain(|file| file != MARKER);
        files.sort();
        files
    }

    /// Nothing is left behind: no row, no message, no file.
    pub(crate) fn assert_empty(&self, what: &str) {
        let left = (self.rows(), self.queued(), self.files());
        assert_eq!(left, (0, 0, Vec::<String>::new()), "{what}");
    }

    /// Sends the server away.
    pub(crate) fn stop(&mut self) {
        if let Some((handle, thread)) = self.server.take() {
            drop(handle.stop(false));
            drop(thread.join());
        }
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.stop();
    }
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<String>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(root, &path, files);
        } else if let Ok(relative) = path.strip_prefix(root) {
            files.push(relative.display().to_string());
        }
    }
}

/// Looks again and again, for what a real background process does.
pub(crate) async fn eventually(what: &str, mut is_true: impl FnMut() -> bool) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    while !is_true() {
        assert!(tokio::time::Instant::now() < deadline, "in vain waited for: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
