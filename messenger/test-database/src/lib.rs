//! A database of its own for every test: a SQLite file, or a schema of the PostgreSQL server that
//! `PONKA_TEST_POSTGRES_URL` names.

mod symfony;

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use messenger_doctrine::{Backend, Database};
use tempfile::TempDir;
use url::Url;

/// Where the database of a test is; what is there goes with this value.
#[derive(Debug)]
pub struct TestDatabase {
    /// Its URL, as an application takes it.
    pub url: String,
    /// Its kind.
    pub backend: Backend,
    /// A name that no other test uses, good for tables and notification channels: on PostgreSQL that
    /// of the schema.
    pub unique: String,
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
    /// A SQLite file in a folder of its own.
    ///
    /// # Panics
    /// Without a folder for temporary files. All panics here are those of a test.
    #[must_use]
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut database = Self::sqlite_at(&folder.path().join("test.sqlite"));
        database._folder = Some(folder);
        database
    }

    /// This SQLite file, which stays.
    #[must_use]
    pub fn sqlite_at(path: &Path) -> Self {
        let url = format!("sqlite://{}", path.display());
        Self { url, backend: Backend::Sqlite, unique: unique(), server: None, _folder: None }
    }

    /// A schema of its own; `None`, said aloud, without a server.
    ///
    /// # Panics
    /// When `PONKA_TEST_BACKENDS=all` and no server is named, or it cannot be reached.
    #[must_use]
    pub fn postgres() -> Option<Self> {
        let Ok(server) = std::env::var("PONKA_TEST_POSTGRES_URL") else {
            let all = std::env::var("PONKA_TEST_BACKENDS").is_ok_and(|value| value == "all");
            assert!(!all, "PONKA_TEST_BACKENDS=all needs PONKA_TEST_POSTGRES_URL");
            println!("not tested: postgres, because PONKA_TEST_POSTGRES_URL is not set");
            return None;
        };
        let unique = unique();
        execute(&server, &format!("CREATE SCHEMA {unique}"));
        let url = with_schema(&server, &unique);
        let backend = Backend::Postgres;
        Some(Self { url, backend, unique, server: Some(server), _folder: None })
    }

    /// One of this kind; `None`, said aloud, without a server.
    #[must_use]
    pub fn of(backend: Backend) -> Option<Self> {
        match backend {
            Backend::Sqlite => Some(Self::sqlite()),
            Backend::Postgres => Self::postgres(),
        }
    }

    /// A pool of its own, as another process would have.
    ///
    /// # Panics
    /// When it cannot be opened.
    #[must_use]
    pub fn open(&self) -> Database {
        Database::open(&self.url).expect("the database can be opened")
    }

    /// The same schema, asked of another port of this machine.
    ///
    /// # Panics
    /// When the server's URL is none.
    #[must_use]
    pub fn through(&self, port: u16) -> String {
        let mut url = self.server();
        url.set_host(Some("127.0.0.1")).expect("a host");
        url.set_port(Some(port)).expect("a port");
        with_schema(url.as_str(), &self.unique)
    }

    /// Where the PostgreSQL server listens.
    ///
    /// # Panics
    /// When the server's URL is none.
    #[must_use]
    pub fn server_address(&self) -> String {
        let url = self.server();
        format!("{}:{}", url.host_str().unwrap_or("127.0.0.1"), url.port().unwrap_or(5432))
    }

    fn server(&self) -> Url {
        Url::parse(self.server.as_deref().unwrap_or_default()).expect("a URL")
    }

    /// Runs SQL on a connection of its own, as another program would.
    ///
    /// # Panics
    /// When the database refuses.
    pub fn execute(&self, sql: &str) {
        execute(&self.url, sql);
    }

    /// The column `value` of a query, which may be run for what it does; what is NULL is empty.
    ///
    /// # Panics
    /// When the database refuses.
    pub fn values(&self, sql: &str) -> Vec<String> {
        let rows: QueryResult<Vec<Value>> = match self.backend {
            Backend::Sqlite => diesel::sql_query(sql).load(&mut sqlite(&self.url)),
            Backend::Postgres => diesel::sql_query(sql).load(&mut postgres(&self.url)),
        };
        let rows = rows.unwrap_or_else(|error| panic!("{error}: {sql}"));
        rows.into_iter().map(|row| row.value.unwrap_or_default()).collect()
    }

    /// The only value of a query.
    ///
    /// # Panics
    /// When there is none or more than one.
    pub fn value(&self, sql: &str) -> String {
        let mut values = self.values(sql);
        assert_eq!(values.len(), 1, "{sql}");
        values.remove(0)
    }

    /// The number of rows of a table, or of `TABLE WHERE …`.
    ///
    /// # Panics
    /// When the database refuses.
    #[must_use]
    pub fn count(&self, from: &str) -> usize {
        let count = self.value(&format!("SELECT CAST(COUNT(*) AS TEXT) AS value FROM {from}"));
        count.parse().expect("a number")
    }

    /// Makes the table as Symfony 7.2 does: three indexes, and on PostgreSQL whole seconds and a
    /// trigger that notifies.
    ///
    /// # Panics
    /// When the database refuses.
    pub fn make_symfony_table(&self) {
        match self.backend {
            Backend::Sqlite => self.execute(&symfony::sqlite()),
            Backend::Postgres => self.execute(&symfony::postgres(&self.unique)),
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

fn with_schema(server: &str, schema: &str) -> String {
    let separator = if server.contains('?') { '&' } else { '?' };
    format!("{server}{separator}options=-csearch_path%3D{schema}")
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
    done.unwrap_or_else(|error| panic!("{error}: {}", sql.chars().take(200).collect::<String>()));
}

fn postgres(url: &str) -> PgConnection {
    PgConnection::establish(url).expect("PostgreSQL can be reached")
}

fn sqlite(url: &str) -> SqliteConnection {
    let path = url.trim_start_matches("sqlite://");
    let mut connection = SqliteConnection::establish(path).expect("the file can be opened");
    connection.batch_execute("PRAGMA busy_timeout = 10000").expect("a setting");
    connection
}
