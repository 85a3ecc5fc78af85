//! What only SQLite has.

use messenger::clock::Clock;
use messenger_doctrine::{Database, DatabaseContext as _};

use crate::databases::block_on;
use crate::fixture::{messenger, transport};
use test_database::TestDatabase;

#[test]
fn the_table_is_the_one_that_newer_symfony_makes() {
    let db = TestDatabase::sqlite();
    block_on(async { transport(&db.open(), "default", &Clock::System).setup().await }).unwrap();
    let sql = |name: &str| {
        db.value(&format!("SELECT sql AS value FROM sqlite_master WHERE name = '{name}'"))
    };
    let capture = include_str!("../../../core/tests/fixtures/wire/schema-sqlite.txt");
    let table = capture.lines().find(|line| line.starts_with("CREATE TABLE messenger_messages"));
    assert_eq!(sql("messenger_messages") + ";", table.unwrap());
    assert_eq!(
        sql("IDX_75EA56E0FB7336F0E3BD61CE16BA31DBBF396750"),
        "CREATE INDEX IDX_75EA56E0FB7336F0E3BD61CE16BA31DBBF396750 ON messenger_messages \
         (queue_name, available_at, delivered_at, id)"
    );
}

#[test]
fn a_commit_survives_a_power_cut() {
    let db = TestDatabase::sqlite();
    let mut cx = messenger(&db.open()).context("bus");
    let settings = block_on(cx.db(|connection| {
        use diesel::prelude::*;
        let sql = "SELECT (SELECT synchronous FROM pragma_synchronous) AS synchronous, \
            (SELECT journal_mode FROM pragma_journal_mode) AS journal_mode";
        diesel::sql_query(sql).get_result::<Settings>(connection)
    }));
    let settings = settings.unwrap();
    assert_eq!((settings.synchronous, &*settings.journal_mode), (2, "wal"));
}

#[derive(diesel::QueryableByName)]
struct Settings {
    #[diesel(sql_type = diesel::sql_types::Integer)]
    synchronous: i32,
    #[diesel(sql_type = diesel::sql_types::Text)]
    journal_mode: String,
}

#[test]
fn a_new_file_can_be_opened_by_many_at_once() {
    let db = TestDatabase::sqlite();
    let openers: Vec<_> = (0..8)
        .map(|_| {
            let url = db.url.clone();
            std::thread::spawn(move || Database::open(&url).map(drop))
        })
        .collect();
    for opener in openers {
        opener.join().unwrap().unwrap();
    }
}

#[test]
fn q8_a_url_with_options_is_refused_and_makes_no_file() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("x.db");
    let url = format!("sqlite://{}?mode=rwc", path.display());
    let refused = Database::open(&url).expect_err("it has options").to_string();
    assert!(refused.contains("write sqlite://PATH alone"), "{refused}");
    let files = std::fs::read_dir(folder.path()).expect("the folder").count();
    assert_eq!(files, 0);
}
