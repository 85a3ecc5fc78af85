//! A claim reads the head of the queue along an index, whoever made the table.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::backend::Backend;
use super::connection::DbConnection;
use super::dialect::Dialect;
use super::layout::Layout;
use super::queue::Queue;
use super::schema;
use messenger::clock::Clock;

const SYMFONY_7_2: &str = "DROP INDEX IDX_75EA56E0FB7336F0E3BD61CE16BA31DBBF396750; \
    CREATE INDEX by_queue ON messenger_messages (queue_name); \
    CREATE INDEX by_available ON messenger_messages (available_at); \
    CREATE INDEX by_delivered ON messenger_messages (delivered_at)";

#[derive(QueryableByName)]
struct SqliteStep {
    #[diesel(sql_type = Text)]
    detail: String,
}

#[derive(QueryableByName)]
struct PostgresStep {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    step: String,
}

/// 20,000 rows, a millisecond apart.
fn fill(connection: &mut DbConnection) -> QueryResult<()> {
    let (numbers, date) = match connection.backend() {
        Backend::Sqlite => (
            "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 20000)",
            "strftime('%Y-%m-%d %H:%M:%f', '2026-01-01', '+' || (n / 1000.0) || ' seconds')",
        ),
        Backend::Postgres => (
            "WITH numbers AS (SELECT * FROM generate_series(1, 20000) AS n)",
            "timestamp '2026-01-01' + n * interval '1 millisecond'",
        ),
    };
    connection.batch_execute(&format!(
        "{numbers} INSERT INTO messenger_messages \
         (body, headers, queue_name, created_at, available_at) \
         SELECT '{{}}', '{{}}', 'default', {date}, {date} FROM numbers"
    ))
}

/// The queue in the table that [`fill`] filled.
fn default_queue(connection: &mut DbConnection) -> QueryResult<Queue> {
    let layout = Layout::of(connection, "messenger_messages")?.expect("the table was made");
    let backend = connection.backend();
    Ok(Queue {
        table: "messenger_messages".to_owned(),
        name: "default".to_owned(),
        layout,
        dialect: Dialect { backend, fractions: layout.fractions, clock: Clock::System },
        redeliver_timeout: std::time::Duration::from_secs(60),
        foreign_redeliver_timeout: std::time::Duration::from_secs(3600),
        notifies_by_hand: false,
    })
}

/// How many pages PostgreSQL looks at for this statement.
fn pages(connection: &mut DbConnection, statement: &str) -> QueryResult<u64> {
    let statement = statement.replace("$1", "'default'");
    let steps: Vec<PostgresStep> =
        diesel::sql_query(format!("EXPLAIN (ANALYZE, BUFFERS) {statement}")).load(connection)?;
    let buffers = steps.iter().find_map(|step| step.step.split_once("Buffers: shared "));
    let (_, counts) = buffers.expect("the plan counts its pages");
    let count = |part: &str| part.split_once('=').and_then(|(_, pages)| pages.parse::<u64>().ok());
    Ok(counts.split(' ').filter_map(count).sum())
}

/// The plans of the statement that chooses what to claim, and of the one that looks for ended
/// leases.
fn plan(connection: &mut DbConnection) -> QueryResult<String> {
    let queue = default_queue(connection)?;
    let backend = connection.backend();
    let mut plan = String::new();
    for statement in [queue.first_unclaimed(256, None), queue.first_expired(256)] {
        let statement = statement.replace("$1", "'default'");
        let steps: Vec<String> = match backend {
            Backend::Sqlite => diesel::sql_query(format!("EXPLAIN QUERY PLAN {statement}"))
                .load::<SqliteStep>(connection)?
                .into_iter()
                .map(|step| step.detail)
                .collect(),
            Backend::Postgres => diesel::sql_query(format!("EXPLAIN {statement}"))
                .load::<PostgresStep>(connection)?
                .into_iter()
                .map(|step| step.step)
                .collect(),
        };
        plan += &format!("{statement}\n{}\n\n", steps.join("\n"));
    }
    Ok(plan)
}

/// The plans on our layout and on Symfony's older one.
fn plans(connection: &mut DbConnection) -> QueryResult<[String; 2]> {
    schema::setup(connection, "messenger_messages", true)?;
    fill(connection)?;
    let ours = plan(connection)?;
    connection.batch_execute(SYMFONY_7_2)?;
    Ok([ours, plan(connection)?])
}

#[test]
fn sqlite_walks_an_index() {
    let mut connection = DbConnection::open("sqlite://:memory:").unwrap();
    let [ours, symfony] = plans(&mut connection).unwrap();
    assert!(ours.contains("IDX_75EA56E0FB7336F0E3BD61CE16BA31DBBF396750"), "{ours}");
    assert!(!ours.contains("USE TEMP B-TREE"), "{ours}");
    assert!(symfony.contains("USING INDEX by_available"), "{symfony}");
    assert!(symfony.contains("USING INDEX by_delivered"), "{symfony}");
    for plan in [ours, symfony] {
        assert!(!plan.contains("SCAN messenger_messages"), "{plan}");
    }
}

/// In a schema of its own that is gone afterwards; `None` where there is no server.
fn postgres() -> Option<DbConnection> {
    let Ok(server) = std::env::var("PONKA_TEST_POSTGRES_URL") else {
        let all = std::env::var("PONKA_TEST_BACKENDS").is_ok_and(|backends| backends == "all");
        assert!(!all, "PONKA_TEST_BACKENDS=all needs PONKA_TEST_POSTGRES_URL");
        println!("not tested: postgres, because PONKA_TEST_POSTGRES_URL is not set");
        return None;
    };
    static SCHEMAS: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let number = SCHEMAS.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let mut connection = DbConnection::open(&server).unwrap();
    let schema = format!("messenger_plan_{}_{number}", std::process::id());
    let in_schema = format!("BEGIN; CREATE SCHEMA {schema}; SET LOCAL search_path TO {schema}");
    connection.batch_execute(&in_schema).unwrap();
    Some(connection)
}

#[test]
fn postgres_walks_an_index() {
    let Some(mut connection) = postgres() else { return };
    let [ours, symfony] = plans(&mut connection).unwrap();
    connection.batch_execute("ROLLBACK").unwrap();
    for plan in [ours, symfony] {
        assert!(plan.contains("Index"), "{plan}");
        assert!(!plan.contains("Seq Scan on messenger_messages"), "{plan}");
    }
}

/// PostgreSQL keeps deleted rows in the index until a vacuum.
#[test]
fn a_claim_does_not_step_over_what_was_handled_before() {
    let Some(mut connection) = postgres() else { return };
    schema::setup(&mut connection, "messenger_messages", true).unwrap();
    fill(&mut connection).unwrap();
    connection.batch_execute("DELETE FROM messenger_messages WHERE id <= 19000").unwrap();
    let queue = default_queue(&mut connection).unwrap();
    let from_the_front = pages(&mut connection, &queue.first_unclaimed(10, None)).unwrap();
    let reached = Some("2026-01-01 00:00:19");
    let from_there = pages(&mut connection, &queue.first_unclaimed(10, reached)).unwrap();
    connection.batch_execute("ROLLBACK").unwrap();
    assert!(from_there * 10 < from_the_front, "{from_there} pages beside {from_the_front}");
}
