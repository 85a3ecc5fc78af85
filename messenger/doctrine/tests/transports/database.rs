//! A database of its own for every test: a SQLite file, or a schema of the PostgreSQL server.

use std::sync::atomic::{AtomicU32, Ordering};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use messenger_doctrine::{Backend, Database};
use tempfile::TempDir;

/// Where the database is that a test uses; what is there goes with this value.
pub(crate) struct TestDatabase {
    pub(crate) url: String,
    pub(crate) backend: Backend,
    /// A name that no other test uses, good for tables and notification channels.
    pub(crate) unique: String,
    /// The server's URL, if there is a schema to drop.
    server: Option<String>,
    _folder: Option<TempDir>,
}

#[derive(QueryableByName)]
struct Value {
    #[diesel(sql_type = Nullable<Text>)]
    value: Option<String>,
}

impl TestDatabase {
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite://{}", folder.path().join("test.db").display());
        let (backend, unique) = (Backend::Sqlite, unique());
        Self { url, backend, unique, server: None, _folder: Some(folder) }
    }

    /// A schema of its own; `None`, said aloud, without a server.
    pub(crate) fn postgres() -> Option<Self> {
        let Ok(server) = std::env::var("PONKA_TEST_POSTGRES_URL") else {
            let all = std::env::var("PONKA_TEST_BACKENDS").is_ok_and(|backends| backends == "all");
            assert!(!all, "PONKA_TEST_BACKENDS=all needs PONKA_TEST_POSTGRES_URL");
            println!("not tested: postgres, because PONKA_TEST_POSTGRES_URL is not set");
            return None;
        };
        let unique = unique();
        execute(&server, &format!("CREATE SCHEMA {unique}"));
        let separator = if server.contains('?') { '&' } else { '?' };
        let url = format!("{server}{separator}options=-csearch_path%3D{unique}");
        let backend = Backend::Postgres;
        Some(Self { url, backend, unique, server: Some(server), _folder: None })
    }

    pub(crate) fn of(backend: Backend) -> Option<Self> {
        match backend {
            Backend::Sqlite => Some(Self::sqlite()),
            Backend::Postgres => Self::postgres(),
        }
    }

    /// A pool of its own, as another process would have.
    pub(crate) fn open(&self) -> Database {
        Database::open(&self.url).expect("the database can be opened")
    }

    /// The same database, asked of another port of this machine.
    pub(crate) fn through(&self, port: u16) -> String {
        let (before, at) = self.url.split_once('@').expect("a user");
        let (_, name) = at.split_once('/').expect("a database");
        format!("{before}@127.0.0.1:{port}/{name}")
    }

    /// Where the server listens.
    pub(crate) fn server_address(&self) -> String {
        let (_, at) = self.url.split_once('@').expect("a user");
        at.split_once('/').expect("a database").0.to_owned()
    }

    /// Runs SQL on a connection of its own, as another program would.
    pub(crate) fn execute(&self, sql: &str) {
        execute(&self.url, sql);
    }

    /// The column `value` of a query.
    pub(crate) fn values(&self, sql: &str) -> Vec<Option<String>> {
        let load = |connection: &mut dyn FnMut() -> QueryResult<Vec<Value>>| connection();
        let rows = match self.backend {
            Backend::Sqlite => {
                let mut connection = sqlite(&self.url);
                load(&mut || diesel::sql_query(sql).load(&mut connection))
            }
            Backend::Postgres => {
                let mut connection = postgres(&self.url);
                load(&mut || diesel::sql_query(sql).load(&mut connection))
            }
        };
        rows.expect("the query is right").into_iter().map(|row| row.value).collect()
    }

    /// The only value of a query, as text.
    pub(crate) fn value(&self, sql: &str) -> String {
        let mut values = self.values(sql);
        assert_eq!(values.len(), 1, "{sql}");
        values.remove(0).unwrap_or_default()
    }

    pub(crate) fn count(&self, table: &str) -> usize {
        let count = self.value(&format!("SELECT CAST(COUNT(*) AS TEXT) AS value FROM {table}"));
        count.parse().expect("a number")
    }

    /// Makes the table as Symfony 7.2 does: three indexes, and on PostgreSQL whole seconds and a
    /// trigger that notifies.
    pub(crate) fn make_symfony_table(&self) {
        match self.backend {
            Backend::Sqlite => self.execute(&symfony_sqlite()),
            Backend::Postgres => self.execute(&symfony_postgres(&self.unique)),
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Some(server) = &self.server {
            execute(server, &format!("DROP SCHEMA {} CASCADE", self.unique));
        }
    }
}

fn unique() -> String {
    static LAST: AtomicU32 = AtomicU32::new(0);
    let number = LAST.fetch_add(1, Ordering::Relaxed);
    format!("ponka_{}_{number}", std::process::id())
}

fn execute(url: &str, sql: &str) {
    let done = if url.starts_with("sqlite://") {
        sqlite(url).batch_execute(sql)
    } else {
        postgres(url).batch_execute(sql)
    };
    done.unwrap_or_else(|error| panic!("{error}: {sql}"));
}

fn sqlite(url: &str) -> SqliteConnection {
    let path = url.trim_start_matches("sqlite://");
    let mut connection = SqliteConnection::establish(path).expect("the file can be opened");
    connection.batch_execute("PRAGMA busy_timeout = 10000").expect("a setting");
    connection
}

pub(crate) fn postgres(url: &str) -> PgConnection {
    PgConnection::establish(url).expect("PostgreSQL can be reached")
}

/// The statements of the capture.
fn symfony_sqlite() -> String {
    let capture = include_str!("../../../core/tests/fixtures/wire/schema-sqlite.txt");
    let wanted = |line: &&str| {
        line.starts_with("CREATE TABLE messenger_messages") || line.starts_with("CREATE INDEX")
    };
    capture.lines().filter(wanted).collect()
}

/// The statements of the capture, in this schema.
fn symfony_postgres(schema: &str) -> String {
    let capture = include_str!("../../../core/tests/fixtures/wire/schema-postgresql.txt");
    let (_, dump) = capture.split_once("CREATE TABLE").expect("the table");
    let (dump, function) = dump.split_once("CREATE OR REPLACE FUNCTION").expect("the function");
    let (table, trigger) = dump.split_once("CREATE TRIGGER").expect("the trigger");
    let (trigger, _) = trigger.split_once(';').expect("the end of a statement");
    let table: String = table
        .lines()
        .filter(|line| !line.contains("OWNER TO"))
        .map(|line| format!("{line}\n"))
        .collect();
    let all = format!(
        "CREATE TABLE{table}; CREATE OR REPLACE FUNCTION{function}; CREATE TRIGGER{trigger};"
    );
    all.replace("public.", &format!("{schema}."))
}
