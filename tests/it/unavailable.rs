//! The database is there, but does not do what it is asked: 503 or 507, and never a fault of ours.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use futures_util::future::join_all;
use serde_json::Value;

use crate::accounts::PASSWORD;
use crate::images::full_disk::small_disk;
use crate::support::{Answer, TestApp, TestDatabase, Visitor, eventually, photos};

/// Requests that write, each of another kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Write {
    Delete,
    Register,
    Upload,
}

const WRITES: [Write; 3] = [Write::Delete, Write::Register, Write::Upload];

impl Write {
    async fn send(self, visitor: &Visitor, image: &Value) -> Answer {
        match self {
            Self::Delete => visitor.delete(image["@id"].as_str().unwrap()).await,
            Self::Register => visitor.register("Vera", "vera@example.com", PASSWORD).await,
            Self::Upload => visitor.upload(&[("a.jpg", &photos::jpeg(16, 16))]).await,
        }
    }
}

/// Adds settings to the URL of a database of PostgreSQL.
fn with_options(database: &TestDatabase, options: &str) -> String {
    format!("{}%20{options}", database.url)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r5_a_database_that_only_reads_is_503_on_every_route_that_writes() {
    let Some(database) = TestDatabase::postgres() else { return };
    let read_only = with_options(&database, "-cdefault_transaction_read_only%3Don");
    let writable = TestApp::start(database).await;
    let visitor = writable.visitor();
    let image = visitor.upload_one("a.jpg", &photos::jpeg(16, 16)).await;
    // After a failover: the same cookies, and a server that is a standby.
    let standby = TestDatabase::sqlite();
    let app = TestApp::builder(standby).var("DATABASE_URL", read_only).without_migrations();
    let app = app.start().await;
    let elsewhere = visitor.at(app.address);
    for write in WRITES {
        let answer = write.send(&elsewhere, &image).await;
        assert_eq!(answer.status, 503, "{write:?}: {}", answer.text());
    }
    assert_eq!(elsewhere.get("/").await.status, 200, "reading goes on");
}

/// Ends the sessions of this name that wait for a lock.
fn end_waiting(database: &TestDatabase, name: &str) -> usize {
    let ended = database.values(&format!(
        "SELECT CAST(pg_terminate_backend(pid) AS TEXT) AS value FROM pg_stat_activity \
         WHERE application_name = '{name}' AND wait_event_type = 'Lock'"
    ));
    ended.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r5_a_connection_that_the_server_ends_in_the_middle_is_503() {
    let Some(database) = TestDatabase::postgres() else { return };
    let name = "r5_ended_in_the_middle";
    let url = format!("{}&application_name={name}", database.url);
    let app = TestApp::builder(database).var("DATABASE_URL", url).start().await;
    let visitor = app.visitor();
    let image = visitor.upload_one("a.jpg", &photos::jpeg(16, 16)).await;
    for write in WRITES {
        let mut lock = PgConnection::establish(&app.database.url).unwrap();
        lock.batch_execute("BEGIN; LOCK image_post, app_user IN SHARE MODE").unwrap();
        let sent = write.send(&visitor, &image);
        let ending = eventually("a session to wait", || end_waiting(&app.database, name) > 0);
        let (answer, ()) = tokio::join!(sent, ending);
        assert_eq!(answer.status, 503, "{write:?}: {}", answer.text());
    }
    assert_eq!((app.rows(), app.database.count("app_user")), (1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r5_connections_that_have_ended_are_503_at_most() {
    let Some(database) = TestDatabase::postgres() else { return };
    let name = "r5_ended_between_requests";
    let url = format!("{}&application_name={name}", database.url);
    let app = TestApp::builder(database).var("DATABASE_URL", url).start().await;
    let visitor = app.visitor();
    let image = visitor.upload_one("a.jpg", &photos::jpeg(16, 16)).await;
    for path in ["/", "/api/images", "/account", "/register"] {
        visitor.get("/").await;
        app.database.values(&format!(
            "SELECT CAST(pg_terminate_backend(pid) AS TEXT) AS value FROM pg_stat_activity \
             WHERE application_name = '{name}'"
        ));
        let status = visitor.get(path).await.status;
        assert!([200, 303, 503].contains(&status), "{path}: {status}");
    }
    for write in WRITES {
        visitor.get("/").await;
        app.database.values(&format!(
            "SELECT CAST(pg_terminate_backend(pid) AS TEXT) AS value FROM pg_stat_activity \
             WHERE application_name = '{name}'"
        ));
        let status = write.send(&visitor, &image).await.status;
        assert!([201, 204, 303, 503].contains(&status), "{write:?}: {status}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r5_a_sqlite_file_that_another_program_writes_is_503() {
    let app = TestApp::start(TestDatabase::sqlite()).await;
    let visitor = app.visitor();
    let image = visitor.upload_one("a.jpg", &photos::jpeg(16, 16)).await;
    let files = app.files();
    let path = app.database.url.trim_start_matches("sqlite://");
    let mut other = SqliteConnection::establish(path).unwrap();
    other.batch_execute("BEGIN IMMEDIATE").unwrap();
    let answers = join_all(WRITES.map(|write| write.send(&visitor, &image))).await;
    for (write, answer) in WRITES.iter().zip(answers) {
        assert_eq!(answer.status, 503, "{write:?}: {}", answer.text());
    }
    assert_eq!(app.files(), files, "no row, no file");
    other.batch_execute("ROLLBACK").unwrap();
    assert_eq!(Write::Delete.send(&visitor, &image).await.status, 204);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r5_a_full_disk_of_the_database_is_507_when_somebody_deletes_or_registers() {
    let Some(disk) = small_disk(4096) else { return };
    let file = disk.path().join("ponka.sqlite");
    let app = TestApp::builder(TestDatabase::sqlite())
        .var("DATABASE_URL", format!("sqlite://{}", file.display()))
        .start()
        .await;
    let visitor = app.visitor();
    let image = visitor.upload_one("a.jpg", &photos::jpeg(16, 16)).await;
    let filler = disk.path().join("filler");
    std::fs::write(&filler, vec![0; 8 << 20]).expect_err("the disk is full");
    for write in [Write::Delete, Write::Register] {
        let answer = write.send(&visitor, &image).await;
        assert_eq!(answer.status, 507, "{write:?}: {}", answer.text());
        assert!(answer.text().contains("no room left"), "{}", answer.text());
    }
    std::fs::remove_file(&filler).unwrap();
    assert_eq!(Write::Delete.send(&visitor, &image).await.status, 204);
}
