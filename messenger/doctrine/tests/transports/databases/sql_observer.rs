//! What an observer of the database hears: every statement, and no value.

use std::sync::{Arc, Mutex};

use diesel::prelude::*;
use diesel::sql_types::Text;
use messenger::{Context, Transactions};
use messenger_doctrine::{
    Backend, Database, DatabaseContext as _, SqlObserver, SqlRecorder, SqlStatement, UnitOfWork,
};

use crate::fixture::messenger;
use test_database::TestDatabase;

type Heard = Arc<Mutex<Vec<String>>>;

tokio::task_local! {
    static HEARD: Heard;
}

/// Lets the current task hear its own statements, and no other.
struct Observer;

impl SqlObserver for Observer {
    fn recorder(&self) -> Option<Box<dyn SqlRecorder>> {
        HEARD.try_with(|heard| Box::new(Recorder(heard.clone())) as Box<dyn SqlRecorder>).ok()
    }
}

struct Recorder(Heard);

impl SqlRecorder for Recorder {
    fn statement(&mut self, statement: &SqlStatement<'_>) {
        let failed = if statement.error.is_some() { " FAILED" } else { "" };
        let text = format!("{}{failed}", statement.sql);
        self.0.lock().expect("no test panics while it hears").push(text);
    }
}

fn observed(db: &TestDatabase) -> Database {
    db.execute("CREATE TABLE IF NOT EXISTS notes (note TEXT NOT NULL)");
    db.open().observed_by(Arc::new(Observer))
}

async fn heard(work: impl Future<Output = ()>) -> Vec<String> {
    let heard = Heard::default();
    HEARD.scope(heard.clone(), work).await;
    let heard = heard.lock().expect("no test panics while it hears");
    heard.iter().map(|sql| sql.replace('"', "").replace("$1", "?")).collect()
}

async fn note(cx: &mut Context<UnitOfWork>, note: &'static str) {
    let done = cx.db(move |connection| {
        let insert = diesel::sql_query(match connection.backend() {
            Backend::Postgres => "INSERT INTO notes VALUES ($1)",
            Backend::Sqlite => "INSERT INTO notes VALUES (?)",
        });
        insert.bind::<Text, _>(note).execute(connection)
    });
    assert_eq!(done.await.expect("inserted"), 1);
}

pub(super) async fn statements_are_heard_in_order_with_the_transaction_around_them(
    db: &TestDatabase,
) {
    let database = observed(db);
    let begin = if db.backend == Backend::Sqlite { "BEGIN IMMEDIATE" } else { "BEGIN" };

    let one = heard(async {
        let mut cx = messenger(&database).context("bus");
        cx.begin().await.expect("begun");
        note(&mut cx, "one").await;
        cx.begin().await.expect("a savepoint");
        note(&mut cx, "two").await;
        cx.rollback().await;
        cx.commit().await.expect("committed");
    });
    const INSERT: &str = "INSERT INTO notes VALUES (?)";
    const SAVEPOINT: &str = "SAVEPOINT diesel_savepoint_1";
    const BACK: &str = "ROLLBACK TO SAVEPOINT diesel_savepoint_1";
    // On PostgreSQL the commit is preceded by the number under which it can be asked for.
    const NUMBER: &str = "SELECT txid_current_if_assigned()";
    let number: &[&str] = if db.backend == Backend::Sqlite { &[] } else { &[NUMBER] };
    let before = [begin, INSERT, SAVEPOINT, INSERT, BACK];
    assert_eq!(one.await, [&before, number, &["COMMIT"]].concat());

    let failing = heard(async {
        let nonsense = |connection: &mut _| diesel::sql_query("nonsense").execute(connection);
        database.transaction(nonsense).await.expect_err("no SQL");
    });
    assert_eq!(failing.await, [begin, "nonsense FAILED", "ROLLBACK"]);
}

pub(super) async fn the_task_that_begins_the_work_is_asked_and_values_are_not_told(
    db: &TestDatabase,
) {
    let database = observed(db);
    let unheard = database.clone();
    let other = tokio::spawn(async move {
        let mut unit = UnitOfWork::new(unheard);
        unit.begin().await.expect("begun");
        unit.commit().await.expect("committed");
    });
    other.await.expect("nobody hears it");

    let statements = heard(async {
        let mut cx = messenger(&database).context("bus");
        note(&mut cx, "canary -- binds: [\"canary\"]").await;
    });
    assert_eq!(statements.await, ["INSERT INTO notes VALUES (?)"]);
    let afterwards = heard(async {
        let mut cx = messenger(&db.open()).context("bus");
        note(&mut cx, "not observed").await;
    });
    assert!(afterwards.await.is_empty());
    assert_eq!(db.count("notes"), 2);
}
