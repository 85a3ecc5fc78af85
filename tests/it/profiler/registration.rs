//! A registration, seen from the profiler: the tutorial's story of the welcome mail.

use super::{dev, panel, panel_of, text, token};
use crate::support::{TestDatabase, eventually, on_both_databases};

on_both_databases![
    s1_14_s1_15_ops_16_the_welcome_mail_is_queued_and_later_handled,
    sec_14_the_password_is_nowhere_in_any_profile,
];

const PASSWORD: &str = "a canary in a coal mine";

async fn s1_14_s1_15_ops_16_the_welcome_mail_is_queued_and_later_handled(database: TestDatabase) {
    let mails = tempfile::tempdir().unwrap();
    let dsn = format!("file://{}", mails.path().display());
    let app = dev(database).var("MAILER_DSN", dsn).start().await;
    let visitor = app.visitor();
    let answer = visitor.register("Vera Example", "vera@example.org", PASSWORD).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    let done = text(&visitor.get(answer.header("location").unwrap()).await);
    let link = format!("href=\"/_profiler/{}?panel=messages\"", token(&answer));
    assert!(done.contains(&link) && done.contains(" · 1 email<"), "{done}");

    let emails = panel(&visitor, &answer, "emails").await;
    for part in [
        "<dt>Queued</dt><dd>1</dd>",
        "<dt>Sent</dt><dd>0</dd>",
        "<span class=\"badge warn\">Queued</span>",
        "Transport <code>async</code>",
        "<code>welcome</code>",
        "Vera Example &lt;vera@example.org&gt;",
        "<code>null</code>",
        "now → waiting for a worker",
        "<h2 id=\"email-1\">Welcome to Ponka, Vera",
    ] {
        assert!(emails.contains(part), "{part}: {emails}");
    }
    let messages = panel(&visitor, &answer, "messages").await;
    for part in [
        "SendEmailMessage",
        "RegisterUser",
        "UserRegistered",
        "&quot;welcome&quot;",
        "<code>src/handler/event/send_welcome_email",
    ] {
        assert!(messages.contains(part), "{part}: {messages}");
    }
    let frame = visitor.get(&format!("/_profiler/{}/emails/0/html", token(&answer))).await;
    assert_eq!(frame.status, 200);
    assert!(frame.text().contains("src=\"data:image/png;base64,"), "{}", frame.text());
    let raw = visitor.get(&format!("/_profiler/{}/emails/0/raw", token(&answer))).await;
    assert!(raw.text().contains("Subject: Welcome to Ponka, Vera"), "{}", raw.text());

    app.work().await;
    assert!(std::fs::read_dir(mails.path()).unwrap().count() > 0, "the mail has arrived");
    let handled = "SELECT class AS value FROM message_trace \
                   WHERE event = 'handled' AND class LIKE '%SendEmailMessage'";
    eventually("it is noted", || app.database.values(handled).len() == 1).await;
    let emails = panel(&visitor, &answer, "emails").await;
    assert!(emails.contains("now → handled by "), "{emails}");
    assert!(emails.contains("<dt>Queued</dt><dd>1</dd>"), "{emails}");
}

async fn sec_14_the_password_is_nowhere_in_any_profile(database: TestDatabase) {
    let app = dev(database).start().await;
    let visitor = app.visitor();
    let registered = visitor.register("Vera", "vera@example.org", PASSWORD).await;
    let refused = visitor.register("", "vera@example.org", PASSWORD).await;
    let signed_in = visitor.sign_in("vera@example.org", PASSWORD).await;
    let account = visitor.get("/account").await;
    assert_eq!(account.status, 200);
    let hashes = app.database.values("SELECT password_hash AS value FROM app_user");
    for answer in [&registered, &refused, &signed_in, &account] {
        for name in ["request", "messages", "emails", "sql", "logs", "timeline"] {
            let page = panel_of(&visitor, &token(answer), name).await;
            assert!(!page.contains("canary") && !page.contains(&hashes[0]), "{name}: {page}");
        }
    }
    let request = panel(&visitor, &registered, "request").await;
    for field in ["name", "email", "password"] {
        assert!(request.contains(&format!("<code>{field}</code>")), "{field}: {request}");
    }
    assert!(panel(&visitor, &account, "request").await.contains("vera@example.org"));
}
