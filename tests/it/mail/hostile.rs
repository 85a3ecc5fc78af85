//! Whoever can write into the queue can write anything. The worker survives, and no header is
//! slipped in.

use serde_json::{Value, json};

use super::{app, error_of_failed, send, welcome};
use crate::support::smtp::SmtpServer;
use crate::support::{TestApp, TestDatabase, on_both_databases};

on_both_databases!(sec_14_what_could_become_a_header_is_kept_aside_with_a_reason);

const HEADERS: &str = r#"{"type":"App\\Mailer\\SendEmailMessage"}"#;

/// A good message with one thing changed.
fn body(change: &Value) -> String {
    let mut body = json!({
        "id": "0190a0a0-0000-7000-8000-000000000001",
        "template": "welcome",
        "context": { "name": "Eve" },
        "to": [{ "address": "eve@example.org", "name": "Eve" }],
    });
    for (name, value) in change.as_object().unwrap() {
        body[name] = value.clone();
    }
    body.to_string()
}

fn hostile() -> Vec<(Value, &'static str)> {
    let crlf = "Eve\r\nBcc: v@x.example";
    let attachment = |name: &str, kind: &str| json!({ "attachments": [{ "filename": name, "contentType": kind, "body": "AAAA" }] });
    vec![
        (json!({ "to": [{ "address": "eve@example.org", "name": crlf }] }), "line break"),
        (json!({ "to": [{ "address": "eve@example.org", "name": "Eve\n" }] }), "line break"),
        (json!({ "to": [{ "address": "e@x.example\r\nBcc: v@x.example" }] }), "cannot be shown"),
        (
            json!({ "to": [{ "address": "e@x.example>\r\nRCPT TO:<v@x.example" }] }),
            "cannot be shown",
        ),
        (json!({ "to": [{ "address": "nobody" }] }), "a recipient cannot be used"),
        (json!({ "to": [] }), "no recipient"),
        (json!({ "cc": [{ "address": "c@x.example", "name": crlf }] }), "line break"),
        (json!({ "bcc": [{ "address": "c@x.example", "name": crlf }] }), "line break"),
        (json!({ "replyTo": [{ "address": "c@x.example", "name": crlf }] }), "line break"),
        (json!({ "from": { "address": "c@x.example", "name": crlf } }), "the sender"),
        (
            json!({ "template": "test", "context": { "subject": crlf, "body": "" } }),
            "control character",
        ),
        (json!({ "template": "../pages" }), "there is no mail template"),
        (json!({ "template": "nothing" }), "there is no mail template"),
        (json!({ "context": {} }), "could not render templates/email/welcome/subject.txt"),
        (attachment("a\r\nX: y", "image/png"), "cannot be the name of an attachment"),
        (attachment("a.png", "image/png\r\nX: y"), "is not a type"),
        (attachment("a.png", "png"), "is not a type"),
    ]
}

async fn sec_14_what_could_become_a_header_is_kept_aside_with_a_reason(database: TestDatabase) {
    let server = SmtpServer::start();
    let app = app(database, &server.dsn()).await;
    for (change, expected) in hostile() {
        app.insert_message("default", HEADERS, &body(&change));
        app.work().await;
        let error = error_of_failed(&app);
        assert!(error.contains(expected), "{change}: {error}");
        forget_failed(&app);
    }
    assert_eq!((server.state().connections, app.queued()), (0, 0));

    // The worker is alive.
    send(&app, welcome()).await.unwrap();
    app.work().await;
    assert_eq!(server.mails().len(), 1);
}

fn forget_failed(app: &TestApp) {
    app.database.execute("DELETE FROM messenger_messages WHERE queue_name = 'failed'");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_of_another_program_is_sent_as_it_stands_there() {
    let server = SmtpServer::start();
    let app = app(TestDatabase::sqlite(), &server.dsn()).await;
    let body = r#"{"template":"welcome","context":{"name":"Eve","more":[1]},"later":true,
        "to":[{"address":"EVE@example.org"}]}"#;
    app.insert_message("default", HEADERS, body);
    app.insert_message("default", HEADERS, body);
    app.work().await;
    let mails = server.mails();
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[0].to, ["eve@example.org"]);
    assert_eq!(mails[0].message_id(), mails[1].message_id(), "the same words are the same mail");
}
