//! PostgreSQL carries out a COMMIT, and its answer is lost.

use std::sync::Arc;

use diesel::prelude::*;
use messenger::clock::Clock;
use messenger_doctrine::{Backend, Database, DatabaseContext as _, DatabaseError};

use crate::databases;
use crate::fixture::{SharedTransport, get, messenger, receiver, send, transport};
use crate::message::{numbers, ponka};
use crate::proxy::{Network, Proxy};
use test_database::TestDatabase;

/// The database through a proxy, with a table for notes.
fn run(case: impl AsyncFnOnce(&TestDatabase, &Proxy, Database)) {
    databases::run(Backend::Postgres, async |db| {
        db.execute("CREATE TABLE notes (note INTEGER NOT NULL)");
        let proxy = Proxy::start(db.server_address());
        let database =
            Database::open(&db.through(proxy.port())).expect("the server can be reached");
        case(db, &proxy, database).await;
    });
}

fn insert(connection: &mut messenger_doctrine::DbConnection) -> QueryResult<usize> {
    diesel::sql_query("INSERT INTO notes VALUES (1)").execute(connection)
}

async fn queue(database: &Database) -> SharedTransport {
    let transport = transport(database, "default", &Clock::System);
    transport.setup().await.expect("set up");
    Arc::new(transport)
}

#[test]
fn r1_a_commit_without_an_answer_is_asked_for_and_found_done() {
    run(async |db, proxy, database| {
        proxy.lose_answer_to(b"COMMIT");
        database.transaction(insert).await.unwrap();
        let mut cx = messenger(&database).context("bus");
        cx.begin().await.unwrap();
        cx.db(insert).await.unwrap();
        proxy.lose_answer_to(b"COMMIT");
        cx.commit().await.unwrap();
        assert_eq!((proxy.lost_answers(), db.count("notes")), (2, 2));
    });
}

#[test]
fn r1_a_commit_that_never_arrived_is_an_error_and_no_riddle() {
    run(async |db, proxy, database| {
        let mut cx = messenger(&database).context("bus");
        cx.begin().await.unwrap();
        cx.db(insert).await.unwrap();
        proxy.set(Network::Cut);
        proxy.set(Network::Works);
        let error = cx.commit().await.unwrap_err();
        let cause = DatabaseError::find_in(&error).unwrap();
        assert!(cause.is_unavailable() && !cause.is_outcome_unknown(), "{error}");
        assert_eq!(db.count("notes"), 0);
    });
}

#[test]
fn r1_what_cannot_be_learnt_is_neither_success_nor_failure() {
    run(async |db, proxy, database| {
        proxy.lose_answers_to(b"COMMIT", 1, Network::Cut);
        let error = database.transaction(insert).await.unwrap_err();
        assert!(error.is_outcome_unknown(), "{error}");
        assert!(error.to_string().contains("look whether its work is done"), "{error}");
        assert_eq!(db.count("notes"), 1, "and nobody could know");
    });
}

#[test]
fn r1_a_message_whose_commit_is_not_answered_is_sent_once() {
    run(async |db, proxy, database| {
        let queue = queue(&database).await;
        proxy.lose_answer_to(b"COMMIT");
        send(&queue, ponka(1), &mut messenger(&database).context("bus")).await;
        assert_eq!((proxy.lost_answers(), db.count("messenger_messages")), (1, 1));
    });
}

#[test]
fn r1_an_acknowledgement_and_a_renewal_without_an_answer_are_done() {
    run(async |db, proxy, database| {
        let queue = queue(&database).await;
        send(&queue, ponka(1), &mut messenger(&database).context("bus")).await;
        let claimed = get(receiver(&queue), 1).await;
        proxy.lose_answer_to(b"COMMIT");
        receiver(&queue).keepalive(&claimed).await.unwrap();
        assert!(receiver(&queue).holds(&claimed[0]));
        proxy.lose_answer_to(b"COMMIT");
        receiver(&queue).ack(&claimed).await.unwrap();
        assert_eq!((proxy.lost_answers(), db.count("messenger_messages")), (2, 0));
    });
}

#[test]
fn r1_an_acknowledgement_of_which_nobody_knew_is_no_lost_lease_when_it_is_repeated() {
    run(async |db, proxy, database| {
        let queue = queue(&database).await;
        send(&queue, ponka(1), &mut messenger(&database).context("bus")).await;
        let claimed = get(receiver(&queue), 1).await;
        assert_eq!(numbers(&claimed), [1]);
        proxy.lose_answers_to(b"COMMIT", 1, Network::Cut);
        let error = receiver(&queue).ack(&claimed).await.unwrap_err();
        assert!(error.to_string().contains("it is not known"), "{error}");
        proxy.set(Network::Works);
        // The first one may meet a connection that was cut.
        if receiver(&queue).ack(&claimed).await.is_err() {
            receiver(&queue).ack(&claimed).await.unwrap();
        }
        assert_eq!(db.count("messenger_messages"), 0);
    });
}
