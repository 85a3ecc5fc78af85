//! A queue to measure on: opened, filled and emptied with plain SQL.

use std::sync::Arc;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use messenger::clock::Clock;
use messenger::codec::JsonCodec;
use messenger::doctrine::{
    Backend, Database, DbConnection, DoctrineOptions, DoctrineTransport, UnitOfWork,
};
use messenger::transport::Transport;
use messenger::{BusName, Context, Handler, HandlerError, Message, Messenger};
use serde::{Deserialize, Serialize};

pub const MESSAGES: usize = 20_000;
const BUS: BusName = BusName::new("command.bus");

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Noop {
    pub number: i64,
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

/// The databases that can be measured here.
pub fn urls() -> Vec<String> {
    let mut urls = vec!["sqlite".to_owned()];
    match std::env::var("PONKA_TEST_POSTGRES_URL") {
        Ok(url) => urls.push(url),
        Err(_) => println!("not measured: PostgreSQL (PONKA_TEST_POSTGRES_URL is not set)"),
    }
    urls
}

pub struct Bench {
    pub title: &'static str,
    database: Database,
    _folder: tempfile::TempDir,
}

impl Bench {
    pub async fn open(url: &str) -> Self {
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
    pub async fn durability(&self) -> String {
        let sql = match self.database.backend() {
            Backend::Sqlite => "SELECT 'synchronous=' || synchronous AS setting FROM pragma_synchronous",
            Backend::Postgres => {
                "SELECT 'fsync=' || current_setting('fsync') || ', synchronous_commit=' || \
                 current_setting('synchronous_commit') AS setting"
            }
        };
        let setting: Setting = self.query(sql).await;
        setting.setting
    }

    pub fn transport(&self) -> Arc<DoctrineTransport> {
        let mut codec = JsonCodec::default();
        codec.register::<Noop>();
        let options = DoctrineOptions { table_name: "bench_messages".to_owned(), ..Default::default() };
        let database = self.database.clone();
        let transport =
            DoctrineTransport::new("async", database, options, Arc::new(codec), Clock::System);
        Arc::new(transport.expect("the options are right"))
    }

    pub fn messenger(&self) -> Messenger<UnitOfWork> {
        let database = self.database.clone();
        let transport = Arc::into_inner(self.transport()).expect("nobody else has it");
        Messenger::builder(move || UnitOfWork::new(database.clone()))
            .bus(BUS, |bus| bus.handler::<Noop>(NoopHandler))
            .transport("async", transport)
            .build()
            .expect("the configuration works")
    }

    /// Puts messages into the queue, with the headers that the library writes.
    pub async fn fill(&self, rows: usize) {
        let headers = r#"{"type":"App\\Message\\Noop","X-Message-Stamp-Symfony\\Component\\Messenger\\Stamp\\BusNameStamp":"[{\"busName\":\"command.bus\"}]","Content-Type":"application\/json"}"#;
        let now = match self.database.backend() {
            Backend::Sqlite => "strftime('%Y-%m-%d %H:%M:%f', 'now')",
            Backend::Postgres => "statement_timestamp() AT TIME ZONE 'UTC'",
        };
        self.execute(format!(
            "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {rows}) \
             INSERT INTO bench_messages (body, headers, queue_name, created_at, available_at) \
             SELECT '{{\"number\":' || n || '}}', '{headers}', 'default', {now}, {now} FROM n"
        ))
        .await;
        self.execute("ANALYZE".to_owned()).await;
    }

    pub async fn left(&self) -> i64 {
        let number: Number = self.query("SELECT COUNT(*) AS number FROM bench_messages").await;
        number.number
    }

    pub async fn clear(&self) {
        self.execute("DELETE FROM bench_messages".to_owned()).await;
    }

    pub async fn close(&self) {
        self.execute("DROP TABLE bench_messages".to_owned()).await;
    }

    /// Deletes the oldest rows in one transaction; gives how many.
    pub async fn delete_batch(&self, rows: usize) -> usize {
        let sql = format!(
            "DELETE FROM bench_messages WHERE id IN \
             (SELECT id FROM bench_messages ORDER BY id LIMIT {rows}) RETURNING body AS setting"
        );
        let deleted = self.database.transaction(move |connection| {
            diesel::sql_query(sql).load::<Setting>(connection)
        });
        deleted.await.expect("a batch").len()
    }

    async fn execute(&self, sql: String) {
        let done = self.database.run(move |connection: &mut DbConnection| connection.batch_execute(&sql));
        done.await.expect("the statement");
    }

    async fn query<T>(&self, sql: &'static str) -> T
    where
        T: QueryableByName<<DbConnection as diesel::Connection>::Backend> + Send + 'static,
    {
        let row = self.database.run(move |connection| diesel::sql_query(sql).get_result(connection));
        row.await.expect("one row")
    }
}
