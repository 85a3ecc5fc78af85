//! One queue with a PHP application. PHP is played with the statements of Symfony's own transport,
//! as its query builder writes them.

use std::sync::Arc;
use std::time::Duration;

use messenger::Message;
use messenger::clock::{Clock, ManualClock};
use messenger::stamp::DelayStamp;
use messenger::transport::ById;
use messenger_doctrine::{Backend, DoctrineOptions};

use crate::databases::{self, wake};
use crate::fixture::{SharedTransport, get, messenger, ready, receiver, send, with_options};
use crate::message::{numbers, ponka};
use test_database::TestDatabase;

/// Our transport, its clock at 900 ms past midnight, and the database.
struct Shared<'a> {
    db: &'a TestDatabase,
    clock: ManualClock,
    transport: SharedTransport,
}

impl<'a> Shared<'a> {
    async fn new(db: &'a TestDatabase) -> Self {
        let clock = ManualClock::default();
        let made =
            with_options(&db.open(), DoctrineOptions::default(), &Clock::Manual(clock.clone()));
        let transport: SharedTransport = Arc::new(made);
        transport.setup().await.expect("set up");
        clock.advance(Duration::from_millis(900));
        Self { db, clock, transport }
    }

    async fn send(&self, number: u64, delay: i64) {
        let message = ponka(number).with(DelayStamp::millis(delay));
        send(&self.transport, message, &mut messenger(&self.db.open()).context("bus")).await;
    }

    async fn get(&self, max: usize) -> Vec<u64> {
        numbers(&get(receiver(&self.transport), max).await)
    }

    /// The time as PHP writes it.
    fn php_time(&self, ago: Duration) -> String {
        (self.clock.now() - ago).format("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// What a PHP worker gets and claims.
    fn php_get(&self) -> Option<String> {
        let hour = Duration::from_secs(3600);
        let (limit, now) = (self.php_time(hour), self.php_time(Duration::ZERO));
        let lock = if self.db.backend == Backend::Postgres { "FOR UPDATE" } else { "" };
        let found = self.db.values(&format!(
            "SELECT CAST(m.id AS TEXT) AS value FROM messenger_messages m \
             WHERE (m.queue_name = 'default') \
             AND (m.delivered_at is null OR m.delivered_at < '{limit}') \
             AND (m.available_at <= '{now}') ORDER BY available_at ASC LIMIT 1 {lock}"
        ));
        let id = found.into_iter().next()?;
        self.db.execute(&format!(
            "UPDATE messenger_messages SET delivered_at = '{now}' WHERE id = {id}"
        ));
        Some(id)
    }

    fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

async fn p1_php_finds_a_message_in_the_second_in_which_we_send_it(db: &TestDatabase) {
    let shared = Shared::new(db).await;
    shared.send(1, 0).await;
    shared.send(2, -1500).await;
    assert_eq!(shared.php_get().as_deref(), Some("2"));
    assert_eq!(shared.php_get().as_deref(), Some("1"));
    let created =
        db.value("SELECT CAST(created_at AS TEXT) AS value FROM messenger_messages LIMIT 1");
    assert_eq!(created, "2026-01-01 00:00:00");
}

async fn p1_the_order_is_that_of_sending_whatever_the_fraction(db: &TestDatabase) {
    let shared = Shared::new(db).await;
    let milliseconds = Duration::from_millis(1);
    shared.send(1, 0).await;
    shared.send(2, 50).await;
    for number in 3..=5 {
        shared.clock.advance(10 * milliseconds);
        shared.send(number, 0).await;
    }
    shared.clock.advance(100 * milliseconds);
    shared.send(6, 0).await;
    assert_eq!(shared.get(10).await, [1, 3, 4, 5, 2, 6]);
}

async fn p3_a_handler_of_php_may_take_an_hour(db: &TestDatabase) {
    let shared = Shared::new(db).await;
    shared.send(1, 0).await;
    assert_eq!(shared.php_get().as_deref(), Some("1"));
    shared.advance(3590);
    assert!(shared.get(1).await.is_empty());
    assert_eq!(ready(receiver(&shared.transport)).await, 0);
    let claimable = receiver(&shared.transport).claimable().expect("it can claim by id");
    let claimed = claimable.claim("1").await.expect("an answer");
    assert!(matches!(claimed, ById::Held), "{claimed:?}");
    shared.advance(12);
    assert_eq!(ready(receiver(&shared.transport)).await, 1);
    assert_eq!(shared.get(1).await, [1]);
}

async fn p3_a_claim_of_ours_ends_after_a_minute_whatever_the_fraction(db: &TestDatabase) {
    let shared = Shared::new(db).await;
    shared.clock.advance(Duration::from_millis(100));
    shared.send(1, 0).await;
    let claimed = get(receiver(&shared.transport), 1).await;
    assert_eq!(numbers(&claimed), [1]);
    shared.advance(61);
    let again = get(receiver(&shared.transport), 1).await;
    assert_eq!(numbers(&again), [1]);
    receiver(&shared.transport).keepalive(&again).await.expect("renewed");
    shared.advance(59);
    assert!(shared.php_get().is_none() && shared.get(1).await.is_empty());
    shared.advance(2);
    assert_eq!(shared.get(1).await, [1]);
}

async fn p3_the_timeout_of_foreign_claims_can_be_set(db: &TestDatabase) {
    let shared = Shared::new(db).await;
    let options = DoctrineOptions {
        redeliver_timeout: Duration::from_secs(5),
        foreign_redeliver_timeout: Duration::from_secs(100),
        ..DoctrineOptions::default()
    };
    let own = with_options(&db.open(), options, &Clock::Manual(shared.clock.clone()));
    let own: SharedTransport = Arc::new(own);
    shared.send(1, 0).await;
    shared.php_get();
    shared.advance(99);
    assert!(get(receiver(&own), 1).await.is_empty());
    shared.advance(2);
    assert_eq!(numbers(&get(receiver(&own), 1).await), [1]);
}

macro_rules! on_both {
    ($($case:ident),+ $(,)?) => {
        mod sqlite {
            $(#[test]
            fn $case() {
                crate::databases::run(messenger_doctrine::Backend::Sqlite, super::$case);
            })+
        }
        mod postgres {
            $(#[test]
            fn $case() {
                crate::databases::run(messenger_doctrine::Backend::Postgres, super::$case);
            })+
        }
    };
}

on_both! {
    p1_php_finds_a_message_in_the_second_in_which_we_send_it,
    p1_the_order_is_that_of_sending_whatever_the_fraction,
    p3_a_handler_of_php_may_take_an_hour,
    p3_a_claim_of_ours_ends_after_a_minute_whatever_the_fraction,
    p3_the_timeout_of_foreign_claims_can_be_set,
}

/// Where dates are cut to the second nobody can tell whose a claim is: all last as long as PHP's.
#[test]
fn p3_on_a_table_of_whole_seconds_every_claim_lasts_an_hour() {
    databases::run(Backend::Postgres, async |db| {
        db.make_symfony_table();
        let shared = Shared::new(db).await;
        shared.send(1, 0).await;
        shared.send(2, 0).await;
        assert_eq!(shared.php_get().as_deref(), Some("1"));
        assert_eq!(shared.get(1).await, [2]);
        shared.advance(3599);
        assert!(shared.get(2).await.is_empty());
        shared.advance(2);
        assert_eq!(shared.get(2).await, [1, 2]);
    });
}

/// Nothing but the row: no program of ours says anything, and the worker looks by itself once an hour.
#[test]
fn p2_a_row_that_others_write_wakes_an_idle_worker_at_once() {
    databases::run(Backend::Postgres, async |db| {
        let check_delayed_interval = Duration::from_secs(3600);
        let options = DoctrineOptions { check_delayed_interval, ..wake::options(db) };
        let transport: SharedTransport =
            Arc::new(with_options(&db.open(), options, &Clock::System));
        wake::become_idle(&transport).await;
        wake::is_listened_to(db).await;
        wake::become_idle(&transport).await;
        wake::insert_by_hand(db);
        let (claimed, elapsed, _) = wake::work(&transport).await;
        assert_eq!(numbers(&claimed), [1]);
        assert!(elapsed < Duration::from_secs(3), "{elapsed:?}");
    });
}

/// The triggers of the table, and when they fire.
const TRIGGERS: &str = "SELECT pg_get_triggerdef(oid) AS value FROM pg_trigger \
    WHERE tgrelid = to_regclass('messenger_messages') AND NOT tgisinternal";

/// What Symfony runs on PostgreSQL at the end of `messenger:setup-transports`.
const SYMFONY_SETUP: &str = "CREATE OR REPLACE FUNCTION notify_messenger_messages() RETURNS TRIGGER AS $$
    BEGIN
        PERFORM pg_notify('messenger_messages', NEW.queue_name::text);
        RETURN NEW;
    END;
$$ LANGUAGE plpgsql;
DROP TRIGGER IF EXISTS notify_trigger ON messenger_messages;
CREATE TRIGGER notify_trigger AFTER INSERT OR UPDATE ON messenger_messages FOR EACH ROW EXECUTE PROCEDURE notify_messenger_messages();";

#[test]
fn p2_symfony_replaces_the_trigger_and_we_leave_its_own() {
    databases::run(Backend::Postgres, async |db| {
        let shared = Shared::new(db).await;
        let [ours] = &*db.values(TRIGGERS) else { panic!("one trigger") };
        assert!(ours.contains("AFTER INSERT OR UPDATE") && ours.contains("WHEN"), "{ours}");
        db.execute(SYMFONY_SETUP);
        shared.transport.setup().await.expect("set up again");
        let [symfonys] = &*db.values(TRIGGERS) else { panic!("one trigger") };
        assert!(!symfonys.contains("WHEN"), "{symfonys}");
    });
}

#[test]
fn p2_without_use_notify_there_is_no_trigger() {
    databases::run(Backend::Postgres, async |db| {
        let options = DoctrineOptions { use_notify: false, ..DoctrineOptions::default() };
        let transport: SharedTransport =
            Arc::new(with_options(&db.open(), options, &Clock::System));
        transport.setup().await.expect("set up");
        assert!(db.values(TRIGGERS).is_empty());
    });
}

/// A role that may only read and write the rows, as production has it.
#[test]
fn p2_a_role_that_does_not_own_the_table_goes_without_the_trigger() {
    databases::run(Backend::Postgres, async |db| {
        Shared::new(db).await;
        let role = format!("{}_role", db.unique);
        let schema = &db.unique;
        db.execute(&format!(
            "DROP TRIGGER notify_trigger ON messenger_messages; CREATE ROLE {role}; \
             GRANT USAGE ON SCHEMA {schema} TO {role}; \
             GRANT ALL ON ALL TABLES IN SCHEMA {schema} TO {role}; \
             GRANT ALL ON ALL SEQUENCES IN SCHEMA {schema} TO {role}"
        ));
        let url = format!("{}%20-crole%3D{role}", db.url);
        let database = messenger_doctrine::Database::open(&url).expect("connected in that role");
        let options = DoctrineOptions { auto_setup: false, ..DoctrineOptions::default() };
        let transport: SharedTransport = Arc::new(with_options(&database, options, &Clock::System));
        transport.setup().await.expect("everything is there that it may make");
        assert!(db.values(TRIGGERS).is_empty(), "nobody but the owner may make one");
        send(&transport, ponka(1), &mut messenger(&database).context("bus")).await;
        assert_eq!(numbers(&get(receiver(&transport), 1).await), [1]);
        drop((transport, database));
        db.execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
    });
}

/// Symfony with DBAL 3 wants the column that DBAL 3 makes. The page on differences has the
/// statements that turn ours into it.
#[test]
fn p4_the_documented_statements_make_the_table_fit_for_dbal_3() {
    const DBAL_3: &str = "SELECT pg_get_expr(adbin, adrelid) AS value FROM pg_attrdef \
        JOIN pg_attribute ON attrelid = adrelid AND attnum = adnum \
        WHERE adrelid = to_regclass('messenger_messages') AND attname = 'id'";
    databases::run(Backend::Postgres, async |db| {
        let shared = Shared::new(db).await;
        shared.send(1, 0).await;
        let page = include_str!("../../../../docs/reference/differences-from-symfony.md");
        let statements = page.split("```sql\n").nth(1).and_then(|rest| rest.split("```").next());
        db.execute(statements.expect("the statements"));
        // So it tells that the column counts by itself, and leaves it alone.
        let default = db.value(DBAL_3);
        assert_eq!(default, "nextval('messenger_messages_id_seq'::regclass)");
        db.execute(
            "DROP INDEX IDX_75EA56E0FB7336F0E3BD61CE16BA31DBBF396750; \
             CREATE INDEX IDX_75EA56E0FB7336F0 ON messenger_messages (queue_name); \
             CREATE INDEX IDX_75EA56E0E3BD61CE ON messenger_messages (available_at); \
             CREATE INDEX IDX_75EA56E016BA31DB ON messenger_messages (delivered_at)",
        );
        db.execute(SYMFONY_SETUP);
        shared.send(2, 0).await;
        assert_eq!(shared.get(10).await, [1, 2]);
    });
}
