//! What the mails say, and how they are put together.

use mail_parser::MimeHeaders;
use serde_json::{Value, json};

use super::{HOME, app, parsed, send, welcome};
use crate::support::TestDatabase;
use crate::support::smtp::{Received, SmtpServer};
use ponka::mailer::Email;

async fn delivered(email: Email) -> Received {
    let server = SmtpServer::start();
    let app = app(TestDatabase::sqlite(), &server.dsn()).await;
    send(&app, email).await.unwrap();
    app.work().await;
    server.mails().remove(0)
}

fn mail(template: &str, context: Value) -> Email {
    let email = Email::new(template).to("Vera Example <vera@example.org>".parse().unwrap());
    let Value::Object(context) = context else { panic!("an object") };
    context.into_iter().fold(email, |email, (name, value)| email.context(&name, value))
}

/// Subject and text.
fn words(mail: &Received) -> String {
    let mail = parsed(mail);
    format!("{}\n\n{}", mail.subject().unwrap(), mail.body_text(0).unwrap().replace('\r', ""))
}

fn links(html: &str) -> Vec<&str> {
    html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_welcome_greets_by_name_and_leads_to_the_gallery() {
    let mail = delivered(welcome()).await;
    insta::assert_snapshot!(words(&mail));
    let mail = parsed(&mail);
    let html = mail.body_html(0).unwrap();
    assert!(html.contains("Hello Vera,"), "{html}");
    let account = format!("{HOME}/account");
    let home = format!("{HOME}/");
    assert_eq!(links(&html), [&home, &account, &home]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_registers_twice_is_told_to_log_in() {
    let mail = delivered(mail("already_registered", json!({ "name": "Vera Example" }))).await;
    insta::assert_snapshot!(words(&mail));
    let mail = parsed(&mail);
    let html = mail.body_html(0).unwrap();
    assert_eq!(links(&html), [format!("{HOME}/login"), format!("{HOME}/")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_people_write_is_text_in_html() {
    let context = json!({ "subject": "1 < 2 & 3", "body": "<script>alert(1)</script>" });
    let mail = delivered(mail("test", context)).await;
    insta::assert_snapshot!(words(&mail));
    let mail = parsed(&mail);
    let html = mail.body_html(0).unwrap();
    assert!(html.contains("1 &lt; 2 &amp; 3") && !html.contains("<script"), "{html}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_is_text_or_html_with_its_picture() {
    let received = delivered(welcome()).await;
    let mail = parsed(&received);
    let kinds: Vec<String> = mail
        .parts
        .iter()
        .map(|part| {
            let kind = part.content_type().unwrap();
            format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default())
        })
        .collect();
    assert_eq!(
        kinds,
        ["multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"]
    );
    let picture = &mail.parts[4];
    assert!(picture.contents().starts_with(b"\x89PNG") && picture.contents().len() < 15_000);
    let html = mail.body_html(0).unwrap();
    assert!(html.contains(&format!("cid:{}", picture.content_id().unwrap())), "{html}");
    assert!(html.contains("style=\"display: inline-block"), "styles are inlined: {html}");
    assert!(html.contains("prefers-color-scheme: dark"), "but for those of the dark: {html}");
    assert!(received.message.is_ascii(), "every server takes it");
    let lines = received.message.split(|byte| *byte == b'\n');
    assert!(lines.map(<[u8]>::len).max().unwrap() < 999, "no line is too long");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_has_the_headers_that_others_look_for() {
    let email = welcome();
    let id = email.clone().into_message().id;
    let mail = delivered(email).await;
    assert_eq!(mail.message_id(), format!("<{id}@ponka.example>"));
    assert_eq!(mail.header("Date").unwrap(), "Thu, 01 Jan 2026 00:00:00 +0000");
    assert_eq!(mail.header("From").unwrap(), "Ponka <ponka@ponka.example>");
    assert_eq!(mail.header("To").unwrap(), "\"Vera Example\" <vera@example.org>");
    assert_eq!(mail.header("MIME-Version").unwrap(), "1.0");
    assert_eq!(mail.header("Auto-Submitted").unwrap(), "auto-generated");
}
