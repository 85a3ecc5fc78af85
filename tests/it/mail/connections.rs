//! Connections are kept, used again, and replaced when they are gone.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use messenger::clock::Clock;
use ponka::config::Config;
use ponka::mailer::{
    BodyRenderer, Composer, ComposerSettings, DeliveryError, RenderedEmail, Transport,
};
use tokio::net::TcpListener;

use super::{HOME, app, send, welcome};
use crate::support::smtp::SmtpServer;
use crate::support::{TestApp, TestDatabase};

fn rendered(app: &TestApp) -> RenderedEmail {
    app.kernel.mail_composer.compose(&welcome().into_message()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_mails_take_one_connection() {
    let server = SmtpServer::start();
    let app = app(TestDatabase::sqlite(), &server.dsn()).await;
    for _ in 0..50 {
        send(&app, welcome()).await.unwrap();
    }
    app.work().await;
    assert_eq!((server.mails().len(), server.state().connections), (50, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_does_not_wait_for_nagle() {
    const MAILS: u32 = 20;
    let server = SmtpServer::start();
    let app = app(TestDatabase::sqlite(), &server.dsn()).await;
    let mail = rendered(&app);

    let began = Instant::now();
    for _ in 0..MAILS {
        app.kernel.mail_transport.send(&mail).await.unwrap();
    }
    let ours = began.elapsed();

    let lettre = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1");
    let lettre = lettre.port(server.address.port()).build();
    let began = Instant::now();
    for _ in 0..MAILS {
        lettre.send_raw(&mail.envelope, &mail.message).await.unwrap();
    }
    let with_nagle = began.elapsed();
    assert!(ours * 2 < with_nagle, "{ours:?}, with Nagle's algorithm {with_nagle:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mails_are_sent_at_the_same_time() {
    let server = SmtpServer::start();
    server.state().script.delay = Duration::from_millis(100);
    let app = app(TestDatabase::sqlite(), &server.dsn()).await;
    let mail = rendered(&app);
    let sent = join_all((0..6).map(|_| app.kernel.mail_transport.send(&mail))).await;
    assert!(sent.iter().all(Result::is_ok));
    assert_eq!((server.mails().len(), server.state().most_open), (6, 6));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_the_server_has_closed_is_replaced_unnoticed() {
    let server = SmtpServer::start();
    let app = app(TestDatabase::sqlite(), &server.dsn()).await;
    let mail = rendered(&app);
    app.kernel.mail_transport.send(&mail).await.unwrap();

    // It says so when it is asked for the next one.
    server.state().script.closing = 1;
    app.kernel.mail_transport.send(&mail).await.unwrap();
    assert_eq!((server.mails().len(), server.state().connections), (2, 2));

    // After a rest it is asked whether it is still there.
    app.clock.advance(Duration::from_secs(600));
    app.kernel.mail_transport.send(&mail).await.unwrap();
    assert_eq!((server.mails().len(), server.state().connections), (3, 2));
}

/// The clock of the runtime stands still and jumps ahead whenever everybody waits.
#[tokio::test(start_paused = true)]
async fn a_server_that_says_nothing_is_not_waited_for_for_ever() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dsn = format!("smtp://{}", listener.local_addr().unwrap());
    let config = Config::from_vars(&[("MAILER_DSN".to_owned(), dsn)].into()).unwrap();
    let (bodies, settings) = (BodyRenderer::load(HOME).unwrap(), ComposerSettings::of(&config));
    let composer = Composer::new(bodies, settings, Clock::System);
    let mail = composer.compose(&welcome().into_message()).unwrap();
    let sent = Transport::new(&config.mailer_dsn, &Clock::System).send(&mail).await;
    let Err(DeliveryError::Temporary(error)) = sent else { panic!("{sent:?}") };
    assert!(format!("{error:#}").contains("within"), "{error:#}");
}
