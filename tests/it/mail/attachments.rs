//! A picture travels with a mail through every kind of transport: each holds text at most.

use mail_parser::MimeHeaders;

use super::{HOME, parsed, send, welcome};
use crate::support::smtp::SmtpServer;
use crate::support::{TestApp, TestDatabase, on_both_databases, photos};

on_both_databases!(a_picture_travels_through_a_table);

/// Sends a picture with this as the transport `async`, and looks at what arrives.
async fn travels(database: TestDatabase, dsn: &str) {
    let server = SmtpServer::start();
    let builder = TestApp::builder(database).var("MAILER_DSN", server.dsn());
    let builder = builder.var("DEFAULT_URI", HOME).var("MESSENGER_TRANSPORT_DSN", dsn);
    let app = builder.start().await;
    let png = photos::encoded(image::ImageFormat::Png);
    let email = welcome().attach("Vera's c\u{e4}t.png", "image/png", png.clone());
    send(&app, email).await.unwrap();
    app.work().await;
    let mails = server.mails();
    assert_eq!(mails.len(), 1, "{dsn}");
    let mail = parsed(&mails[0]);
    let attached = mail
        .attachments()
        .find(|part| part.attachment_name().is_some_and(|name| name.starts_with("Vera")));
    let attached = attached.expect("it has an attachment");
    assert_eq!(attached.attachment_name(), Some("Vera's c\u{e4}t.png"));
    assert_eq!(attached.contents(), png, "{dsn}");
    assert!(mail.body_html(0).unwrap().contains("Hello Vera,"));
}

async fn a_picture_travels_through_a_table(database: TestDatabase) {
    travels(database, "doctrine://default").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_picture_travels_through_memory() {
    travels(TestDatabase::sqlite(), "in-memory://?serialize=true").await;
    travels(TestDatabase::sqlite(), "in-memory://").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_picture_travels_through_no_queue_at_all() {
    travels(TestDatabase::sqlite(), "sync://").await;
}
