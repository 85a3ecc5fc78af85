//! A queue to measure on: opened, filled and emptied with plain SQL.

use std::sync::Arc;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use messenger::clock::Clock;
use messenger::codec::JsonCodec;
use messenger::{BusName, Context, Handler, HandlerError, Message, Messenger};
use messenger_doctrine::{
    Backend, Database, DbConnection, DoctrineOptions, DoctrineTransport, UnitOfWork,
};
use serde::{Deserialize, Serialize};

pub(crate) const MESSAGES: usize = 20_000;
const BUS: BusName = BusName::new("command.bus");

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Noop {
    pub(crate) number: i64,
}

impl Message for Noop {
    const NAME: &'static str = r"App\Message\Noop";
}

struct NoopHandler;

impl Handler<Noop, UnitOfWork> for NoopHandler {
    type Output = ();

    async fn handle(&self, _: &Noop, _: &mut Context<UnitOfWork>) -> Result<(), HandlerError> {
        Ok(())
    }
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

#[derive(QueryableByName)]
struct Setting {
    #[diesel(sql_type = Text)]
    setting: String,
}

#[derive(QueryableByName)]
struct Claimed {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    body: String,
    #[diesel(sql_type = Text)]
    headers: String,
}

/// The databases that can be measured here.
pub(crate) fn urls() -> Vec<String> {
    let mut urls = vec!["sqlite".to_owned()];
    match std::env::var("PONKA_TEST_POSTGRES_URL") {
        Ok(url) => urls.push(url),
        Err(_) => println!("not measured: PostgreSQL (PONKA_TEST_POSTGRES_URL is not set)"),
    }
    urls
}

pub(crate) struct Bench {
    pub(crate) title: &'static str,
    database: Database,
    _folder: tempfile::TempDir,
}

impl Bench {
    pub(crate) async fn open(url: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (title, url) = if url == "sqlite" {
            ("SQLite", format!("sqlite://{}/bench.sqlite", folder.path().display()))
        } else {
            ("PostgreSQL", url.to_owned())
        };
        let database = Database::open(&url).expect("the database");
        let bench = Self { title, database, _folder: folder };
        bench.transport().setup().await.expect("the table");
        bench.clear().await;
        bench
    }

    /// What a commit promises here.
    pub(crate) async fn durability(&self) -> String {
        let sql = match self.database.backend() {
            Backend::Sqlite => {
                "SELECT 'synchronous=' || synchronous AS setting FROM pragma_synchronous"
            }
            Backend::Postgres => {
                "SELECT 'fsync=' || current_setting('fsync') || ', synchronous_commit=' || \
                 current_setting('synchronous_commit') AS setting"
            }
        };
        let setting: Setting = self.query(sql).await;
        setting.setting
    }

    pub(crate) fn transport(&self) -> Arc<DoctrineTransport> {
        let mut codec = JsonCodec::default();
        codec.register::<Noop>();
        let options =
            DoctrineOptions { table_name: "bench_messages".to_owned(), ..Default::default() };
        let database = self.database.clone();
        let transport =
            DoctrineTransport::new("async", database, options, Arc::new(codec), Clock::System);
        Arc::new(transport.expect("the options are right"))
    }

    pub(crate) fn messenger(&self) -> Messenger<UnitOfWork> {
        let database = self.database.clone();
        let transport = Arc::into_inner(self.transport()).expect("nobody else has it");
        Messenger::builder(move || UnitOfWork::new(database.clone()))
            .bus(BUS, |bus| bus.handler::<Noop>(NoopHandler))
            .transport("async", transport)
            .build()
            .expect("the configuration works")
    }

    /// Puts messages into the queue, with the headers that the library writes.
    pub(crate) async fn fill(&self, rows: usize) {
        let headers = r#"{"type":"App\\Message\\Noop","X-Message-Stamp-Symfony\\Component\\Messenger\\Stamp\\BusNameStamp":"[{\"busName\":\"command.bus\"}]","Content-Type":"application\/json"}"#;
        let now = self.now();
        self.execute(format!(
            "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {rows}) \
             INSERT INTO bench_messages (body, headers, queue_name, created_at, available_at) \
             SELECT '{{\"number\":' || n || '}}', '{headers}', 'default', {now}, {now} FROM n"
        ))
        .await;
        self.execute("ANALYZE".to_owned()).await;
    }

    pub(crate) async fn left(&self) -> i64 {
        let number: Number = self.query("SELECT COUNT(*) AS number FROM bench_messages").await;
        number.number
    }

    pub(crate) async fn clear(&self) {
        self.execute("DELETE FROM bench_messages".to_owned()).await;
    }

    pub(crate) async fn close(&self) {
        self.execute("DROP TABLE bench_messages".to_owned()).await;
    }

    /// Claims the oldest rows in one statement and deletes them in another, each committed: what a
    /// worker does, without the worker. Gives how many.
    pub(crate) async fn take_batch(&self, rows: usize) -> usize {
        let now = self.now();
        // The `+` has SQLite walk the index instead of sorting all rows of one moment.
        let free = match self.database.backend() {
            Backend::Sqlite => "+delivered_at IS NULL",
            Backend::Postgres => "delivered_at IS NULL",
        };
        let claim = format!(
            "UPDATE bench_messages SET delivered_at = {now} WHERE id IN (SELECT id FROM \
             bench_messages WHERE queue_name = 'default' AND available_at <= {now} AND {free} \
             ORDER BY available_at, delivered_at, id LIMIT {rows}) RETURNING id, body, headers"
        );
        let claimed = self
            .database
            .transaction(move |connection| diesel::sql_query(claim).load::<Claimed>(connection));
        let claimed = claimed.await.expect("a claim");
        if claimed.is_empty() {
            return 0;
        }
        let ids = claimed.iter().map(|row| row.id.to_string()).collect::<Vec<_>>().join(",");
        let delete = format!("DELETE FROM bench_messages WHERE id IN ({ids})");
        let deleted =
            self.database.transaction(move |connection| connection.batch_execute(&delete));
        deleted.await.expect("a deletion");
        claimed.iter().filter(|row| !row.body.is_empty() && !row.headers.is_empty()).count()
    }

    fn now(&self) -> &'static str {
        match self.database.backend() {
            Backend::Sqlite => "strftime('%Y-%m-%d %H:%M:%f', 'now')",
            Backend::Postgres => "(statement_timestamp() AT TIME ZONE 'UTC')",
        }
    }

    async fn execute(&self, sql: String) {
        let done =
            self.database.run(move |connection: &mut DbConnection| connection.batch_execute(&sql));
        done.await.expect("the statement");
    }

    async fn query<T>(&self, sql: &'static str) -> T
    where
        T: QueryableByName<<DbConnection as diesel::Connection>::Backend> + Send + 'static,
    {
        let row =
            self.database.run(move |connection| diesel::sql_query(sql).get_result(connection));
        row.await.expect("one row")
    }
}
