//! Where mails go that go to no server, and to whom when they are redirected.

use std::fs;

use super::{HOME, app, parsed, send, welcome};
use crate::support::smtp::{Received, SmtpServer};
use crate::support::{TestApp, TestDatabase};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_mails_may_go_to_one_address_whoever_they_are_meant_for() {
    let server = SmtpServer::start();
    let builder = TestApp::builder(TestDatabase::sqlite()).var("MAILER_DSN", server.dsn());
    let builder = builder.var("MAILER_FROM", "The cat <cat@example.org>");
    let app = builder.var("MAILER_REDIRECT_TO", "dev@example.org").start().await;
    let email = welcome().cc("cleo@example.org".parse().unwrap());
    send(&app, email.bcc("blind@example.org".parse().unwrap())).await.unwrap();
    app.work().await;
    let mail = server.mails().remove(0);
    assert_eq!(
        (mail.from.as_str(), mail.to.as_slice()),
        ("cat@example.org", &["dev@example.org".to_owned()][..])
    );
    assert_eq!(mail.header("From").unwrap(), "\"The cat\" <cat@example.org>");
    assert_eq!(mail.header("To").unwrap(), "\"Vera Example\" <vera@example.org>");
    assert_eq!(mail.header("Cc").unwrap(), "cleo@example.org");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_becomes_two_whole_files() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("var/mail");
    let app = app(TestDatabase::sqlite(), &format!("file://{}", place.display())).await;
    let email = welcome().bcc("blind@example.org".parse().unwrap());
    let id = email.clone().into_message().id;
    send(&app, email.clone()).await.unwrap();
    app.work().await;
    // Delivered twice it is there once.
    send(&app, email).await.unwrap();
    app.work().await;

    let mut names: Vec<_> = fs::read_dir(&place).unwrap().flatten().collect();
    names.sort_by_key(fs::DirEntry::file_name);
    let names: Vec<_> = names.iter().map(|one| one.file_name().into_string().unwrap()).collect();
    assert_eq!(names, [format!("{id}.eml"), format!("{id}.json")]);
    let envelope = fs::read_to_string(place.join(&names[1])).unwrap();
    let expected = r#"{"forward_path":["vera@example.org","blind@example.org"],"reverse_path":"ponka@ponka.example"}"#;
    assert_eq!(envelope, expected);
    let message = fs::read(place.join(&names[0])).unwrap();
    let mail = Received { from: String::new(), to: Vec::new(), message };
    assert_eq!(parsed(&mail).subject(), Some("Welcome to Ponka, Vera"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_test_a_mail_is_queued_and_goes_nowhere() {
    let builder = TestApp::builder(TestDatabase::sqlite()).var("DEFAULT_URI", HOME);
    let app = builder.start().await;
    send(&app, welcome()).await.unwrap();
    assert_eq!(app.queue("default").len(), 1);
    app.work().await;
    assert_eq!(app.queued(), 0);
    assert_eq!(app.kernel.mail_transport.to_string(), "nowhere (null://null)");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_test_may_look_at_the_mails_in_memory() {
    let app = app(TestDatabase::sqlite(), "in-memory://").await;
    send(&app, welcome()).await.unwrap();
    assert!(app.kernel.mail_transport.sent().is_empty());
    app.work().await;
    let sent = app.kernel.mail_transport.sent();
    assert_eq!(sent.len(), 1);
    assert_eq!(
        (sent[0].subject.as_str(), sent[0].recipients().as_str()),
        ("Welcome to Ponka, Vera", "vera@example.org")
    );
}
