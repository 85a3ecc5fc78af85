//! What is around the programs in a run: folder, database, networks, mail server, disk.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use messenger_doctrine::Backend;
use tempfile::TempDir;
use test_database::TestDatabase;

use crate::choice::Run;
use crate::disk::Disk;
use crate::journal::Journal;
use crate::ledger::Ledger;
use crate::programs::{Programs, Role};
use crate::proxy::Proxy;
use crate::smtp::SmtpServer;

/// Leases end after a second, so that a frozen worker loses its own; what fails is tried again soon.
const MESSENGER: &str = r#"
[transports.async]
dsn = "${MESSENGER_TRANSPORT_DSN}"
options = { redeliver_timeout = 1 }
retry_strategy = { max_retries = 3, delay = 200, multiplier = 2, jitter = 0.1 }

[transports.async_priority_high]
options = { queue_name = "high", redeliver_timeout = 1 }
retry_strategy = { max_retries = 3, delay = 200, multiplier = 2, jitter = 0.1 }

[retry_strategy]
SendEmailMessage = { max_retries = 3, delay = 200, multiplier = 2, jitter = 0.1 }
"#;
const SERVER: &str = "--no-worker --bind 127.0.0.1:0";
const WORKER: &str = "messenger:consume async_priority_high async -vv --concurrency=2 --sleep=0.1 \
     --keepalive=0.3";

/// Everything that a run has. What runs ends with it; declared in the order in which it goes.
pub(crate) struct World {
    pub(crate) programs: Programs,
    pub(crate) journal: Journal,
    ledger: Mutex<Ledger>,
    /// Between the programs and PostgreSQL.
    pub(crate) network: Option<Proxy>,
    /// One thing happens to it at a time.
    pub(crate) network_in_use: tokio::sync::Mutex<()>,
    /// Between the worker and the mail server.
    pub(crate) mail_network: Proxy,
    pub(crate) smtp: SmtpServer,
    /// Asked directly, whatever becomes of the network.
    pub(crate) database: TestDatabase,
    /// By this name the server knows the connections of the programs.
    pub(crate) application: String,
    pub(crate) disk: Disk,
    settings: Arc<Settings>,
    folder: Mutex<Option<TempDir>>,
}

/// How programs are started.
struct Settings {
    folder: PathBuf,
    variables: Vec<(&'static str, String)>,
}

impl World {
    /// Everything, whole and running.
    pub(crate) fn begin(run: Run) -> Self {
        let folder = tempfile::Builder::new().prefix(&format!("ponka_{run}_")).tempdir().unwrap();
        let path = folder.path().to_owned();
        let (logs, disk) = (path.join("logs"), Disk::mount(&path.join("disk")));
        fs::create_dir(&logs).unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("messenger.toml");
        fs::copy(source, path.join("messenger.toml")).unwrap();
        fs::write(path.join("messenger.prod.toml"), MESSENGER).unwrap();
        let database = match run.backend {
            Backend::Sqlite => TestDatabase::sqlite_at(&path.join("disk/ponka.sqlite")),
            Backend::Postgres => TestDatabase::postgres().unwrap(),
        };
        let application = format!("ponka_chaos_{}_{}", std::process::id(), run.seed);
        let network = matches!(run.backend, Backend::Postgres)
            .then(|| Proxy::start(database.server_address()));
        let smtp = SmtpServer::start();
        let mail_network = Proxy::start(smtp.address.to_string());
        let url = network.as_ref().map_or_else(
            || database.url.clone(),
            |network| {
                format!("{}&application_name={application}", database.through(network.port()))
            },
        );
        let variables = variables(&path, url, mail_network.port());
        let settings = Arc::new(Settings { folder: path.clone(), variables });
        let commands = Arc::clone(&settings);
        let programs = Programs::start(Box::new(move |role| commands.program(role)), logs);
        let (journal, ledger, folder) =
            (Journal::begin(&path), Mutex::default(), Mutex::new(Some(folder)));
        Self {
            programs,
            journal,
            ledger,
            network,
            network_in_use: tokio::sync::Mutex::default(),
            mail_network,
            smtp,
            database,
            application,
            disk,
            settings,
            folder,
        }
    }

    pub(crate) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A path below the folder of the run.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.settings.folder.join(name)
    }

    /// Runs the console until it ends; says whether it did so well, and what it printed.
    pub(crate) async fn console(&self, arguments: &str) -> (bool, String) {
        let command = self.settings.command(env!("CARGO_BIN_EXE_console"), arguments);
        let mut command = tokio::process::Command::from(command);
        command.kill_on_drop(true).stdout(Stdio::piped()).stderr(Stdio::piped());
        let output = tokio::time::timeout(Duration::from_secs(60), command.output()).await;
        let Ok(output) = output else {
            self.journal.note(format!("console {arguments}: still ran after 60 s"));
            return (false, "still ran after 60 s".to_owned());
        };
        let output = output.unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        self.journal.note(format!("console {arguments}: {}\n{said}", output.status));
        (output.status.success(), said)
    }

    /// Keeps the folder of the run, with what is on its disk, and says where.
    pub(crate) fn keep(&self) -> PathBuf {
        self.disk.keep(&self.path("disk.kept"));
        let folder = self.folder.lock().unwrap().take().map(TempDir::keep);
        folder.unwrap_or_else(|| self.settings.folder.clone())
    }
}

impl Settings {
    fn program(&self, role: Role) -> Command {
        match role {
            Role::Server => self.command(env!("CARGO_BIN_EXE_ponka"), SERVER),
            Role::Worker(_) => self.command(env!("CARGO_BIN_EXE_console"), WORKER),
        }
    }

    fn command(&self, path: &str, arguments: &str) -> Command {
        let mut command = Command::new(path);
        command
            .args(arguments.split_whitespace())
            .current_dir(&self.folder)
            .env_clear()
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        command
    }
}

fn variables(folder: &Path, database: String, mail_port: u16) -> Vec<(&'static str, String)> {
    let uploads = folder.join("disk/uploads");
    [
        ("APP_ENV", "prod".to_owned()),
        ("APP_SECRET", "a secret of the chaos test, and long enough".to_owned()),
        ("DATABASE_URL", database),
        ("MAILER_DSN", format!("smtp://127.0.0.1:{mail_port}")),
        ("PHOTO_STORAGE_URL", format!("file:{}", uploads.display())),
        ("GUEST_UPLOADS", "1".to_owned()),
        ("PHOTO_QUOTA", "0".to_owned()),
        ("UPLOADS_PER_MINUTE", "0".to_owned()),
        ("RUST_BACKTRACE", "1".to_owned()),
    ]
    .into()
}
