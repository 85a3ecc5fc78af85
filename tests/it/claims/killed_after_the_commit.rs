//! `kill -9` of the gallery between the commit of a registration and what follows from it.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::process::Running;
use crate::accounts::PASSWORD;
use crate::console::project::Project;
use crate::support::smtp::{SmtpServer, message_ids};
use crate::support::{LET_LEASES_END, TestDatabase, Visitor, eventually, photos};

/// Mails are handed over at once, while the visitor waits.
const AT_ONCE: &str = "[transports.now]\ndsn = \"sync://\"\n\
     [routing]\nSendEmailMessage = [\"now\"]\n";
const CONSUME: &str = "messenger:consume async --sleep=0.1";

/// Registers, and does not wait for the answer but for `killed`.
async fn register_until(visitor: &Visitor, killed: impl Future<Output = ()>) {
    tokio::select! {
        answer = visitor.register("Vera", "vera@example.com", PASSWORD) => panic!("{answer:?}"),
        () = killed => {}
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r3_killed_while_it_welcomes_on_sqlite_a_worker_welcomes_and_moves_the_photos() {
    let (project, server) = (Project::new(), SmtpServer::start());
    project.configure(AT_ONCE);
    let gallery = || {
        let mut command = project.gallery("--no-worker");
        Running::start(command.env("MAILER_DSN", server.dsn()))
    };
    let mut killed = gallery();
    let visitor = Visitor::new(killed.address());
    visitor.upload_one("cat.jpg", &photos::cat()).await;
    server.state().script.silent = true;
    register_until(&visitor, eventually("a mail in hand", || server.mails().len() == 1)).await;
    killed.kill();
    server.state().script.silent = false;
    let user = project.values("SELECT id AS value FROM app_user");
    let owner = "SELECT owner_id AS value FROM image_post";
    assert!(user.len() == 1 && project.values(owner) != user, "committed, and nothing else");

    project.configure("");
    project.execute(LET_LEASES_END);
    let worker = Running::start(project.command(CONSUME).env("MAILER_DSN", server.dsn()));
    eventually("the welcome", || server.mails().len() == 2).await;
    assert_eq!(message_ids(&server.mails()).len(), 1, "the second one is known as such");
    let outbox = "SELECT body AS value FROM messenger_outbox";
    eventually("an empty outbox", || project.values(outbox).is_empty()).await;
    worker.stop();
    assert_eq!(project.values(owner), user);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r3_killed_before_the_event_on_postgres_a_worker_welcomes_and_moves_the_photos() {
    let Some(database) = TestDatabase::postgres() else { return };
    let (project, server) = (Project::new(), SmtpServer::start());
    project.configure("");
    let run = |mut command: std::process::Command| {
        Running::start(command.env("DATABASE_URL", &database.url).env("MAILER_DSN", server.dsn()))
    };
    let (status, lines) = run(project.command("migrations:migrate")).ended();
    assert!(status.success(), "{lines:#?}");
    let mut killed = run(project.gallery("--no-worker"));
    let visitor = Visitor::new(killed.address());
    visitor.upload_one("cat.jpg", &photos::cat()).await;
    let mut lock = PgConnection::establish(&database.url).unwrap();
    lock.batch_execute("BEGIN; LOCK image_post IN EXCLUSIVE MODE").unwrap();
    register_until(&visitor, eventually("the account", || database.count("app_user") == 1)).await;
    killed.kill();
    lock.batch_execute("ROLLBACK").unwrap();
    assert_eq!(database.count("messenger_outbox"), 1);
    let owner = "SELECT owner_id AS value FROM image_post";
    let user = database.values("SELECT id AS value FROM app_user");
    assert_ne!(database.values(owner), user);

    database.execute(LET_LEASES_END);
    let worker = run(project.command(CONSUME));
    eventually("the welcome", || server.mails().len() == 1).await;
    eventually("an empty outbox", || database.count("messenger_outbox") == 0).await;
    worker.stop();
    assert_eq!(database.values(owner), user);
}
