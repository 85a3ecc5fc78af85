//! The real program: it logs, and its embedded worker is watched.

use std::path::Path;
use std::process::{Command, Stdio};

use super::panel;
use crate::claims::process::Running;
use crate::support::{TestDatabase, Visitor, eventually, photos};

/// The gallery in a folder of its own.
fn gallery(folder: &Path, database: &TestDatabase, more: &[&str]) -> Running {
    let toml = concat!(env!("CARGO_MANIFEST_DIR"), "/messenger.toml");
    std::fs::copy(toml, folder.join("messenger.toml")).unwrap();
    Running::start(
        Command::new(env!("CARGO_BIN_EXE_ponka"))
            .args(["--env", "dev", "--bind", "127.0.0.1:0"])
            .args(more)
            .current_dir(folder)
            .env("DATABASE_URL", &database.url)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped()),
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_program_shows_its_logs_and_what_its_own_worker_did() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::sqlite();
    let mut gallery = gallery(folder.path(), &database, &[]);
    let visitor = Visitor::new(gallery.address());
    let answer = visitor.upload(&[("cat.jpg", &photos::cat())]).await;
    assert_eq!(answer.status, 201, "{}", answer.text());

    let logs = panel(&visitor, &answer, "logs").await;
    assert!(logs.contains("Sending message App\\Message\\AddPonkaToImage"), "{logs}");
    assert!(logs.contains("messenger_audit") && logs.contains("INFO"), "{logs}");
    let handled = "SELECT class AS value FROM message_trace WHERE event = 'handled'";
    eventually("the worker's work is noted", || database.values(handled).len() == 1).await;
    let messages = panel(&visitor, &answer, "messages").await;
    assert!(messages.contains("→ handled by "), "{messages}");
    let health = visitor.get("/healthz").await;
    let logs = panel(&visitor, &health, "logs").await;
    assert!(logs.contains("Nothing was logged"), "what others log is theirs: {logs}");
    gallery.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_of_the_console_has_noted_its_work_when_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::sqlite();
    let mut gallery = gallery(folder.path(), &database, &["--no-worker"]);
    let visitor = Visitor::new(gallery.address());
    let answer = visitor.upload(&[("cat.jpg", &photos::cat())]).await;
    let page = panel(&visitor, &answer, "messages").await;
    assert!(page.contains("→ waiting for a worker"), "{page}");

    let worked = Command::new(env!("CARGO_BIN_EXE_console"))
        .args(["--env", "dev", "messenger:consume", "async_priority_high", "--limit=1"])
        .current_dir(folder.path())
        .env("DATABASE_URL", &database.url)
        .output()
        .unwrap();
    assert!(worked.status.success(), "{worked:?}");
    let page = panel(&visitor, &answer, "messages").await;
    assert!(page.contains("→ handled by "), "{page}");
    gallery.stop();
}
