//! The pages of the mailbox, without JavaScript.

use super::{Post, html_mail, letter, note, welcome};
use crate::support::{TestApp, TestDatabase};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_mailbox_says_how_to_get_a_mail() {
    let post = Post::open().await;
    let html = post.page("/dev/mailbox").await;
    assert!(html.contains("No mail yet") && html.contains("mailer:test"), "{html}");
    assert!(html.contains("sleeping.svg") && !html.contains("Delete all"), "{html}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_is_unread_until_somebody_looks_at_it() {
    let post = Post::open().await;
    post.deliver("welcome", &welcome());
    let list = post.page("/dev/mailbox").await;
    assert!(list.contains("<title>Mailbox (1) · Ponka</title>"), "{list}");
    assert!(list.contains("<li class=\"mail\" data-unread>"), "{list}");
    for part in ["Ponka the Cat", "vera@example.com, max@example.com", "Welcome to Ponka, Vera"] {
        assert!(list.contains(part), "{part} is not in {list}");
    }
    post.get("/dev/mailbox/api/messages/welcome").await;
    assert!(post.page("/dev/mailbox").await.contains("data-unread"), "a program is nobody");
    post.page("/dev/mailbox/welcome").await;
    let list = post.page("/dev/mailbox").await;
    assert!(!list.contains("data-unread") && list.contains("1 mail, 0 unread"), "{list}");
    assert_eq!(post.files(), ["welcome.eml", "welcome.seen"], "the mail itself is as it was");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_is_shown_from_six_sides() {
    let post = Post::open().await;
    post.deliver("welcome", &welcome());
    for (tab, part) in [
        ("html", "<iframe src=\"/dev/mailbox/welcome/html\" sandbox=\"allow-popups\""),
        ("text", "Welcome, Vera!"),
        ("source", "&lt;h1 style=&quot;color: #b03a55&quot;&gt;Welcome, Vera&lt;&#x2f;h1&gt;"),
        ("headers", "<dt>Message-ID</dt>"),
        ("raw", "Content-Type: multipart&#x2f;mixed;"),
        ("links", "href=\"https:&#x2f;&#x2f;ponka.test&#x2f;confirm?a=1&amp;b=2\""),
    ] {
        let html = post.page(&format!("/dev/mailbox/welcome?tab={tab}")).await;
        assert!(html.contains(part), "{tab}: {html}");
        let current = format!("?tab={tab}\" aria-current=\"page\"");
        assert!(html.contains(&current), "{tab}: {html}");
        assert_eq!(html.matches("aria-current").count(), 1);
        assert!(html.contains("/dev/mailbox/welcome/attachments/1"), "{html}");
        assert!(!html.contains(" style=\"") && !html.contains("<script"), "{html}");
    }
    let default = post.page("/dev/mailbox/welcome").await;
    assert!(default.contains("?tab=html\" aria-current"), "HTML first, if there is any");
    post.deliver("text", &note("vera@example.com", "No HTML"));
    let default = post.page("/dev/mailbox/text").await;
    assert!(default.contains("?tab=text\" aria-current") && default.contains("Meow."));
    assert!(post.page("/dev/mailbox/text?tab=html").await.contains("This mail has no HTML."));
    assert_eq!(post.get("/dev/mailbox/text?tab=nonsense").await.status, 400);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_13_a_hostile_mail_is_text_on_every_page() {
    let post = Post::open().await;
    let evil = "\"><img src=x onerror=alert(1)></title></pre><script>alert(1)</script>{{7*7}}";
    let headers = [
        ("From", "=?utf-8?q?=3Cscript=3Ealert(1)=3C/script=3E?= <evil@ponka.test>"),
        ("To", "<script>@ponka.test"),
        ("Subject", evil),
        ("X-Evil", evil),
        ("MIME-Version", "1.0"),
        ("Content-Type", "multipart/mixed; boundary=x"),
    ];
    let body = format!(
        "--x\r\nContent-Type: text/plain\r\n\r\n{evil} https://a.test/\"><script>\r\n\
         --x\r\nContent-Type: text/html\r\n\r\n\
         <a href=\"javascript:alert(1)\">x</a><a href='\"><script>'>y</a>\r\n\
         --x\r\nContent-Type: a/<script>\r\n\
         Content-Disposition: attachment; filename=\"<script>alert(1)<b>.jpg\"\r\n\r\nx\r\n--x--\r\n"
    );
    post.deliver("evil", &letter(&headers, &body));
    let tabs = ["html", "text", "source", "headers", "raw", "links"];
    let paths = tabs.map(|tab| format!("/dev/mailbox/evil?tab={tab}"));
    for path in paths.iter().map(String::as_str).chain(["/dev/mailbox"]) {
        let html = post.page(path).await.replace("<script type=\"module\" src=\"", "");
        for forbidden in ["<script", "<img src=x", "<b>", "href=\"javascript"] {
            assert!(!html.contains(forbidden), "{path}: {forbidden} in {html}");
        }
    }
    let list = post.page("/dev/mailbox").await;
    assert!(list.contains("&lt;script&gt;alert(1)") && list.contains("{{7*7}}"), "{list}");
    let links = post.page("/dev/mailbox/evil?tab=links").await;
    assert!(links.contains("<bdi>javascript:alert(1)</bdi>"), "listed, not clickable: {links}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mails_are_deleted_with_a_form() {
    let post = Post::open().await;
    let visitor = post.app.visitor();
    for id in ["a", "b", "c"] {
        post.deliver(id, &html_mail("<p>Meow</p>"));
    }
    let html = post.page("/dev/mailbox/a").await;
    assert!(html.contains("action=\"/dev/mailbox/a/delete\""), "{html}");
    let evil = [("Sec-Fetch-Site", "cross-site")];
    assert_eq!(visitor.send("POST", "/dev/mailbox/delete", &evil, b"").await.status, 403);
    assert_eq!(visitor.get("/dev/mailbox/a/delete").await.status, 405, "a link deletes nothing");
    let answer = visitor.send("POST", "/dev/mailbox/a/delete", &[], b"").await;
    assert_eq!((answer.status, answer.header("location")), (303, Some("/dev/mailbox")));
    assert_eq!(post.files(), ["b.eml", "c.eml"]);
    assert_eq!(visitor.send("POST", "/dev/mailbox/a/delete", &[], b"").await.status, 404);
    let answer = visitor.send("POST", "/dev/mailbox/delete", &[], b"").await;
    assert_eq!((answer.status, answer.header("location")), (303, Some("/dev/mailbox")));
    assert_eq!(post.files(), Vec::<String>::new());
}

/// Every address of the mailbox.
const ADDRESSES: [(&str, &str); 12] = [
    ("GET", "/dev/mailbox"),
    ("GET", "/dev/mailbox/mail"),
    ("GET", "/dev/mailbox/mail/html"),
    ("GET", "/dev/mailbox/mail/raw"),
    ("GET", "/dev/mailbox/mail/attachments/0"),
    ("POST", "/dev/mailbox/mail/delete"),
    ("POST", "/dev/mailbox/delete"),
    ("GET", "/dev/mailbox/api/messages"),
    ("DELETE", "/dev/mailbox/api/messages"),
    ("GET", "/dev/mailbox/api/messages?wait=60"),
    ("GET", "/dev/mailbox/api/messages/mail"),
    ("DELETE", "/dev/mailbox/api/messages/mail"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ops_10_outside_dev_there_is_no_mailbox() {
    let folder = tempfile::tempdir().unwrap();
    let mail = folder.path().join("mail.eml");
    std::fs::write(&mail, welcome()).unwrap();
    for environment in ["test", "prod"] {
        let app = TestApp::builder(TestDatabase::sqlite())
            .var("APP_ENV", environment)
            .var("APP_SECRET", "0123456789abcdef0123456789abcdef")
            .var("MAILER_DSN", format!("file://{}", folder.path().display()))
            .start()
            .await;
        for (method, path) in ADDRESSES {
            let answer = app.visitor().send(method, path, &[], b"").await;
            assert_eq!(answer.status, 404, "{environment} {method} {path}");
            assert_eq!(answer.header("allow"), None, "{environment} {method} {path}");
        }
        assert!(app.kernel.developer.is_none());
    }
    assert!(mail.exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mailbox_without_mails_says_where_they_go() {
    let app = TestApp::builder(TestDatabase::sqlite())
        .var("APP_ENV", "dev")
        .var("MAILER_DSN", "smtp://ponka:s3cret@mail.test:2525")
        .start()
        .await;
    let page = app.visitor().get("/dev/mailbox").await;
    assert_eq!(page.status, 200);
    let html = page.text();
    assert!(html.contains("mail.test:2525") && html.contains("MAILER_DSN=file:"), "{html}");
    let api = app.visitor().get("/dev/mailbox/api/messages?wait=60").await;
    assert_eq!(api.status, 409, "whoever waits learns at once that it is in vain");
    assert!(api.json()["detail"].as_str().unwrap().contains("mail.test:2525"), "{}", api.text());
    assert!(!html.contains("s3cret") && !api.text().contains("s3cret"));
    assert_eq!(app.visitor().get("/dev/mailbox/mail").await.status, 404);
    let deleted = app.visitor().send("POST", "/dev/mailbox/delete", &[], b"").await;
    assert_eq!(deleted.status, 404);
}
