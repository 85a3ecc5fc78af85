//! At once or through the queue: the sender does not notice.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use messenger::DispatchError;
use messenger::stamp::DispatchAfterCurrentBusStamp;

use super::{app, send, unrouted, welcome};
use crate::support::smtp::{SmtpServer, SmtpServerThatIsDown};
use crate::support::{TestDatabase, on_both_databases};

on_both_databases!(
    s1_3_a_mail_waits_in_the_queue_and_the_worker_delivers_it,
    no_transaction_is_open_while_the_server_is_spoken_to,
);

async fn s1_3_a_mail_waits_in_the_queue_and_the_worker_delivers_it(database: TestDatabase) {
    let server = SmtpServer::start();
    let app = app(database, &server.dsn()).await;
    send(&app, welcome()).await.unwrap();
    assert_eq!(server.state().connections, 0, "the request speaks to no server");
    let queued = app.queue("default");
    assert_eq!(queued.len(), 1);
    for word in ["\"template\":\"welcome\"", "vera@example.org", "Vera Example"] {
        assert!(queued[0].contains(word), "{}", queued[0]);
    }
    assert!(!queued[0].contains('<'), "it is rendered later: {}", queued[0]);

    app.work().await;
    let mails = server.mails();
    assert_eq!((mails.len(), app.queued()), (1, 0));
    assert_eq!(mails[0].from, "ponka@ponka.example");
    assert_eq!(mails[0].to, ["vera@example.org"]);
}

async fn no_transaction_is_open_while_the_server_is_spoken_to(database: TestDatabase) {
    let server = SmtpServer::start();
    let app = app(database, &server.dsn()).await;
    let (url, written) = (app.kernel.database.clone(), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&written);
    let runtime = tokio::runtime::Handle::current();
    server.state().script.on_data = Some(Arc::new(move || {
        // SQLite has one writer: this would wait for whoever has a transaction open.
        let write = url.run(|connection| {
            use diesel::RunQueryDsl as _;
            diesel::sql_query("UPDATE image_post SET status = status").execute(connection)
        });
        runtime.block_on(write).expect("nobody else writes");
        count.fetch_add(1, Ordering::SeqCst);
    }));
    send(&app, welcome()).await.unwrap();
    app.work().await;
    assert_eq!((written.load(Ordering::SeqCst), server.mails().len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s1_1_without_a_route_a_mail_is_handed_over_at_once() {
    let server = SmtpServer::start();
    let app = unrouted(TestDatabase::sqlite(), &server.dsn()).await;
    send(&app, welcome()).await.unwrap();
    assert_eq!((server.mails().len(), app.queued()), (1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s1_2_without_a_route_the_callers_learns_that_the_server_is_down() {
    let down = SmtpServerThatIsDown::new();
    let app = unrouted(TestDatabase::sqlite(), &down.dsn()).await;
    let error = send(&app, welcome()).await.unwrap_err();
    assert!(matches!(error, DispatchError::HandlerFailed(_)), "{error}");
    let detail = error.detail();
    for words in ["Welcome to Ponka, Vera", "vera@example.org", &down.dsn(), "refused"] {
        assert!(detail.contains(words), "{words} is missing in {detail}");
    }
    assert_eq!(app.queued(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_may_wait_for_the_message_that_sends_it() {
    let server = SmtpServer::start();
    let app = app(TestDatabase::sqlite(), &server.dsn()).await;
    send(&app, welcome().with(DispatchAfterCurrentBusStamp)).await.unwrap();
    app.work().await;
    assert_eq!(server.mails().len(), 1);
}
