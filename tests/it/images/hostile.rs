//! Clients that lie, stop, vanish or give their files terrible names.

use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt;

use crate::support::{
    BOUNDARY, FORM, TestApp, TestDatabase, eventually, on_both_databases, part_head, photos,
};

on_both_databases![
    sec_02_hostile_names_are_stored_and_shown_safely,
    a_client_that_vanishes_leaves_nothing,
];

const NAMES: [(&str, &str); 16] = [
    ("../../../../tmp/pwn.jpg", "pwn.jpg"),
    (r"..\\..\\tmp\\pwn.jpg", "pwn.jpg"),
    ("/etc/passwd", "passwd"),
    (r"C:\\x.jpg", "x.jpg"),
    ("C:x.jpg", "x.jpg"),
    (".htaccess", ".htaccess"),
    ("..", "photo"),
    ("   ", "photo"),
    ("", "photo"),
    ("\u{202e}gpj.exe", "\u{fffd}gpj.exe"),
    ("a\tb\u{85}.jpg", "a\u{fffd}b\u{fffd}.jpg"),
    ("cafe\u{301}.jpg", "caf\u{e9}.jpg"),
    ("{{7*7}}.jpg", "{{7*7}}.jpg"),
    ("</script><script>alert(1)</script>", "script>"),
    ("' onfocus=alert(1) autofocus '", "' onfocus=alert(1) autofocus '"),
    (r#"\"><img src=x onerror=alert(1)>.jpg"#, r#""><img src=x onerror=alert(1)>.jpg"#),
];

async fn sec_02_hostile_names_are_stored_and_shown_safely(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    let photo = photos::jpeg(32, 32);
    for (sent, shown) in NAMES {
        let image = visitor.upload_one(sent, &photo).await;
        assert_eq!(image["originalFilename"], shown, "{sent:?}");
        let page = visitor.get(&format!("/images/{}", image["id"].as_str().unwrap())).await;
        assert_eq!(page.status, 200);
        assert_harmless(&page.text());
    }
    let long = "\u{1F408}".repeat(4096) + ".jpg";
    let image = visitor.upload_one(&long, &photo).await;
    assert_eq!(image["originalFilename"].as_str().unwrap().chars().count(), 120);
    assert_harmless(&visitor.get("/").await.text());
    for file in app.files() {
        let plain = file.chars().all(|c| c.is_ascii_alphanumeric() || "-/.".contains(c));
        assert!(plain && !file.contains("pwn") && !file.contains(".."), "{file}");
    }
}

fn assert_harmless(page: &str) {
    for forbidden in ["<img src=x", "<script>alert", "49.jpg", "\u{202e}", "\u{1b}"] {
        assert!(!page.contains(forbidden), "{forbidden} in {page}");
    }
}

async fn a_client_that_vanishes_leaves_nothing(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    let head = visitor.head("POST", "/api/images", &[("Content-Type", FORM)]);
    let whole = [&part_head(b"a.jpg")[..], &photos::cat(), b"\r\n"].concat();
    let cut_off = [&part_head(b"b.jpg")[..], &vec![7; 3 * 1024 * 1024]].concat();
    let mut connection = visitor.connect().await;
    let head = format!("{head}Content-Length: 9000000\r\n\r\n");
    for piece in [head.as_bytes(), &whole, &cut_off] {
        connection.write_all(piece).await.unwrap();
    }
    connection.flush().await.unwrap();
    eventually("the first photo to arrive", || !app.files().is_empty()).await;
    drop(connection);
    eventually("nothing to be left", || app.files().is_empty()).await;
    app.assert_empty("a client vanished");
}

async fn sqlite() -> TestApp {
    TestApp::start(TestDatabase::sqlite()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_02_nul_and_line_breaks_in_a_name_are_a_damaged_form() {
    let app = sqlite().await;
    let visitor = app.visitor();
    for name in
        [&b"a.jpg\0.php"[..], b"a\r\nX-Evil: 1\r\n\r\n.jpg", b"a\n.jpg", b"\x1b]0;x\x07.jpg"]
    {
        let end = format!("\r\n--{BOUNDARY}--\r\n");
        let body = [&part_head(name)[..], &photos::cat(), end.as_bytes()].concat();
        let answer = visitor.send("POST", "/api/images", &[("Content-Type", FORM)], &body).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "unreadable"), "{name:?}");
        assert_eq!(answer.header("x-evil"), None);
    }
    app.assert_empty("hostile names");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_01_a_huge_promise_is_answered_at_once() {
    let app = sqlite().await;
    let visitor = app.visitor();
    let began = Instant::now();
    let head = visitor.head("POST", "/api/images", &[("Content-Type", FORM)]);
    let answer = visitor.raw(format!("{head}Content-Length: 1000000000\r\n\r\n").as_bytes()).await;
    assert_eq!((answer.status, answer.code().as_str()), (413, "too_big_together"));
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    app.assert_empty("a promise");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chunked_body_is_an_upload_like_any_other() {
    let app = sqlite().await;
    let visitor = app.visitor();
    let headers = [("Content-Type", FORM), ("Transfer-Encoding", "chunked")];
    let mut request = visitor.head("POST", "/api/images", &headers).into_bytes();
    request.extend(b"\r\n");
    let form = crate::support::form(&[("cat.jpg", &photos::cat())]);
    for piece in form.chunks(1000) {
        request.extend(format!("{:x}\r\n", piece.len()).into_bytes());
        request.extend([piece, b"\r\n"].concat());
    }
    request.extend(b"0\r\n\r\n");
    let answer = visitor.raw(&request).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!((app.rows(), app.queue("high").len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_is_both_long_and_chunked_is_refused() {
    let app = sqlite().await;
    let request = "POST /images HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\
                   Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n\
                   GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    let answer = app.visitor().raw(request.as_bytes()).await;
    assert_eq!(answer.status, 400);
    assert!(!answer.text().contains("ok"), "{}", answer.text());
}

/// Once the whole form has arrived, its photo is stored, or nothing is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_does_not_wait_for_the_answer_leaves_all_or_nothing() {
    let app = sqlite().await;
    let visitor = app.visitor();
    let form = crate::support::form(&[("a.jpg", &photos::cat()), ("b.jpg", &photos::cat())]);
    let head = visitor.head("POST", "/api/images", &[("Content-Type", FORM)]);
    let head = format!("{head}Content-Length: {}\r\n\r\n", form.len());
    for milliseconds in (0..40).step_by(2) {
        let mut connection = visitor.connect().await;
        connection.write_all(&[head.as_bytes(), &form].concat()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    }
    let mut settled = 0;
    eventually("rows, messages and files to agree for a while", || {
        let (rows, messages, files) = (app.rows(), app.queue("high").len(), app.files().len());
        settled = if rows == messages && files == 3 * rows { settled + 1 } else { 0 };
        settled == 25
    })
    .await;
    assert!(app.rows() > 0, "none of twenty was stored");
}
