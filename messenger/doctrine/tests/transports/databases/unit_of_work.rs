//! The unit of work: what is begun is kept or undone, whatever happens to its future.

use diesel::prelude::*;
use messenger::Context;
use messenger_doctrine::{DatabaseContext as _, UnitOfWork};

use crate::fixture::messenger;
use test_database::TestDatabase;

fn context(db: &TestDatabase) -> Context<UnitOfWork> {
    db.execute("CREATE TABLE IF NOT EXISTS notes (note INTEGER NOT NULL)");
    messenger(&db.open()).context("bus")
}

async fn note(cx: &mut Context<UnitOfWork>, note: i32) {
    let sql = format!("INSERT INTO notes VALUES ({note})");
    let done = cx.db(move |connection| diesel::sql_query(sql).execute(connection)).await;
    assert_eq!(done.expect("inserted"), 1);
}

fn notes(db: &TestDatabase) -> Vec<String> {
    let sql = "SELECT CAST(note AS TEXT) AS value FROM notes ORDER BY note";
    db.values(sql)
}

pub(super) async fn a_transaction_is_kept_or_undone(db: &TestDatabase) {
    let mut cx = context(db);
    cx.begin().await.expect("begun");
    note(&mut cx, 1).await;
    assert!(notes(db).is_empty());
    cx.commit().await.expect("committed");
    cx.begin().await.expect("begun");
    note(&mut cx, 2).await;
    cx.rollback().await;
    note(&mut cx, 3).await;
    assert_eq!(notes(db), ["1", "3"]);
}

pub(super) async fn a_savepoint_is_undone_alone(db: &TestDatabase) {
    let mut cx = context(db);
    cx.begin().await.expect("begun");
    note(&mut cx, 1).await;
    cx.begin().await.expect("a savepoint");
    note(&mut cx, 2).await;
    cx.begin().await.expect("a savepoint in it");
    note(&mut cx, 3).await;
    cx.commit().await.expect("released");
    cx.rollback().await;
    note(&mut cx, 4).await;
    cx.commit().await.expect("committed");
    assert_eq!(notes(db), ["1", "4"]);
}

pub(super) async fn an_abandoned_transaction_leaves_nothing(db: &TestDatabase) {
    let mut cx = context(db);
    cx.begin().await.expect("begun");
    note(&mut cx, 1).await;
    drop(cx);
    let mut next = context(db);
    next.begin().await.expect("nobody writes any more");
    note(&mut next, 2).await;
    next.commit().await.expect("committed");
    assert_eq!(notes(db), ["2"]);
}

pub(super) async fn a_dropped_future_leaves_nothing(db: &TestDatabase) {
    let mut cx = context(db);
    cx.begin().await.expect("begun");
    note(&mut cx, 1).await;
    let (started, has_started) = tokio::sync::oneshot::channel();
    let (go_on, may_go_on) = std::sync::mpsc::channel::<()>();
    let slow = cx.db(move |connection| {
        started.send(()).expect("somebody waits");
        may_go_on.recv().expect("a sign");
        diesel::sql_query("INSERT INTO notes VALUES (2)").execute(connection)
    });
    tokio::select! {
        _ = slow => panic!("it cannot be ready"),
        started = has_started => started.expect("it has started"),
    }
    go_on.send(()).expect("the thread waits");
    assert!(cx.commit().await.is_err(), "the transaction is lost");
    cx.begin().await.expect("the writer's place is free again");
    note(&mut cx, 3).await;
    cx.commit().await.expect("committed");
    assert_eq!(notes(db), ["3"]);
}

pub(super) async fn a_panic_does_not_poison_the_pool(db: &TestDatabase) {
    let mut cx = context(db);
    for _ in 0..20 {
        cx.begin().await.expect("begun");
        note(&mut cx, 1).await;
        let panicked = cx.db(|_| -> QueryResult<()> { panic!("on purpose") }).await;
        assert_eq!(
            panicked.expect_err("a panic").to_string(),
            "the code that used the database panicked"
        );
        cx.rollback().await;
    }
    note(&mut cx, 2).await;
    assert_eq!(notes(db), ["2"]);
}

pub(super) async fn an_error_does_not_poison_the_pool(db: &TestDatabase) {
    let mut cx = context(db);
    for _ in 0..20 {
        cx.begin().await.expect("begun");
        note(&mut cx, 1).await;
        let failed = cx.db(|connection| diesel::sql_query("nonsense").execute(connection)).await;
        failed.expect_err("no SQL");
        cx.rollback().await;
    }
    cx.begin().await.expect("begun");
    note(&mut cx, 2).await;
    cx.commit().await.expect("committed");
    assert_eq!(notes(db), ["2"]);
}

/// Whoever waits for a connection must not sit on a thread that those who have one need.
pub(super) async fn more_transactions_than_connections_and_threads_all_end(db: &TestDatabase) {
    const TRANSACTIONS: i32 = 60;
    let url = db.url.clone();
    drop(context(db));
    let few_threads = move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .max_blocking_threads(4)
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let database = messenger_doctrine::Database::open(&url).expect("the database");
            let all = (0..TRANSACTIONS).map(|number| {
                let database = database.clone();
                tokio::spawn(async move {
                    let mut cx = messenger(&database).context("bus");
                    cx.begin().await.expect("begun");
                    note(&mut cx, number).await;
                    cx.commit().await.expect("committed");
                })
            });
            for one in all.collect::<Vec<_>>() {
                one.await.expect("it ends");
            }
        });
    };
    std::thread::spawn(few_threads).join().expect("all end");
    assert_eq!(notes(db).len(), 60);
}
