//! The JSON API of the mailbox: what an end-to-end test reads its mails with.

use serde_json::json;

use super::{Post, html_mail, note, welcome};
use crate::support::eventually;

const MESSAGES: &str = "/dev/mailbox/api/messages";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_is_read_with_all_that_a_test_needs() {
    let post = Post::open().await;
    post.deliver("welcome", &welcome());
    post.address("welcome", &["vera@example.com", "max@example.com", "secret@example.com"]);
    let answer = post.get(MESSAGES).await;
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let item = answer.json()["items"][0].clone();
    assert_eq!(post.get(&format!("{MESSAGES}/welcome")).await.json(), item);
    for (key, expected) in [
        ("id", json!("welcome")),
        ("from", json!("ponka@ponka.test")),
        ("fromName", json!("Ponka the Cat")),
        ("to", json!(["vera@example.com", "max@example.com", "secret@example.com"])),
        ("subject", json!("Welcome to Ponka, Vera — schön!")),
        ("links", json!(["https://ponka.test/confirm?a=1&b=2", "https://ponka.test/help"])),
        ("messageId", json!("welcome-1@ponka.test")),
        ("isUnread", json!(true)),
    ] {
        assert_eq!(item[key], expected, "{key}");
    }
    assert!(item["text"].as_str().unwrap().starts_with("Welcome, Vera!"), "{item}");
    assert!(item["html"].as_str().unwrap().contains("cid:cat"), "the HTML as it was sent: {item}");
    let received = item["receivedAt"].as_str().unwrap();
    assert!(received.parse::<chrono::DateTime<chrono::Utc>>().is_ok(), "{received}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_of_one_kind_has_no_other_kind() {
    let post = Post::open().await;
    post.deliver("text", &note("vera@example.com", "Hi"));
    post.deliver("html", &html_mail("<p>Meow</p>"));
    let text = post.get(&format!("{MESSAGES}/text")).await.json();
    assert_eq!((&text["text"], &text["html"]), (&json!("Meow.\r\n"), &json!(null)));
    let html = post.get(&format!("{MESSAGES}/html")).await.json();
    assert_eq!((&html["text"], &html["html"]), (&json!(null), &json!("<p>Meow</p>")));
    assert_eq!(html["snippet"], "Meow");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_waits_until_the_mail_arrives() {
    let post = Post::open().await;
    let began = std::time::Instant::now();
    let folder = post.mail_folder();
    let arrive = async {
        eventually("both requests wait", || folder.waits() == 2).await;
        post.deliver("other", &note("max@example.com", "For Max"));
        post.deliver("mine", &note("Vera <Vera@Example.com>", "For Vera"));
    };
    let path = format!("{MESSAGES}?to=vera%40example.com&wait=");
    let (plain, suffixed) = (format!("{path}50"), format!("{path}50s"));
    let ((), first, second) = tokio::join!(arrive, post.get(&plain), post.get(&suffixed));
    for answer in [first, second] {
        assert_eq!(answer.json()["items"].as_array().unwrap().len(), 1);
        assert_eq!(answer.json()["items"][0]["id"], "mine");
    }
    assert!(began.elapsed().as_secs() < 30, "it did not wait to the end");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_in_vain_ends_empty() {
    let post = Post::open().await;
    let answer = post.get(&format!("{MESSAGES}?wait=1")).await;
    assert_eq!((answer.status, answer.json()), (200, json!({"items": []})));
    post.deliver("other", &note("max@example.com", "For Max"));
    let answer = post.get(&format!("{MESSAGES}?to=vera@example.com&wait=1s")).await;
    assert_eq!((answer.status, answer.json()), (200, json!({"items": []})));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mails_are_found_by_recipient_and_moment() {
    let post = Post::open().await;
    post.deliver("a", &note("vera+test@example.com", "One"));
    post.deliver("b", &note("Max <max@example.com>, Vera <vera@example.com>", "Two"));
    post.deliver("c", &note("undisclosed:;", "Three"));
    post.address("c", &["hidden@example.com"]);
    for (name, age) in [("a", 300), ("b", 200), ("c", 100)] {
        let file = std::fs::File::options()
            .write(true)
            .open(post.folder.join(format!("{name}.eml")))
            .unwrap();
        let then = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_767_225_600 - age);
        file.set_modified(then).unwrap();
    }
    for (query, expected) in [
        ("", vec!["c", "b", "a"]),
        ("?to=", vec!["c", "b", "a"]),
        ("?to=vera@example.com", vec!["b"]),
        ("?to=VERA%40example.com", vec!["b"]),
        ("?to=vera+test@example.com", vec!["a"]),
        ("?to=vera%2Btest@example.com", vec!["a"]),
        ("?to=hidden@example.com", vec!["c"]),
        ("?to=example.com", vec![]),
        ("?since=2025-12-31T23:56:40Z", vec!["c"]),
        ("?since=2026-01-01T00:56:40%2B01:00", vec!["c"]),
        ("?since=1767225400", vec!["c"]),
        ("?since=1767225399", vec!["c", "b"]),
        ("?since=2025-12-31T23:00:00Z&to=max@example.com", vec!["b"]),
    ] {
        assert_eq!(post.ids(query).await, expected, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_makes_no_sense_is_a_problem_document() {
    let post = Post::open().await;
    for (path, status) in [
        ("?since=yesterday", 400),
        ("?wait=long", 400),
        ("?wait=-1", 400),
        ("?to=a&to=b", 400),
        ("/nope", 404),
        ("/..%2f..%2fetc%2fpasswd", 404),
        ("/nope/more", 404),
    ] {
        for method in ["GET", "DELETE"] {
            if method == "DELETE" && path.starts_with("?wait") {
                continue;
            }
            let path = format!("{MESSAGES}{path}");
            let answer = post.app.visitor().send(method, &path, &[], b"").await;
            assert_eq!(answer.status, status, "{method} {path}: {}", answer.text());
            assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{path}");
        }
    }
    let answer = post.app.visitor().send("PUT", MESSAGES, &[], b"").await;
    assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD, DELETE")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mails_are_deleted_with_what_lies_beside_them() {
    let post = Post::open().await;
    let visitor = post.app.visitor();
    for id in ["a", "b", "c"] {
        post.deliver(id, &note(&format!("{id}@example.com"), id));
        post.address(id, &[]);
        post.page(&format!("/dev/mailbox/{id}")).await;
    }
    std::fs::write(post.folder.join("README.txt"), "not a mail").unwrap();
    assert_eq!(visitor.delete(&format!("{MESSAGES}/a")).await.status, 204);
    assert_eq!(visitor.delete(&format!("{MESSAGES}/a")).await.status, 404);
    assert_eq!(post.ids("").await.len(), 2);
    assert_eq!(visitor.delete(&format!("{MESSAGES}?to=b@example.com")).await.status, 204);
    assert_eq!(post.files(), ["README.txt", "c.eml", "c.json", "c.seen"]);
    assert_eq!(visitor.delete(&format!("{MESSAGES}?to=nobody@example.com")).await.status, 204);
    assert_eq!(post.ids("").await, ["c"]);
    let evil = [("Sec-Fetch-Site", "cross-site")];
    assert_eq!(visitor.send("DELETE", MESSAGES, &evil, b"").await.status, 403);
    assert_eq!(visitor.delete(MESSAGES).await.status, 204);
    assert_eq!(post.files(), ["README.txt"]);
    assert_eq!(visitor.delete(MESSAGES).await.status, 204, "nothing is left to delete");
}
