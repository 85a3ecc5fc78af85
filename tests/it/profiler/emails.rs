//! The panel *Emails*.

use std::sync::Arc;

use messenger::Envelope;
use ponka::developer::profiler::{EmailPreview, Preview, Profiler};
use serde_json::{Value, json};

use super::recorded::{SendEmailMessage, messenger, record};
use super::{dev, panel_of, text};
use crate::support::{TestDatabase, on_both_databases};

on_both_databases![
    s1_14_a_queued_mail_has_the_badge_queued_and_counts_once,
    s1_15_the_message_is_listed_with_template_context_and_recipient_and_no_html,
    a_mail_that_is_sent_at_once_counts_as_queued_and_as_sent,
    a_preview_is_shown_in_a_frame_that_can_do_nothing,
];

fn welcome() -> Envelope {
    let body = json!({
        "id": "01980000-0000-7000-8000-000000000000",
        "template": "welcome",
        "context": {"name": "Vera <b>Example</b>", "resetToken": "canary"},
        "to": [{"address": "vera@example.org", "name": "Vera"}],
        "cc": [{"address": "carl@example.org", "name": ""}],
        "from": null,
        "attachments": [{"filename": "cat.png", "contentType": "image/png", "body": "AP8NCok="}],
    });
    SendEmailMessage(body).into()
}

async fn s1_14_a_queued_mail_has_the_badge_queued_and_counts_once(database: TestDatabase) {
    let app = dev(database).start().await;
    let token = record(&app, &messenger(&app, &["queue"]), [welcome()]).await;
    let visitor = app.visitor();
    let page = panel_of(&visitor, &token, "emails").await;
    for part in [
        "<dt>Queued</dt><dd>1</dd>",
        "<dt>Sent</dt><dd>0</dd>",
        "<span class=\"badge warn\">Queued</span>",
        "Transport <code>queue</code>",
        "now → waiting for a worker",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let summary = visitor.get(&format!("/_profiler/{token}.json")).await.json();
    assert_eq!((&summary["queuedEmails"], &summary["sentEmails"]), (&json!(1), &json!(0)));
}

async fn s1_15_the_message_is_listed_with_template_context_and_recipient_and_no_html(
    database: TestDatabase,
) {
    let app = dev(database).start().await;
    let token = record(&app, &messenger(&app, &["queue"]), [welcome()]).await;
    let visitor = app.visitor();
    let emails = panel_of(&visitor, &token, "emails").await;
    let messages = panel_of(&visitor, &token, "messages").await;
    for part in ["welcome", "Vera &lt;b&gt;Example&lt;/b&gt;", "vera@example.org"] {
        assert!(emails.contains(part), "{part}: {emails}");
        assert!(messages.contains(part), "{part}: {messages}");
    }
    for part in ["<code>null</code>", "Cc: carl@example.org", "cat.png (image/png, 5 bytes)"] {
        assert!(emails.contains(part), "{part}: {emails}");
    }
    assert!(messages.contains("SendEmailMessage"), "{messages}");
    for page in [emails, messages] {
        assert!(!page.contains("canary") && page.contains("***"), "{page}");
    }
}

async fn a_mail_that_is_sent_at_once_counts_as_queued_and_as_sent(database: TestDatabase) {
    let app = dev(database).start().await;
    for route in [&[][..], &["now"]] {
        let token = record(&app, &messenger(&app, route), [welcome()]).await;
        let page = panel_of(&app.visitor(), &token, "emails").await;
        for part in
            ["<dt>Queued</dt><dd>1</dd>", "<dt>Sent</dt><dd>1</dd>", "badge good\">Sent</span>"]
        {
            assert!(page.contains(part), "{route:?} {part}: {page}");
        }
    }
}

/// Writes a mail that would like to do harm.
struct Renderer;

impl EmailPreview for Renderer {
    fn preview(&self, body: &Value) -> Result<Preview, String> {
        if body["template"] == "gone" {
            return Err("there is no template \"gone\"".to_owned());
        }
        Ok(Preview {
            subject: "Welcome, <i>Vera</i>".to_owned(),
            text: "Hello Vera".to_owned(),
            html: Some("<script>alert(1)</script><p>Hello Vera</p>".to_owned()),
            raw: b"Subject: Welcome\r\n\r\nHello".to_vec(),
        })
    }
}

async fn a_preview_is_shown_in_a_frame_that_can_do_nothing(database: TestDatabase) {
    let app = dev(database)
        .kernel(|kernel| {
            let profiler = Profiler::new(kernel.clock.clone(), Some(Arc::new(Renderer)));
            kernel.developer.as_mut().expect("tools for developers").profiler = profiler;
        })
        .start()
        .await;
    let gone = SendEmailMessage(json!({"template": "gone"}));
    let token = record(&app, &messenger(&app, &["queue"]), [welcome(), gone.into()]).await;
    let visitor = app.visitor();
    let page = visitor.get(&format!("/_profiler/{token}?panel=emails")).await;
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.contains("frame-src 'self'") && policy.contains("script-src 'self'"),
        "{policy}"
    );
    let text = text(&page);
    for part in [
        "Welcome, &lt;i&gt;Vera",
        "Hello Vera",
        "&lt;script&gt;alert(1)",
        "sandbox=\"allow-popups\"",
        "there is no template",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("<script>alert"), "{text}");

    let frame = visitor.get(&format!("/_profiler/{token}/emails/0/html")).await;
    let policy = "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'; \
                  img-src data:; frame-ancestors 'self'";
    assert_eq!(frame.header("content-security-policy"), Some(policy));
    assert_eq!(frame.header("x-frame-options"), Some("SAMEORIGIN"));
    assert_eq!(frame.header("cache-control"), Some("no-store"));
    assert_eq!(frame.text(), "<script>alert(1)</script><p>Hello Vera</p>");

    let raw = visitor.get(&format!("/_profiler/{token}/emails/0/raw")).await;
    assert_eq!(raw.header("content-type"), Some("application/octet-stream"));
    let disposition = raw.header("content-disposition").unwrap();
    assert!(disposition.starts_with("attachment; filename=\"email.eml\""), "{disposition}");
    assert_eq!(raw.header("content-security-policy"), Some("default-src 'none'; sandbox"));
    assert_eq!(raw.body, b"Subject: Welcome\r\n\r\nHello");
    for missing in ["emails/1/html", "emails/2/raw", "emails/x/html"] {
        assert_eq!(visitor.get(&format!("/_profiler/{token}/{missing}")).await.status, 404);
    }
}
