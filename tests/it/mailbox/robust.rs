//! Files that are broken, huge, many, or gone: the mailbox goes on.

use std::fs::{self, File};
use std::os::unix::fs::symlink;

use base64::Engine as _;

use super::{Post, note};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_files_are_shown_for_what_they_are() {
    let post = Post::open().await;
    post.deliver("good", &note("vera@example.com", "A good one"));
    let deep: String = (0..5000)
        .map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n"))
        .collect();
    let nested = "Content-Type: message/rfc822\r\n\r\n".repeat(5000);
    for (id, bytes) in [
        ("empty", Vec::new()),
        ("binary", (0..=255).cycle().take(100_000).collect()),
        ("zeros", vec![0; 1000]),
        ("no-end", b"From: a@b.test\r\nContent-Type: multipart/mixed; boundary=\"x".to_vec()),
        (
            "latin",
            b"Subject: K\xe4se\r\nContent-Type: text/plain; charset=nonsense\r\n\r\n\xff".to_vec(),
        ),
        ("deep", deep.into_bytes()),
        ("nested", nested.into_bytes()),
        ("long", format!("Subject: {}\r\n\r\n", "x".repeat(300_000)).into_bytes()),
    ] {
        post.deliver(id, &bytes);
        post.write(&format!("{id}.json"), b"{\"forward_path\": 7");
        for rest in ["", "?tab=html", "?tab=headers", "?tab=raw", "?tab=links", "?tab=source"] {
            post.page(&format!("/dev/mailbox/{id}{rest}")).await;
        }
        assert_eq!(post.get(&format!("/dev/mailbox/{id}/raw")).await.body, bytes, "{id}");
        assert_eq!(post.get(&format!("/dev/mailbox/api/messages/{id}")).await.status, 200);
    }
    let html = post.page("/dev/mailbox").await;
    assert!(html.contains("9 mails") && html.contains("A good one"), "{html}");
    assert_eq!(post.ids("").await.len(), 9);
    assert_eq!(post.ids("?to=vera@example.com").await, ["good"]);
    assert!(post.page("/dev/mailbox/empty").await.contains("There is no mail in this file."));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_huge_mail_is_listed_but_not_opened() {
    let post = Post::open().await;
    post.deliver("huge", &note("vera@example.com", "A huge one"));
    let file = File::options().write(true).open(post.folder.join("huge.eml")).unwrap();
    file.set_len(5 << 30).unwrap();
    assert!(post.page("/dev/mailbox").await.contains("A huge one"));
    let page = post.page("/dev/mailbox/huge").await;
    assert!(page.contains("larger than 20 MB") && page.contains("A huge one"), "{page}");
    let raw = post.get("/dev/mailbox/huge/raw").await;
    assert!(raw.status == 413 && raw.text().contains("larger than 20 MB"), "{}", raw.text());
    assert_eq!(post.get("/dev/mailbox/huge/html").await.status, 404);
    assert_eq!(post.get("/dev/mailbox/huge/attachments/0").await.status, 404);
    assert_eq!(post.ids("?to=vera@example.com").await, ["huge"]);
    let deleted = post.app.visitor().send("POST", "/dev/mailbox/huge/delete", &[], b"").await;
    assert_eq!((deleted.status, post.files().len()), (303, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_regular_files_are_mails() {
    let post = Post::open().await;
    post.deliver("good", &note("vera@example.com", "A good one"));
    let secret = post.folder.parent().unwrap().join("secret");
    fs::write(&secret, "Subject: secret\r\n\r\nsecret").unwrap();
    symlink(&secret, post.folder.join("link.eml")).unwrap();
    symlink(&secret, post.folder.join("good.json")).unwrap();
    symlink(post.folder.join("gone"), post.folder.join("dangling.eml")).unwrap();
    fs::create_dir(post.folder.join("folder.eml")).unwrap();
    let pipe = post.folder.join("pipe.eml");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    assert_eq!(post.ids("").await, ["good"]);
    assert!(post.page("/dev/mailbox").await.contains("1 mail, 1 unread"));
    for id in ["link", "dangling", "folder", "pipe"] {
        assert_eq!(post.get(&format!("/dev/mailbox/{id}")).await.status, 404, "{id}");
        assert_eq!(post.get(&format!("/dev/mailbox/{id}/raw")).await.status, 404, "{id}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_mails_are_shown_page_by_page() {
    let post = Post::open().await;
    fs::create_dir_all(&post.folder).unwrap();
    for number in 0..10_000_u64 {
        let name = format!("{number:05}.eml");
        let mail = note(&format!("v{}@example.com", number % 5000), &format!("Number {number}"));
        fs::write(post.folder.join(&name), mail).unwrap();
        let file = File::options().write(true).open(post.folder.join(name)).unwrap();
        let then = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_767_000_000 + number);
        file.set_modified(then).unwrap();
    }
    let began = std::time::Instant::now();
    let first = post.page("/dev/mailbox").await;
    assert!(first.contains("10000 mails, 10000 unread"), "{first}");
    let template = 1;
    assert_eq!(first.matches("<li class=\"mail\"").count(), 100 + template);
    assert!(first.contains("Number 9999<") && first.contains("Number 9900<"));
    assert!(first.contains("/dev/mailbox?page=2") && !first.contains("page=0"));
    let last = post.page("/dev/mailbox?page=100").await;
    assert!(last.contains("Number 0<") && !last.contains("page=101"), "{last}");
    assert!(post.page("/dev/mailbox?page=101").await.contains("There are no older mails."));
    let beyond = format!("/dev/mailbox?page={}", usize::MAX);
    assert_eq!(post.get(&beyond).await.status, 200);
    assert_eq!(post.ids("").await.len(), 100);
    assert_eq!(post.ids("?to=v17@example.com").await, ["05017", "00017"]);
    assert!(began.elapsed().as_secs() < 30, "{:?}", began.elapsed());
}

/// Each of them once ended the process, or kept it busy for minutes.
fn too_much() -> Vec<(&'static str, String)> {
    let nested = "Content-Type: message/rfc822\r\n\r\n".repeat(40_000);
    let inside = base64::engine::general_purpose::STANDARD.encode(&nested);
    let lines: Vec<_> = inside.as_bytes().chunks(76).map(String::from_utf8_lossy).collect();
    let encoded = format!(
        "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n",
        lines.join("\r\n")
    );
    let digests: String = (0..900)
        .map(|n| format!("Content-Type: multipart/digest; boundary=b{n}\r\n\r\n--b{n}\r\n\r\n"))
        .collect();
    let names: String = (0..150_000).map(|n| format!(" a{n:x}")).collect();
    let html = format!("Content-Type: text/html\r\n\r\n<p>Hello<p{names}>");
    let people: String = (0..200_000).map(|n| format!(" a{n}@b.test,\r\n")).collect();
    let continued: String = (0..200_000).map(|n| format!(";a{n:x}*1=b")).collect();
    let parts = "Content-Type: multipart/mixed; boundary=nowhere\r\n\r\n".repeat(20_000);
    vec![
        ("nested", nested),
        ("encoded", encoded),
        ("digests", digests),
        ("html", html),
        ("people", format!("Cc:{people}\r\n\r\nHello")),
        ("continued", format!("Content-Type: text/plain{continued}\r\n\r\nHello")),
        ("parts", parts),
        ("headers", "a:\r\n".repeat(1_000_000)),
        (
            "borders",
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n".to_owned()
                + &"--b\r\n".repeat(1_000_000),
        ),
        ("words", format!("Comments: {}\r\n\r\n", "=?a?b?".repeat(100_000))),
        ("comments", format!("X: a\r\nContent-Type: {}\r\n\r\n", "(".repeat(1_000_000))),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s9_mails_that_ask_for_too_much_are_shown_by_their_source() {
    let post = Post::open().await;
    let head = "From: a@b.test\r\nTo: vera@example.com\r\nSubject: Matryoshka\r\n";
    for (id, rest) in too_much() {
        let began = std::time::Instant::now();
        let bytes = format!("{head}{rest}").into_bytes();
        post.deliver(id, &bytes);
        for rest in ["", "?tab=html", "?tab=source", "?tab=links"] {
            let page = post.page(&format!("/dev/mailbox/{id}{rest}")).await;
            assert!(page.contains("Matryoshka"), "{id}{rest}: {page}");
        }
        assert_eq!(post.get(&format!("/dev/mailbox/{id}/raw")).await.body, bytes, "{id}");
        assert_eq!(post.get(&format!("/dev/mailbox/api/messages/{id}")).await.status, 200);
        assert!(began.elapsed().as_secs() < 60, "{id} took {:?}", began.elapsed());
    }
    assert_eq!(post.ids("?to=vera@example.com").await.len(), 11);
    let frame = post.get("/dev/mailbox/html/html").await.text();
    assert!(frame.contains("too long to be shown here"), "{}", &frame[..frame.len().min(500)]);
    let said = post.page("/dev/mailbox/nested?tab=raw").await;
    assert!(said.contains("has more parts or headers than can be shown"), "{said}");
    let inner = post.page("/dev/mailbox/encoded").await;
    assert!(inner.contains("message&#x2f;rfc822, 1.2 MB"), "a mail within is a file: {inner}");
    let inner = post.get("/dev/mailbox/encoded/attachments/0").await;
    assert!(inner.body.starts_with(b"Content-Type: message/rfc822\r\n\r\nContent"));
}
