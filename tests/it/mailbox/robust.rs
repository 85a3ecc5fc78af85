//! Files that are broken, huge, many, or gone: the mailbox goes on.

use std::fs::{self, File};
use std::os::unix::fs::symlink;

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
