//! Connections that are lost while nobody uses them: whoever asks next is not the one to find out.

use diesel::prelude::*;
use futures_util::future::join_all;
use messenger_doctrine::{Backend, Database, DbConnection};

use crate::databases;
use crate::proxy::{Network, Proxy};
use test_database::TestDatabase;

/// As many as the pool has.
const CONNECTIONS: usize = 16;

/// Runs a case on a database with a table for notes, which is reached by this URL.
async fn run(db: &TestDatabase, url: &str, lose_all: impl AsyncFnOnce()) {
    db.execute("CREATE TABLE notes (note INTEGER NOT NULL)");
    let named = format!("{url}&application_name={}", db.unique);
    let database = Database::open(&named).expect("the server can be reached");
    use_all(db, &database).await;
    lose_all().await;
    the_first_ask_is_answered(db, &database).await;
}

/// Uses every connection of the pool at the same time: each was in use a moment ago.
async fn use_all(db: &TestDatabase, database: &Database) {
    let sleep = |connection: &mut DbConnection| {
        diesel::sql_query("SELECT pg_sleep(0.2)").execute(connection)
    };
    for used in join_all((0..CONNECTIONS).map(|_| database.run(sleep))).await {
        used.expect("it works");
    }
    let sessions = format!("pg_stat_activity WHERE application_name = '{}'", db.unique);
    assert_eq!(db.count(&sessions), CONNECTIONS);
}

fn insert(connection: &mut DbConnection) -> QueryResult<usize> {
    diesel::sql_query("INSERT INTO notes VALUES (1)").execute(connection)
}

/// Every connection is asked, once: half of them by a statement, half of them in a transaction.
async fn the_first_ask_is_answered(db: &TestDatabase, database: &Database) {
    let (read, written) = tokio::join!(
        join_all((0..CONNECTIONS / 2).map(|_| database.run(insert))),
        join_all((0..CONNECTIONS / 2).map(|_| database.transaction(insert))),
    );
    let failed: Vec<_> = read.into_iter().chain(written).filter_map(Result::err).collect();
    assert!(failed.is_empty(), "{} of {CONNECTIONS} failed: {failed:?}", failed.len());
    assert_eq!(db.count("notes"), CONNECTIONS);
}

#[test]
fn r5_connections_that_were_cut_while_idle_are_not_handed_out() {
    databases::run(Backend::Postgres, async |db| {
        let proxy = Proxy::start(db.server_address());
        run(db, &db.through(proxy.port()), async || {
            proxy.set(Network::Cut);
            proxy.set(Network::Works);
        })
        .await;
    });
}

/// It says why before it closes them.
#[test]
fn r5_connections_that_the_server_ended_while_idle_are_not_handed_out() {
    databases::run(Backend::Postgres, async |db| {
        run(db, &db.url, async || {
            let pids = db.values(&format!(
                "SELECT CAST(pid AS TEXT) AS value FROM pg_stat_activity \
                 WHERE application_name = '{}'",
                db.unique
            ));
            // All at once, since it is waited for each until it is gone.
            std::thread::scope(|scope| {
                for pid in pids {
                    scope.spawn(move || {
                        db.execute(&format!("SELECT pg_terminate_backend({pid}, 5000)"));
                    });
                }
            });
        })
        .await;
    });
}
