//! The database: made, unmade and made again, by one process or by several at once.

use messenger_doctrine::{Backend, Database, setup_support_tables};
use ponka::migrations;

use crate::support::{TestApp, TestDatabase, on_both_databases};

on_both_databases![
    migrations_go_up_and_down_and_up_again,
    migrations_make_the_tables_that_the_library_makes,
    eight_processes_may_migrate_at_once,
    p2_a_role_that_does_not_own_the_queue_can_migrate_all_the_same,
];

/// Every column of every table, and every index.
fn schema(database: &TestDatabase) -> Vec<String> {
    let mut schema = database.values(match database.backend {
        Backend::Sqlite => {
            "SELECT m.name || '.' || c.cid || ' ' || c.name || ' ' || c.type || ' ' || c.\"notnull\" \
             || ' ' || COALESCE(c.dflt_value, '') || ' ' || c.pk AS value \
             FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' \
             UNION ALL SELECT name || ' on ' || tbl_name || COALESCE(sql, '') AS value \
             FROM sqlite_master WHERE type = 'index'"
        }
        Backend::Postgres => {
            "SELECT table_name || '.' || ordinal_position || ' ' || column_name || ' ' || data_type \
             || ' ' || is_nullable || ' ' || COALESCE(character_maximum_length, 0) || ' ' || \
             COALESCE(datetime_precision, 0) || is_identity || COALESCE(identity_generation, '') \
             || COALESCE(column_default, '') AS value \
             FROM information_schema.columns WHERE table_schema = current_schema() \
             UNION ALL SELECT replace(indexdef, schemaname || '.', '') FROM pg_indexes \
             WHERE schemaname = current_schema()"
        }
    });
    let ours = |line: &String| !line.contains("__diesel") && !line.contains("sqlite_");
    schema.retain(ours);
    schema.sort();
    schema
}

/// How many there are; both databases have the same.
fn all() -> usize {
    let named = |database: &str| {
        let folder = format!("{}/migrations/{database}", env!("CARGO_MANIFEST_DIR"));
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<_> = entries.collect();
        names.sort();
        names
    };
    assert_eq!(named("sqlite"), named("postgres"));
    named("sqlite").len()
}

async fn migrations_go_up_and_down_and_up_again(database: TestDatabase) {
    let pool = Database::open(&database.url).unwrap();
    assert!(!migrations::are_applied(&pool).await.unwrap());
    let applied = migrations::run(&pool).await.unwrap();
    assert_eq!(applied.len(), all());
    assert!(migrations::are_applied(&pool).await.unwrap());
    let up = schema(&database);
    assert!(up.iter().any(|line| line.starts_with("image_post.")));
    assert_eq!(migrations::run(&pool).await.unwrap(), Vec::<String>::new());
    migrations::revert_all(&pool).await.unwrap();
    assert_eq!(schema(&database), Vec::<String>::new());
    assert!(!migrations::are_applied(&pool).await.unwrap());
    assert_eq!(migrations::run(&pool).await.unwrap(), applied);
    assert_eq!(schema(&database), up);
}

async fn migrations_make_the_tables_that_the_library_makes(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let queues = |app: &TestApp| -> Vec<String> {
        schema(&app.database).into_iter().filter(|line| line.contains("messenger_")).collect()
    };
    let made_by_migrations = queues(&app);
    migrations::revert_all(&app.kernel.database).await.unwrap();
    assert_eq!(queues(&app), Vec::<String>::new());
    app.kernel.database.transaction(setup_support_tables).await.unwrap();
    app.kernel.messenger.transport("failed").unwrap().setup().await.unwrap();
    assert_eq!(queues(&app), made_by_migrations);
}

async fn eight_processes_may_migrate_at_once(database: TestDatabase) {
    let pools = (0..8).map(|_| Database::open(&database.url).unwrap());
    let runs = pools.map(|pool| tokio::spawn(async move { migrations::run(&pool).await }));
    let applied = futures_util::future::join_all(runs).await;
    let applied: Vec<usize> = applied.into_iter().map(|run| run.unwrap().unwrap().len()).collect();
    assert_eq!(applied.iter().sum::<usize>(), all(), "{applied:?}");
}

/// The trigger that tells workers of rows is left out then.
async fn p2_a_role_that_does_not_own_the_queue_can_migrate_all_the_same(database: TestDatabase) {
    if database.backend == Backend::Sqlite {
        return;
    }
    let triggers = "SELECT tgname::text AS value FROM pg_trigger \
        WHERE tgrelid = to_regclass('messenger_messages') AND NOT tgisinternal";
    let owner = Database::open(&database.url).unwrap();
    migrations::run(&owner).await.unwrap();
    assert_eq!(database.values(triggers), ["notify_trigger"]);
    let schema = database.values("SELECT current_schema()::text AS value").remove(0);
    let role = format!("{schema}_role");
    database.execute(&format!(
        "DROP TRIGGER notify_trigger ON messenger_messages; \
         DELETE FROM __diesel_schema_migrations WHERE version = '20261129000001'; \
         CREATE ROLE {role}; GRANT ALL ON SCHEMA {schema} TO {role}; \
         GRANT ALL ON ALL TABLES IN SCHEMA {schema} TO {role}"
    ));
    let other = Database::open(&format!("{}%20-crole%3D{role}", database.url)).unwrap();
    let applied = migrations::run(&other).await;
    drop(other);
    database.execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
    assert!(applied.unwrap().iter().any(|version| version == "20261129000001"));
    assert_eq!(database.values(triggers), Vec::<String>::new());
    assert!(migrations::are_applied(&owner).await.unwrap());
}
