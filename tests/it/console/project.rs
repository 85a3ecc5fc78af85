//! A project folder with a database, and the console run in it.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Integer, Text};
use tempfile::TempDir;

/// A message for a photo that is not there: handled, with an alert.
pub(super) const MISSING_PHOTO: [&str; 3] = [
    r#"{"imagePostId":"0190a0a0-0000-7000-8000-000000000001"}"#,
    r"App\\Message\\AddPonkaToImage",
    "high",
];

/// A message for a file that is not there: fails for good.
pub(super) const MISSING_FILE: [&str; 3] = [
    r#"{"filename":"0190a0a0-0000-7000-8000-000000000002"}"#,
    r"App\\Message\\DeletePhotoFile",
    "default",
];

/// A project folder of its own.
pub(super) struct Project {
    folder: TempDir,
}

/// What the console printed, and how it ended.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) out: String,
    pub(super) err: String,
    pub(super) code: Option<i32>,
}

impl Project {
    /// A project with a migrated database; messages are retried at once.
    pub(super) fn new() -> Self {
        let project = Self { folder: tempfile::tempdir().unwrap() };
        let source = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("messenger.toml");
        std::fs::copy(source, project.path("messenger.toml")).unwrap();
        let overlay = "[transports.async]\ndsn = \"${MESSENGER_TRANSPORT_DSN}\"\n\
             retry_strategy = { max_retries = 1, delay = 1, jitter = 0 }\n";
        std::fs::write(project.path("messenger.dev.toml"), overlay).unwrap();
        std::fs::write(project.path(".env.local"), "DATABASE_URL=sqlite://var/p.sqlite\n").unwrap();
        assert_eq!(project.console("migrations:migrate").code, Some(0));
        project
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The console with these words as arguments, without a terminal.
    pub(super) fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_console"));
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
    pub(super) fn console(&self, arguments: &str) -> Said {
        Said::from(self.command(arguments).output().unwrap())
    }

    /// Starts the console and leaves it running.
    pub(super) fn start(&self, arguments: &str) -> Child {
        self.command(arguments).spawn().unwrap()
    }

    /// Puts a message into a queue, as another program would.
    pub(super) fn send(&self, [body, class, queue]: [&str; 3]) {
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
    pub(super) fn fail(&self) -> i32 {
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
    pub(super) fn execute(&self, sql: &str) {
        self.database().batch_execute(sql).unwrap();
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
pub(super) fn pause(duration: std::time::Duration) {
    std::thread::sleep(duration);
}
