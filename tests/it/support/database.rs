//! A database of its own for every test: a SQLite file, or a schema of the PostgreSQL server.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use messenger_doctrine::Backend;
use tempfile::TempDir;

/// Where the database of a test is; what is there goes with this value.
pub(crate) struct TestDatabase {
    pub(crate) url: String,
    pub(crate) backend: Backend,
    schema: String,
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
        let mut database = Self::sqlite_at(&folder.path().join("ponka.sqlite"));
        database._folder = Some(folder);
        database
    }

    /// This SQLite file, which stays.
    pub(crate) fn sqlite_at(path: &Path) -> Self {
        let url = format!("sqlite://{}", path.display());
        Self { url, backend: Backend::Sqlite, schema: unique(), server: None, _folder: None }
    }

    /// A schema of its own; `None`, said aloud, without a server.
    pub(crate) fn postgres() -> Option<Self> {
        let Ok(server) = std::env::var("PONKA_TEST_POSTGRES_URL") else {
            let all = std::env::var("PONKA_TEST_BACKENDS").is_ok_and(|value| value == "all");
            assert!(!all, "PONKA_TEST_BACKENDS=all needs PONKA_TEST_POSTGRES_URL");
            println!("not tested: postgres, because PONKA_TEST_POSTGRES_URL is not set");
            return None;
        };
        let schema = unique();
        execute(&server, &format!("CREATE SCHEMA {schema}"));
        let url = with_schema(&server, &schema);
        let backend = Backend::Postgres;
        Some(Self { url, backend, schema, server: Some(server), _folder: None })
    }

    /// The same schema, asked of another host and port.
    pub(crate) fn through(&self, port: u16) -> String {
        let server = self.server.as_deref().unwrap_or_default();
        let mut url = url::Url::parse(server).expect("a URL");
        url.set_host(Some("127.0.0.1")).expect("a host");
        url.set_port(Some(port)).expect("a port");
        with_schema(url.as_str(), &self.schema)
    }

    /// Where the PostgreSQL server listens.
    pub(crate) fn server_address(&self) -> String {
        let url = url::Url::parse(self.server.as_deref().unwrap_or_default()).expect("a URL");
        format!("{}:{}", url.host_str().unwrap_or("127.0.0.1"), url.port().unwrap_or(5432))
    }

    /// Runs SQL on a connection of its own, as another program would.
    pub(crate) fn execute(&self, sql: &str) {
        execute(&self.url, sql);
    }

    /// The column `value` of a query.
    pub(crate) fn values(&self, sql: &str) -> Vec<String> {
        let rows: QueryResult<Vec<Value>> = match self.backend {
            Backend::Sqlite => diesel::sql_query(sql).load(&mut sqlite(&self.url)),
            Backend::Postgres => diesel::sql_query(sql).load(&mut postgres(&self.url)),
        };
        let rows = rows.unwrap_or_else(|error| panic!("{error}: {sql}"));
        rows.into_iter().map(|row| row.value.unwrap_or_default()).collect()
    }

    /// The number of rows of a table, or of `TABLE WHERE …`.
    pub(crate) fn count(&self, from: &str) -> usize {
        let values = self.values(&format!("SELECT CAST(COUNT(*) AS TEXT) AS value FROM {from}"));
        values[0].parse().expect("a number")
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Some(server) = &self.server {
            execute(server, &format!("DROP SCHEMA {} CASCADE", self.schema));
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
    format!("ponka_it_{}_{number}", std::process::id())
}

fn execute(url: &str, sql: &str) {
    let done = if url.starts_with("sqlite://") {
        sqlite(url).batch_execute(sql)
    } else {
        postgres(url).batch_execute(sql)
    };
    done.unwrap_or_else(|error| panic!("{error}: {}", &sql[..sql.len().min(200)]));
}

fn sqlite(url: &str) -> SqliteConnection {
    let path = url.trim_start_matches("sqlite://");
    let mut connection = SqliteConnection::establish(path).expect("the file can be opened");
    connection.batch_execute("PRAGMA busy_timeout = 10000").expect("a setting");
    connection
}

fn postgres(url: &str) -> PgConnection {
    PgConnection::establish(url).expect("PostgreSQL can be reached")
}
