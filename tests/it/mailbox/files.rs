//! The frame, the raw mail and the attachments: their bytes and their headers.

use super::{Post, html_mail, note, welcome};
use crate::support::Answer;

const FRAME: &str = "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'; \
                     img-src data:; frame-ancestors 'self'";
const SAVED: &str = "default-src 'none'; sandbox";

fn check(answer: &Answer, expected: &[(&str, Option<&str>)], what: &str) {
    assert_eq!(answer.status, 200, "{what}");
    for (name, value) in expected {
        assert_eq!(answer.header(name), *value, "{what}: {name}");
    }
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{what}");
    assert_eq!(answer.header("cross-origin-resource-policy"), Some("same-origin"), "{what}");
    assert_eq!(answer.header("cache-control"), Some("no-store"), "{what}");
    assert_eq!(answer.header("access-control-allow-origin"), None, "{what}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_part_of_the_mailbox_has_the_headers_of_its_kind() {
    let post = Post::open().await;
    post.deliver("welcome", &welcome());
    let html = Some("text/html; charset=utf-8");
    let frame = [
        ("content-type", html),
        ("content-security-policy", Some(FRAME)),
        ("x-frame-options", Some("SAMEORIGIN")),
        ("referrer-policy", Some("no-referrer")),
        ("content-disposition", None),
    ];
    check(&post.get("/dev/mailbox/welcome/html").await, &frame, "frame");
    let name = "attachment; filename=\"welcome.eml\"; filename*=UTF-8''welcome.eml";
    let saved = [
        ("content-type", Some("application/octet-stream")),
        ("content-security-policy", Some(SAVED)),
        ("x-frame-options", Some("DENY")),
        ("content-disposition", Some(name)),
        ("vary", None),
    ];
    check(&post.get("/dev/mailbox/welcome/raw").await, &saved, "raw");
    let attachment = post.get("/dev/mailbox/welcome/attachments/1").await;
    check(&attachment, &saved[..3], "attachment");
    let data = [
        ("content-type", Some("application/json")),
        ("content-security-policy", Some("default-src 'none'; frame-ancestors 'none'")),
        ("x-frame-options", Some("DENY")),
    ];
    check(&post.get("/dev/mailbox/api/messages").await, &data, "JSON");
    let page = [
        ("content-type", html),
        ("x-frame-options", Some("DENY")),
        ("referrer-policy", Some("no-referrer")),
        ("cross-origin-opener-policy", Some("same-origin")),
    ];
    for (path, frames) in [("/dev/mailbox", false), ("/dev/mailbox/welcome", true)] {
        let answer = post.get(path).await;
        check(&answer, &page, path);
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'; script-src 'self'"), "{policy}");
        assert!(policy.contains("require-trusted-types-for 'script'"), "{policy}");
        assert_eq!(policy.ends_with("; frame-src 'self'"), frames, "{path}: {policy}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_frame_shows_the_mail_and_fetches_nothing() {
    let post = Post::open().await;
    post.deliver("welcome", &welcome());
    let document = post.page("/dev/mailbox/welcome/html").await;
    assert!(document.contains("<h1 style=\"color: #b03a55\">Welcome, Vera</h1>"), "{document}");
    assert!(document.contains("<img alt=\"a cat\" src=\"data:image/png;base64,"), "{document}");
    assert!(!document.contains("tracker.test"), "{document}");
    assert!(document.contains("target=\"_blank\" rel=\"noopener noreferrer\""), "{document}");
    post.deliver("text", &note("vera@example.com", "No HTML"));
    assert_eq!(post.get("/dev/mailbox/text/html").await.status, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_and_its_attachments_are_saved_as_they_were_sent() {
    let post = Post::open().await;
    let mail = welcome();
    post.deliver("welcome", &mail);
    assert_eq!(post.get("/dev/mailbox/welcome/raw").await.body, mail);
    let cat = post.get("/dev/mailbox/welcome/attachments/0").await;
    assert_eq!(cat.body, b"a png");
    let cheese = post.get("/dev/mailbox/welcome/attachments/1").await;
    assert_eq!(cheese.body, b"%PDF a cheese");
    let name = "attachment; filename=\"K_se _1_.pdf\"; filename*=UTF-8''K%C3%A4se%20%221%22.pdf";
    assert_eq!(cheese.header("content-disposition"), Some(name));
    for number in ["2", "-1", "x", "99999999999999999999"] {
        let path = format!("/dev/mailbox/welcome/attachments/{number}");
        assert_eq!(post.get(&path).await.status, 404, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_of_html_in_an_attachment_is_only_saved() {
    let post = Post::open().await;
    let mail = "From: a@b.test\r\nSubject: x\r\nContent-Type: text/html; charset=utf-8\r\n\
        Content-Disposition: attachment; filename=\"../../evil.html\"\r\n\r\n<script>alert(1)</script>";
    post.deliver("evil", mail.as_bytes());
    let answer = post.get("/dev/mailbox/evil/attachments/0").await;
    assert_eq!(answer.header("content-type"), Some("application/octet-stream"));
    let name = "attachment; filename=\"evil.html\"; filename*=UTF-8''evil.html";
    assert_eq!(answer.header("content-disposition"), Some(name));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_id_leads_nowhere_but_to_a_mail() {
    let post = Post::open().await;
    post.deliver("mail", &html_mail("<p>Meow</p>"));
    let outside = post.folder.parent().unwrap().join("outside.eml");
    std::fs::write(&outside, note("a@b.test", "Outside")).unwrap();
    std::fs::write(post.folder.join(".hidden.eml"), note("a@b.test", "Hidden")).unwrap();
    let absolute = outside.display().to_string().replace('/', "%2F");
    let absolute = absolute.trim_end_matches(".eml");
    let long = "a".repeat(300);
    for id in [
        "..",
        ".",
        "..%2foutside",
        "%2e%2e%2foutside",
        "..%5coutside",
        ".hidden",
        "mail%00",
        "mail.eml",
        "mail%2F",
        "%20mail",
        "nope",
        absolute,
        &long,
        "%ff",
        "mail%0d%0aX:%201",
    ] {
        for rest in ["", "?tab=raw", "/html", "/raw", "/attachments/0"] {
            let path = format!("/dev/mailbox/{id}{rest}");
            assert_eq!(post.get(&path).await.status, 404, "{path}");
        }
        let path = format!("/dev/mailbox/api/messages/{id}");
        assert_eq!(post.get(&path).await.status, 404, "{path}");
        assert_eq!(post.app.visitor().delete(&path).await.status, 404, "{path}");
        let path = format!("/dev/mailbox/{id}/delete");
        assert_eq!(post.app.visitor().send("POST", &path, &[], b"").await.status, 404, "{path}");
    }
    assert_eq!(post.files(), [".hidden.eml", "mail.eml"]);
    assert!(outside.exists());
}
