//! A network that falls silent under PostgreSQL: every wait ends, and everything goes on when it is back.

use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::prelude::*;
use futures_util::future::join_all;
use messenger::Transactions as _;
use messenger::clock::Clock;
use messenger_doctrine::{Backend, Database, DatabaseError, UnitOfWork};

use crate::databases::{self, wake};
use crate::fixture::{SharedTransport, receiver, with_options};
use crate::proxy::{Network, Proxy};

/// One piece of work gives up after ten seconds.
const GIVEN_UP: Duration = Duration::from_secs(13);
const BACK: Duration = Duration::from_secs(15);

/// No test here takes longer, unless somebody waits for ever.
const FOR_EVER: Duration = Duration::from_secs(60);

fn run(case: impl AsyncFnOnce(&test_database::TestDatabase)) {
    databases::run(Backend::Postgres, async |db| {
        let ended = tokio::time::timeout(FOR_EVER, case(db)).await;
        ended.expect("nobody waits for ever");
    });
}

/// The database behind a proxy.
fn through(db: &test_database::TestDatabase) -> (Proxy, String) {
    let (scheme, rest) = db.url.split_once("://").expect("a URL");
    let (place, path) = rest.split_once('/').expect("a path");
    let (user, address) = place.split_once('@').expect("a user");
    let proxy = Proxy::start(address);
    let url = format!("{scheme}://{user}@127.0.0.1:{}/{path}", proxy.port());
    (proxy, url)
}

async fn ask(database: &Database) -> Result<usize, DatabaseError> {
    database.run(|connection| diesel::sql_query("SELECT 1").execute(connection)).await
}

async fn is_back(database: &Database) {
    let began = Instant::now();
    while let Err(error) = ask(database).await {
        assert!(began.elapsed() < BACK, "{error}");
    }
}

#[test]
fn r4_whoever_waits_for_a_silent_server_is_told_so_and_all_places_are_free_again() {
    run(async |db| {
        let (proxy, url) = through(db);
        let database = Database::open(&url).unwrap();
        for asked in join_all((0..16).map(|_| ask(&database))).await {
            asked.unwrap();
        }
        proxy.set(Network::Silent);
        let began = Instant::now();
        // Whoever is gone before there is an answer leaves his place as well.
        let gone = (0..8).map(|_| tokio::time::timeout(Duration::from_millis(50), ask(&database)));
        assert!(join_all(gone).await.iter().all(Result::is_err));
        for asked in join_all((0..30).map(|_| ask(&database))).await {
            let error = asked.unwrap_err();
            assert!(matches!(error, DatabaseError::NoConnection(_)), "{error}");
        }
        assert!(began.elapsed() < GIVEN_UP, "{:?}", began.elapsed());
        proxy.set(Network::Works);
        is_back(&database).await;
        for asked in join_all((0..16).map(|_| ask(&database))).await {
            asked.unwrap();
        }
    });
}

#[test]
fn r4_a_transaction_on_a_silent_connection_is_given_up_and_undone() {
    run(async |db| {
        let (proxy, url) = through(db);
        db.execute("CREATE TABLE notes (note INTEGER NOT NULL)");
        let insert = |connection: &mut messenger_doctrine::DbConnection| {
            diesel::sql_query("INSERT INTO notes VALUES (1)").execute(connection)
        };
        let database = Database::open(&url).unwrap();
        let mut unit = UnitOfWork::new(database.clone());
        unit.begin().await.unwrap();
        unit.run(insert).await.unwrap();
        proxy.set(Network::Silent);
        let began = Instant::now();
        unit.run(insert).await.unwrap_err();
        unit.rollback().await.unwrap();
        assert!(began.elapsed() < GIVEN_UP, "{:?}", began.elapsed());
        proxy.set(Network::Works);
        is_back(&database).await;
        // The server has not been told, and gives the locks back all the same.
        let patience = BACK.as_millis();
        db.execute(&format!("SET lock_timeout TO {patience}; BEGIN; LOCK TABLE notes; COMMIT"));
        assert_eq!(db.count("notes"), 0);
    });
}

#[test]
fn r4_a_commit_that_was_never_sent_has_not_happened() {
    run(async |db| {
        let (proxy, url) = through(db);
        let database = Database::open(&url).unwrap();
        let mut unit = UnitOfWork::new(database.clone());
        unit.begin().await.unwrap();
        proxy.set(Network::Silent);
        let error = unit.commit().await.unwrap_err();
        let known = error.source.downcast_ref::<DatabaseError>();
        assert!(matches!(known, Some(DatabaseError::NoConnection(_))), "{error}");
    });
}

#[test]
fn r4_a_commit_whose_answer_stays_away_is_asked_about_when_the_network_is_back() {
    run(async |db| {
        db.execute("CREATE TABLE notes (note INTEGER)");
        let (proxy, url) = through(db);
        let database = Database::open(&url).unwrap();
        let insert = "INSERT INTO notes VALUES (1)";
        let began = Instant::now();
        let mut unit = UnitOfWork::new(database.clone());
        unit.begin().await.unwrap();
        unit.run(move |connection| diesel::sql_query(insert).execute(connection)).await.unwrap();
        proxy.lose_answers_to(b"COMMIT", 1, Network::Silent);
        let network_is_back = async {
            while proxy.lost_answers() == 0 {
                tokio::task::yield_now().await;
            }
            proxy.set(Network::Works);
        };
        let (committed, ()) = tokio::join!(unit.commit(), network_is_back);
        committed.expect("the server says that it is committed");
        assert!(began.elapsed() < GIVEN_UP, "{:?}", began.elapsed());
        assert_eq!(db.count("notes"), 1);

        proxy.lose_answers_to(b"COMMIT", 1, Network::Silent);
        let committed =
            database.transaction(move |connection| diesel::sql_query(insert).execute(connection));
        let error = committed.await.unwrap_err();
        assert!(matches!(error, DatabaseError::OutcomeUnknown { .. }), "{error}");
        assert_eq!(db.count("notes"), 2, "it was committed all the same");
    });
}

#[test]
fn r4_a_statement_that_the_server_takes_too_long_for_is_ended_by_the_server() {
    run(async |db| {
        let database = db.open();
        let sleep = |connection: &mut messenger_doctrine::DbConnection| {
            diesel::sql_query("SELECT pg_sleep(8.5)").execute(connection)
        };
        let (hasty, patient) = (database.clone(), database.clone().patient(BACK));
        let (ended, done) = tokio::join!(hasty.run(sleep), patient.run(sleep));
        let error = ended.unwrap_err().to_string();
        assert!(error.contains("statement timeout"), "{error}");
        done.unwrap();
        // A limit of somebody's own stays.
        let own = format!("{}%20-cstatement_timeout%3D200", db.url);
        let own = Database::open(&own).unwrap().patient(BACK);
        let began = Instant::now();
        own.run(sleep).await.unwrap_err();
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    });
}

#[test]
fn r4_with_only_the_listening_connection_silent_messages_come_within_seconds() {
    run(async |db| {
        let (proxy, url) = through(db);
        let database = Database::open(&url).unwrap();
        let transport: SharedTransport =
            Arc::new(with_options(&database, wake::options(db), &Clock::System));
        wake::become_idle(&transport).await;
        // It is asked every five seconds whether it is there, and whatever it says is lost.
        proxy.set(Network::Silent);
        let silent_since = db.value("SELECT CAST(now() AS TEXT) AS value");
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(7) {
            receiver(&transport).wait(&[], Duration::from_secs(1)).await.expect("waited");
        }
        proxy.set(Network::Works);
        wake::insert_by_hand(db);
        let (claimed, elapsed, _) = wake::work(&transport).await;
        assert_eq!(claimed.len(), 1);
        assert!(elapsed < Duration::from_secs(8), "{elapsed:?}");
        receiver(&transport).ack(&claimed).await.unwrap();
        // After a while another connection listens, and a worker is woken at once again.
        let listeners = format!(
            "SELECT CAST(count(*) AS TEXT) AS value FROM pg_stat_activity \
             WHERE query = 'LISTEN \"{}\"' AND backend_start > '{silent_since}'",
            db.unique
        );
        while began.elapsed() < Duration::from_secs(30) && db.value(&listeners) == "0" {
            receiver(&transport).wait(&[], Duration::from_secs(1)).await.expect("waited");
        }
        wake::become_idle(&transport).await;
        let inserted_at = Instant::now();
        wake::insert_by_hand(db);
        assert_eq!(wake::work(&transport).await.0.len(), 1);
        assert!(inserted_at.elapsed() < Duration::from_secs(2), "{:?}", inserted_at.elapsed());
    });
}

#[test]
fn r4_a_connection_that_is_closed_instead_of_an_answer_is_not_waited_for() {
    run(async |db| {
        let (proxy, url) = through(db);
        let database = Database::open(&url).unwrap();
        ask(&database).await.unwrap();
        proxy.lose_answer_to(b"SELECT 1");
        let began = Instant::now();
        ask(&database).await.unwrap_err();
        assert_eq!(proxy.lost_answers(), 1);
        is_back(&database).await;
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    });
}

#[test]
fn r4_a_server_that_is_silent_at_the_start_is_not_waited_for_for_ever() {
    run(async |db| {
        let (proxy, url) = through(db);
        proxy.set(Network::Silent);
        let began = Instant::now();
        Database::open(&url).unwrap_err();
        assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    });
}
