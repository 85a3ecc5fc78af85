//! A server that refuses, for now or for ever, and one that vanishes in the middle.

use std::time::Duration;

use super::{app, error_of_failed, send, welcome, work_on};
use crate::support::smtp::{SmtpServer, message_ids};
use crate::support::{TestApp, TestDatabase, on_both_databases};

on_both_databases!(
    s1_4b_a_server_that_refuses_twice_gets_the_mail_the_third_time,
    s1_4c_a_mail_that_is_always_refused_is_kept_and_comes_back,
);

async fn s1_4b_a_server_that_refuses_twice_gets_the_mail_the_third_time(database: TestDatabase) {
    let server = SmtpServer::start();
    let app = app(database, &server.dsn()).await;
    server.state().script.refuse = Some((451, 2));
    send(&app, welcome()).await.unwrap();
    work_on(&app).await;
    assert_eq!((server.mails().len(), server.state().asked.len()), (1, 3));
    assert_eq!(server.state().connections, 1, "a refusal does not cost a connection");
    assert_eq!(app.queued(), 0);
}

async fn s1_4c_a_mail_that_is_always_refused_is_kept_and_comes_back(database: TestDatabase) {
    let server = SmtpServer::start();
    let app = app(database, &server.dsn()).await;
    server.state().script.refuse = Some((451, usize::MAX));
    send(&app, welcome()).await.unwrap();
    for _ in 0..20 {
        app.work().await;
        app.clock.advance(Duration::from_secs(400));
    }
    assert_eq!(server.state().asked.len(), 11, "once and ten retries");
    assert_eq!(app.queue("default").len(), 0);
    let error = error_of_failed(&app);
    for words in ["Welcome to Ponka, Vera", "vera@example.org", "451", "not now"] {
        assert!(error.contains(words), "{words} is missing in {error}");
    }

    server.state().script.refuse = None;
    assert_eq!(app.worker_on(&["failed"]).run_once().await, 1);
    assert_eq!((server.mails().len(), app.queued()), (1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_nobody_has_is_asked_for_once() {
    let server = SmtpServer::start();
    let app = app(TestDatabase::sqlite(), &server.dsn()).await;
    server.state().script.refuse = Some((550, usize::MAX));
    send(&app, welcome()).await.unwrap();
    work_on(&app).await;
    assert_eq!(server.state().asked.len(), 1);
    let error = error_of_failed(&app);
    assert!(error.contains("refused vera@example.org: 550 5.1.1 nobody here"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_08_greylisting_only_takes_longer() {
    let server = SmtpServer::start();
    let app = app(TestDatabase::sqlite(), &server.dsn()).await;
    server.state().script.greylist = true;
    let email = welcome().cc("cleo@example.org".parse().unwrap());
    send(&app, email).await.unwrap();
    work_on(&app).await;
    let mails = server.mails();
    assert_eq!((mails.len(), app.queued()), (1, 0));
    assert_eq!(mails[0].to, ["vera@example.org", "cleo@example.org"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_that_is_cut_off_is_sent_again() {
    let server = SmtpServer::start();
    let app = app(TestDatabase::sqlite(), &server.dsn()).await;
    server.state().script.cut_off = 1;
    send(&app, welcome()).await.unwrap();
    work_on(&app).await;
    assert_eq!((server.mails().len(), server.state().asked.len(), app.queued()), (1, 2, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_09_a_mail_whose_receipt_is_lost_comes_twice_under_one_id() {
    let server = SmtpServer::start();
    let app = app(TestDatabase::sqlite(), &server.dsn()).await;
    server.state().script.swallow_answer = 1;
    send(&app, welcome()).await.unwrap();
    work_on(&app).await;
    let mails = server.mails();
    assert_eq!((mails.len(), message_ids(&mails).len(), app.queued()), (2, 1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn smtp_fails_on_purpose_as_often_as_it_is_told_to() {
    let server = SmtpServer::start();
    let builder = TestApp::builder(TestDatabase::sqlite()).var("MAILER_DSN", server.dsn());
    let app = builder.var("FAULT_SMTP", "times:2").start().await;
    send(&app, welcome()).await.unwrap();
    app.work().await;
    assert_eq!((server.mails().len(), app.queue("default").len()), (0, 1));
    let headers = app.database.values("SELECT headers AS value FROM messenger_messages");
    assert!(headers[0].contains("SMTP is failing on purpose"), "{headers:?}");
    work_on(&app).await;
    assert_eq!((server.mails().len(), app.queued()), (1, 0));
}
