//! What only PostgreSQL has: notifications, schemas, a server that ends connections.

use std::time::{Duration, Instant};

use diesel::prelude::*;
use messenger::clock::Clock;
use messenger_doctrine::{Backend, Database, DoctrineOptions};

use crate::databases::{self, wake};
use crate::fixture::{get, messenger, receiver, send, transport, with_options};
use crate::message::{numbers, ponka};
use test_database::TestDatabase;

fn run(case: impl AsyncFnOnce(&TestDatabase)) {
    databases::run(Backend::Postgres, case);
}

#[test]
fn the_table_is_the_one_that_newer_symfony_makes_with_finer_dates() {
    const COLUMNS: &str = "SELECT concat_ws(' ', column_name, data_type, is_nullable, \
        character_maximum_length, identity_generation, column_default) AS value \
        FROM information_schema.columns WHERE table_schema = current_schema() \
        AND table_name = 'messenger_messages' ORDER BY ordinal_position";
    const INDEXES: &str = "SELECT substring(indexdef FROM 'INDEX (.*) ON') || \
        substring(indexdef FROM '\\(.*\\)') AS value FROM pg_indexes \
        WHERE schemaname = current_schema() AND tablename = 'messenger_messages' ORDER BY 1";
    run(async |db| {
        db.make_symfony_table();
        let symfony = db.values(COLUMNS);
        db.execute("DROP TABLE messenger_messages");
        transport(&db.open(), "default", &Clock::System).setup().await.unwrap();
        assert_eq!(db.values(COLUMNS), symfony);
        let indexes = db.values(INDEXES);
        assert_eq!(
            indexes,
            [
                "idx_75ea56e0fb7336f0e3bd61ce16ba31dbbf396750\
             (queue_name, available_at, delivered_at, id)",
                "messenger_messages_pkey(id)",
            ]
        );
    });
}

#[test]
fn the_table_can_be_in_another_schema() {
    run(async |db| {
        let table_name = format!("{}.own_queue", db.unique);
        let options = || DoctrineOptions { table_name: table_name.clone(), ..Default::default() };
        let server = std::env::var("PONKA_TEST_POSTGRES_URL").unwrap();
        let database = Database::open(&server).unwrap();
        let transport: crate::fixture::SharedTransport =
            std::sync::Arc::new(with_options(&database, options(), &Clock::System));
        send(&transport, ponka(1), &mut messenger(&database).context("bus")).await;
        assert_eq!(db.count("own_queue"), 1);
        claim_and_acknowledge(&transport).await;
    });
}

async fn claim_and_acknowledge(transport: &crate::fixture::SharedTransport) {
    let claimed = get(receiver(transport), 1).await;
    assert_eq!(numbers(&claimed), [1]);
    receiver(transport).ack(&claimed).await.expect("acknowledged");
    assert!(get(receiver(transport), 1).await.is_empty());
}

#[test]
fn an_idle_worker_does_not_query() {
    run(async |db| {
        let options = DoctrineOptions { auto_setup: false, ..wake::options(db) };
        let transport: crate::fixture::SharedTransport =
            std::sync::Arc::new(with_options(&db.open(), options, &Clock::System));
        transport.setup().await.unwrap();
        wake::become_idle(&transport).await;
        assert!(get(receiver(&transport), 1).await.is_empty());
        db.execute(&format!("ALTER TABLE {} RENAME TO elsewhere", db.unique));
        for _ in 0..3 {
            assert!(get(receiver(&transport), 1).await.is_empty(), "a query would fail");
        }
        db.execute(&format!("ALTER TABLE elsewhere RENAME TO {}", db.unique));
        wake::insert_by_hand(db);
        assert_eq!(wake::work(&transport).await.0.len(), 1);
    });
}

#[test]
fn a_listener_whose_connection_dies_connects_again() {
    run(async |db| {
        let transport = wake::waiting(db);
        wake::become_idle(&transport).await;
        let listeners = format!(
            "SELECT CAST(pg_terminate_backend(pid) AS TEXT) AS value FROM pg_stat_activity \
             WHERE query = 'LISTEN \"{}\"'",
            db.unique
        );
        // It connects in a thread of its own, which a busy machine may let wait.
        let began = Instant::now();
        while db.values(&listeners) != ["true"] {
            assert!(began.elapsed() < Duration::from_secs(10), "nobody listens");
            wake::become_idle(&transport).await;
        }
        wake::insert_by_hand(db);
        let (claimed, elapsed, _) = wake::work(&transport).await;
        assert_eq!(claimed.len(), 1);
        assert!(elapsed < Duration::from_secs(5), "{elapsed:?}");
        receiver(&transport).ack(&claimed).await.unwrap();
        wake::become_idle(&transport).await;
        let inserted_at = Instant::now();
        wake::insert_by_hand(db);
        assert_eq!(wake::work(&transport).await.0.len(), 1);
        assert!(inserted_at.elapsed() < Duration::from_secs(5));
    });
}

#[derive(QueryableByName)]
struct Pid {
    #[diesel(sql_type = diesel::sql_types::Integer)]
    pid: i32,
}

#[test]
fn a_connection_that_the_server_ends_is_replaced() {
    run(async |db| {
        let database = db.open();
        let pid = || async {
            let sql = "SELECT pg_backend_pid() AS pid";
            database
                .run(move |connection| diesel::sql_query(sql).get_result::<Pid>(connection))
                .await
        };
        for _ in 0..3 {
            let Pid { pid: old } = pid().await.unwrap();
            db.value(&format!("SELECT CAST(pg_terminate_backend({old}, 5000) AS TEXT) AS value"));
            // One call may notice; the next has a connection that works.
            let new = match pid().await {
                Ok(new) => new,
                Err(_) => pid().await.unwrap(),
            };
            assert_ne!(new.pid, old);
        }
    });
}

#[test]
fn the_style_of_dates_that_the_server_prefers_does_not_matter() {
    run(async |db| {
        let url = format!("{}%20-cdatestyle%3DSQL,DMY", db.url);
        let database = Database::open(&url).unwrap();
        let transport: crate::fixture::SharedTransport =
            std::sync::Arc::new(transport(&database, "default", &Clock::System));
        let mut cx = messenger(&database).context("bus");
        for number in 1..=3 {
            send(&transport, ponka(number), &mut cx).await;
        }
        db.execute("UPDATE messenger_messages SET available_at = '2026-02-01' WHERE id = 1");
        db.execute("UPDATE messenger_messages SET available_at = '2026-01-15' WHERE id = 2");
        let claimed = get(receiver(&transport), 10).await;
        assert_eq!(numbers(&claimed), [2, 1, 3]);
        receiver(&transport).keepalive(&claimed).await.unwrap();
        receiver(&transport).ack(&claimed).await.unwrap();
        assert_eq!(db.count("messenger_messages"), 0);
    });
}

#[test]
fn q5_a_role_that_may_make_nothing_can_use_and_set_up_what_is_there() {
    run(async |db| {
        let owner = transport(&db.open(), "default", &Clock::System);
        owner.setup().await.unwrap();
        let (role, schema) = (format!("{}_app", db.unique), &db.unique);
        db.execute(&format!(
            "CREATE ROLE {role} LOGIN PASSWORD 'app'; REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC; \
             GRANT USAGE ON SCHEMA {schema} TO {role}; \
             GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}"
        ));
        let (scheme, rest) = db.url.split_once("://").unwrap();
        let host = rest.split_once('@').map_or(rest, |(_, host)| host);
        let database = Database::open(&format!("{scheme}://{role}:app@{host}")).unwrap();
        let transport: crate::fixture::SharedTransport =
            std::sync::Arc::new(transport(&database, "default", &Clock::System));
        assert!(transport.setup().await.unwrap());
        let mut cx = messenger(&database).context("bus");
        send(&transport, ponka(1), &mut cx).await;
        let claimed = get(receiver(&transport), 10).await;
        assert_eq!(numbers(&claimed), [1]);
        receiver(&transport).ack(&claimed).await.unwrap();
        drop((transport, cx, database));
        db.execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
    });
}

/// Claims begin where the last one ended; a transaction that was long may commit a row of before.
#[test]
fn a_message_that_was_committed_late_does_not_wait_until_the_queue_is_empty() {
    run(async |db| {
        let database = db.open();
        let transport: crate::fixture::SharedTransport =
            std::sync::Arc::new(transport(&database, "default", &Clock::System));
        let mut cx = messenger(&database).context("bus");
        for number in [1, 2, 3] {
            send(&transport, ponka(number), &mut cx).await;
        }
        let mut claimed = get(receiver(&transport), 1).await;
        db.execute(
            "INSERT INTO messenger_messages (body, headers, queue_name, created_at, available_at) \
             SELECT replace(body, '2', '99'), headers, queue_name, created_at, \
             available_at - interval '1 hour' FROM messenger_messages WHERE body LIKE '%2%'",
        );
        let started = Instant::now();
        while numbers(&claimed) != [99] {
            assert!(started.elapsed() < Duration::from_secs(10), "it waits for ever");
            receiver(&transport).ack(&claimed).await.unwrap();
            send(&transport, ponka(3), &mut cx).await;
            claimed = get(receiver(&transport), 1).await;
        }
    });
}
