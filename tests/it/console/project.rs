//! A project folder with a database, and the console run in it.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Integer, Text};
use tempfile::TempDir;

/// A message for a photo that is not there: handled, with an alert.
pub(crate) const MISSING_PHOTO: [&str; 3] = [
    r#"{"imagePostId":"0190a0a0-0000-7000-8000-000000000001"}"#,
    r"App\\Message\\AddPonkaToImage",
    "high",
];

/// A message for a file that is not there: fails for good.
pub(crate) const MISSING_FILE: [&str; 3] = [
    r#"{"filename":"0190a0a0-0000-7000-8000-000000000002"}"#,
    r"App\\Message\\DeletePhotoFile",
    "default",
];

/// A project folder of its own.
pub(crate) struct Project {
    folder: TempDir,
}

/// What the console printed, and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) code: Option<i32>,
}

impl Project {
    /// A project with a migrated database and its photo storage; messages are retried at once.
    pub(crate) fn new() -> Self {
        let project = Self { folder: tempfile::tempdir().unwrap() };
        let source = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("messenger.toml");
        std::fs::copy(source, project.path("messenger.toml")).unwrap();
        let overlay = "[transports.async]\ndsn = \"${MESSENGER_TRANSPORT_DSN}\"\n\
             retry_strategy = { max_retries = 1, delay = 1, jitter = 0 }\n";
        project.configure(overlay);
        std::fs::write(project.path(".env.local"), "DATABASE_URL=sqlite://var/p.sqlite\n").unwrap();
        assert_eq!(project.console("migrations:migrate").code, Some(0));
        let adopted = project.console("photos:adopt");
        assert_eq!(adopted.code, Some(0), "{adopted:?}");
        project
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The console with these words as arguments, without a terminal.
    pub(crate) fn command(&self, arguments: &str) -> Command {
        self.program(env!("CARGO_BIN_EXE_console"), arguments)
    }

    /// The gallery on a free port.
    pub(crate) fn gallery(&self, arguments: &str) -> Command {
        let mut command = self.program(env!("CARGO_BIN_EXE_ponka"), arguments);
        command.args(["--bind", "127.0.0.1:0"]);
        command
    }

    fn program(&self, path: &str, arguments: &str) -> Command {
        let mut command = Command::new(path);
        command
            .args(arguments.split_whitespace())
            .current_dir(self.folder.path())
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs the console until it ends.
    pub(crate) fn console(&self, arguments: &str) -> Said {
        Said::from(self.command(arguments).output().unwrap())
    }

    /// Starts the console and leaves it running.
    pub(crate) fn start(&self, arguments: &str) -> Child {
        self.command(arguments).spawn().unwrap()
    }

    /// Puts a message into a queue, as another program would.
    pub(crate) fn send(&self, [body, class, queue]: [&str; 3]) {
        diesel::sql_query(
            "INSERT INTO messenger_messages (body, headers, queue_name, created_at, available_at) \
             VALUES (?, ?, ?, datetime('now'), datetime('now'))",
        )
        .bind::<Text, _>(body)
        .bind::<Text, _>(format!(r#"{{"type":"{class}"}}"#))
        .bind::<Text, _>(queue)
        .execute(&mut self.database())
        .unwrap();
    }

    /// Has a message fail, and gives its id in the failure transport.
    pub(crate) fn fail(&self) -> i32 {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = Integer)]
            id: i32,
        }
        self.send(MISSING_FILE);
        let said = self.console("messenger:consume async --limit=2");
        assert_eq!(said.code, Some(0), "{said:?}");
        let sql = "SELECT max(id) AS id FROM messenger_messages WHERE queue_name = 'failed'";
        diesel::sql_query(sql).get_result::<Row>(&mut self.database()).unwrap().id
    }

    /// Executes SQL.
    pub(crate) fn execute(&self, sql: &str) {
        self.database().batch_execute(sql).unwrap();
    }

    /// The column `value` of a query.
    pub(crate) fn values(&self, sql: &str) -> Vec<String> {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = Text)]
            value: String,
        }
        let rows = diesel::sql_query(sql).load::<Row>(&mut self.database()).unwrap();
        rows.into_iter().map(|row| row.value).collect()
    }

    /// Has `messenger.toml` say something else.
    pub(crate) fn configure(&self, overlay: &str) {
        std::fs::write(self.path("messenger.dev.toml"), overlay).unwrap();
    }

    fn database(&self) -> SqliteConnection {
        let path = self.path("var/p.sqlite");
        let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
        connection.batch_execute("PRAGMA busy_timeout = 5000").unwrap();
        connection
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
            code: output.status.code(),
        }
    }
}

/// Waits for another process.
#[expect(clippy::disallowed_methods, reason = "another process has a clock of its own")]
pub(crate) fn pause(duration: std::time::Duration) {
    std::thread::sleep(duration);
}
