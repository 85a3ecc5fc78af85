//! The table and the options.

use std::sync::Arc;
use std::time::Duration;

use messenger::clock::{Clock, ManualClock};
use messenger::config::Located;
use messenger::config::options::{OptionSet, OptionValue, TransportOption};
use messenger::dsn::Dsn;
use messenger::transport::Sender;
use messenger_doctrine::{Backend, DOCTRINE_OPTIONS, DoctrineOptions};

use crate::fixture::{SharedTransport, get, messenger, receiver, send, transport, with_options};
use crate::message::{numbers, ponka};
use test_database::TestDatabase;

fn shared(db: &TestDatabase, options: DoctrineOptions) -> SharedTransport {
    Arc::new(with_options(&db.open(), options, &Clock::System))
}

pub(super) async fn s1_8_s3_12_a_table_that_is_missing_is_made(db: &TestDatabase) {
    let transport = shared(db, DoctrineOptions::default());
    let mut cx = messenger(&db.open()).context("bus");
    db.execute("CREATE TABLE unrelated (id INTEGER)");
    assert!(get(receiver(&transport), 1).await.is_empty(), "made by a look");
    for number in 1..=2 {
        db.execute("DROP TABLE messenger_messages");
        send(&transport, ponka(number), &mut cx).await;
        assert_eq!(numbers(&get(receiver(&transport), 10).await), [number]);
    }
    db.execute("DROP TABLE messenger_messages");
    assert!(get(receiver(&transport), 1).await.is_empty());
    assert_eq!(db.count("messenger_messages"), 0);
}

pub(super) async fn s1_8_s3_12_without_auto_setup_the_error_names_the_command(db: &TestDatabase) {
    let options = DoctrineOptions { auto_setup: false, ..DoctrineOptions::default() };
    let transport = with_options(&db.open(), options, &Clock::System);
    let mut cx = messenger(&db.open()).context("bus");
    let error = transport.send(ponka(1).into(), &mut cx).await.expect_err("there is no table");
    let expected = "the table \"messenger_messages\" does not exist; \
        run \"messenger:setup-transports\" or set auto_setup=1";
    assert_eq!(error.to_string(), expected);
    transport.setup().await.expect("set up by hand");
    transport.send(ponka(1).into(), &mut cx).await.expect("sent");
}

pub(super) async fn s3_12_setting_up_twice_and_at_once_does_no_harm(db: &TestDatabase) {
    let setups = [(); 4].map(|()| {
        let transport = shared(db, DoctrineOptions::default());
        tokio::spawn(async move { transport.setup().await })
    });
    for setup in setups {
        assert!(setup.await.expect("no panic").expect("set up"));
    }
    let transport = shared(db, DoctrineOptions::default());
    send(&transport, ponka(1), &mut messenger(&db.open()).context("bus")).await;
    assert!(transport.setup().await.expect("set up again"));
    assert_eq!(numbers(&get(receiver(&transport), 1).await), [1]);
}

pub(super) async fn s3_8_each_queue_has_its_name_in_one_table(db: &TestDatabase) {
    let mut cx = messenger(&db.open()).context("bus");
    for queue in ["default", "failed", "default"] {
        let transport = transport(&db.open(), queue, &Clock::System);
        transport.send(ponka(1).into(), &mut cx).await.expect("sent");
    }
    let sql = "SELECT DISTINCT queue_name AS value FROM messenger_messages ORDER BY queue_name";
    assert_eq!(db.values(sql), ["default", "failed"]);
}

pub(super) async fn s3_11_the_table_can_have_another_name(db: &TestDatabase) {
    let options = DoctrineOptions { table_name: "other_queue".to_owned(), ..Default::default() };
    let transport = shared(db, options);
    send(&transport, ponka(1), &mut messenger(&db.open()).context("bus")).await;
    assert_eq!(db.count("other_queue"), 1);
    assert_eq!(numbers(&get(receiver(&transport), 1).await), [1]);
}

pub(super) async fn s3_11_the_redeliver_timeout_can_be_set(db: &TestDatabase) {
    let clock = ManualClock::default();
    let redeliver_timeout = Duration::from_secs(5);
    let options = DoctrineOptions { redeliver_timeout, ..DoctrineOptions::default() };
    let transport: SharedTransport =
        Arc::new(with_options(&db.open(), options, &Clock::Manual(clock.clone())));
    send(&transport, ponka(1), &mut messenger(&db.open()).context("bus")).await;
    assert_eq!(numbers(&get(receiver(&transport), 1).await), [1]);
    clock.advance(redeliver_timeout);
    assert!(get(receiver(&transport), 1).await.is_empty());
    clock.advance(Duration::from_millis(1));
    assert_eq!(numbers(&get(receiver(&transport), 1).await), [1]);
}

fn read(dsn: &str, options: &[(&str, &str)]) -> Result<DoctrineOptions, String> {
    let dsn = Located::from(Dsn::parse(dsn).expect("a DSN"));
    let text = |(name, text): &(&str, &str)| {
        TransportOption::new(*name, OptionValue::Text((*text).to_owned()))
    };
    let options: Vec<_> = options.iter().map(text).collect();
    let set = OptionSet::merge(DOCTRINE_OPTIONS, &dsn, &options);
    let set = set.map_err(|problems| format!("{problems:?}"))?;
    DoctrineOptions::from_set(&set).map_err(|error| error.to_string())
}

pub(super) async fn s3_9_options_win_over_the_query_and_the_query_over_the_defaults(
    _: &TestDatabase,
) {
    assert_eq!(read("doctrine://default", &[]), Ok(DoctrineOptions::default()));
    let query = "doctrine://default?queue_name=low&auto_setup=0&redeliver_timeout=90&table_name=t\
        &foreign_redeliver_timeout=900&check_delayed_interval=500&get_notify_timeout=1&max_deliveries=7";
    let expected = DoctrineOptions {
        queue_name: "low".to_owned(),
        table_name: "t".to_owned(),
        auto_setup: false,
        redeliver_timeout: Duration::from_secs(90),
        foreign_redeliver_timeout: Duration::from_secs(900),
        check_delayed_interval: Duration::from_millis(500),
        get_notify_timeout: Duration::from_millis(1),
        max_deliveries: 7,
        ..DoctrineOptions::default()
    };
    assert_eq!(read(query, &[]), Ok(expected.clone()));
    let high = DoctrineOptions { queue_name: "high".to_owned(), use_notify: false, ..expected };
    assert_eq!(read(query, &[("queue_name", "high"), ("use_notify", "no")]), Ok(high));
}

pub(super) async fn what_cannot_work_is_refused(db: &TestDatabase) {
    for (wrong, named) in [
        ("doctrine://default?quue_name=x", "queue_name"),
        ("doctrine://default?use_notify=0", "use_notify"),
        ("doctrine://default?redeliver_timeout=soon", "redeliver_timeout"),
    ] {
        let error = read(wrong, &[]).expect_err(wrong);
        assert!(error.contains(named), "{error}");
    }
    let database = db.open();
    let default = DoctrineOptions::default;
    for options in [
        DoctrineOptions { table_name: "a; DROP TABLE b".to_owned(), ..default() },
        DoctrineOptions { table_name: "a.b.c".to_owned(), ..default() },
        DoctrineOptions { queue_name: "q".repeat(191), ..default() },
        DoctrineOptions { queue_name: String::new(), ..default() },
        DoctrineOptions { redeliver_timeout: Duration::ZERO, ..default() },
    ] {
        let codec = crate::fixture::codec();
        let made = messenger_doctrine::DoctrineTransport::new(
            "async",
            database.clone(),
            options,
            codec,
            Clock::System,
        );
        let error = made.expect_err("it cannot work").to_string();
        assert!(error.starts_with("transport \"async\": "), "{error}");
    }
}

/// What the transport says to a table of this name.
fn refusal(db: &TestDatabase, table_name: String) -> Option<String> {
    let options = DoctrineOptions { table_name, ..DoctrineOptions::default() };
    let (codec, clock) = (crate::fixture::codec(), Clock::System);
    let made =
        messenger_doctrine::DoctrineTransport::new("async", db.open(), options, codec, clock);
    made.err().map(|error| error.to_string())
}

pub(super) async fn q8_a_table_name_that_the_database_would_change_or_refuse_is_refused(
    db: &TestDatabase,
) {
    let refused = |name: &str| refusal(db, name.to_owned()).unwrap_or_default();
    for word in ["order", "GROUP", "user", "table", "Select"] {
        assert!(refused(word).contains("reserved word"), "{word}");
    }
    for own in ["messenger_outbox", "messenger_discards", "other_deliveries"] {
        assert!(refused(own).contains("beside a queue"), "{own}");
    }
    let (fits, long) = ("q".repeat(52), "q".repeat(53));
    let with_schema = format!("{}.{}", "s".repeat(12), "q".repeat(52));
    match db.backend {
        Backend::Sqlite => {
            assert!(refused("main.queue").contains("SQLite has none"));
            assert_eq!(refusal(db, long), None);
        }
        Backend::Postgres => {
            assert_eq!(refusal(db, "other.queue".to_owned()), None);
            for long in [long, with_schema] {
                let said = refused(&long);
                assert!(said.contains("too long for PostgreSQL"), "{said}");
            }
        }
    }
    let options = DoctrineOptions { table_name: fits, ..DoctrineOptions::default() };
    let transport = shared(db, options);
    send(&transport, ponka(1), &mut messenger(&db.open()).context("bus")).await;
    assert_eq!(numbers(&get(receiver(&transport), 1).await), [1]);
}
