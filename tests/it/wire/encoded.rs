//! Compressed bodies: refused before a byte of them is read, so that none is ever inflated.

use std::io::Write;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::future::join_all;

use super::say_and_wait;
use crate::claims::process::Running;
use crate::console::project::Project;
use crate::support::{FORM, TestApp, TestDatabase, Visitor};

const TEXT_FORM: &str = "application/x-www-form-urlencoded";
const ID: &str = "01a20664-b8f4-76a2-9e1e-b5a1de214076";
/// What one bomb becomes when somebody inflates it.
const INFLATED: usize = 100 * 1024 * 1024;
const BOMBS: usize = 40;

fn head(method: &str, path: &str, kind: &str, encoding: &str) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n{encoding}\
         Transfer-Encoding: chunked\r\n\r\n"
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s1_an_encoded_body_is_refused_everywhere_before_it_is_read() {
    let app = TestApp::builder(TestDatabase::sqlite()).var("APP_ENV", "dev").start().await;
    let alt = format!("/api/images/{ID}/alt");
    let image = format!("/api/images/{ID}");
    let requests = [
        ("POST", "/login", TEXT_FORM),
        ("POST", "/register", TEXT_FORM),
        ("POST", "/logout", TEXT_FORM),
        ("POST", "/account/name", TEXT_FORM),
        ("POST", "/account/password", TEXT_FORM),
        ("POST", "/account/delete", TEXT_FORM),
        ("POST", "/images", FORM),
        ("POST", "/api/images", FORM),
        ("PUT", &alt, "application/json"),
        ("DELETE", &image, "application/json"),
        ("POST", "/csp-report", "application/csp-report"),
        ("POST", "/dev/mailbox/", TEXT_FORM),
        ("POST", "/nope", "text/plain"),
        ("PUT", "/images", FORM),
        ("GET", "/", TEXT_FORM),
    ];
    let all = requests.map(|(method, path, kind)| {
        let request = head(method, path, kind, "Content-Encoding: gzip\r\n");
        let app = &app;
        async move {
            let said = say_and_wait(app, request.as_bytes()).await;
            assert_eq!(said.statuses(), [415], "{method} {path}");
            assert!(said.answered < Duration::from_secs(2), "{path}: {:?}", said.answered);
            assert!(said.closed.is_some(), "{path} goes on listening");
            let answer = said.answer();
            assert_eq!(answer.header("accept-encoding"), Some("identity"), "{path}");
            let form =
                if path.starts_with("/api/") { "application/problem+json" } else { "text/html" };
            assert!(answer.header("content-type").unwrap().starts_with(form), "{path}");
            assert!(answer.text().contains("uncompressed"), "{path}: {}", answer.text());
        }
    });
    join_all(all).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s1_every_coding_is_one_too_many_but_identity() {
    let app = TestApp::start(TestDatabase::sqlite()).await;
    let ask = async |encoding: &str, rest: &str| {
        let request = head("POST", "/login", TEXT_FORM, encoding) + rest;
        say_and_wait(&app, request.as_bytes()).await.statuses()
    };
    let codings = ["gzip", "GZIP", "x-gzip", "br", "deflate", "zstd", "identity, gzip", "\u{e9}"];
    let one_line = codings.map(|coding| format!("Content-Encoding: {coding}\r\n"));
    let two_lines = "Content-Encoding: identity\r\nContent-Encoding: gzip\r\n".to_owned();
    let refused = one_line.iter().chain([&two_lines]);
    // Each waits until its connection is closed.
    for (encoding, statuses) in
        join_all(refused.map(async |encoding| (encoding, ask(encoding, "").await))).await
    {
        assert_eq!(statuses, [415], "{encoding}");
    }
    let read = ["", "Content-Encoding: identity\r\n", "Content-Encoding: Identity\r\n"];
    let body = "9\r\nemail=a@b\r\n0\r\n\r\n";
    for statuses in join_all(read.map(|encoding| ask(encoding, body))).await {
        assert_eq!(statuses.first(), Some(&422));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s1_bombs_of_strangers_cost_neither_time_nor_memory() {
    let project = Project::new();
    let mut server = Running::start(&mut project.gallery("--no-worker"));
    let visitor = Visitor::new(server.address());
    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    for _ in 0..INFLATED / (1024 * 1024) {
        bomb.write_all(&[b'0'; 1024 * 1024]).unwrap();
    }
    let bomb = bomb.finish().unwrap();
    let start = head("POST", "/login", TEXT_FORM, "Content-Encoding: gzip\r\n");
    let chunk = format!("{start}{:x}\r\n", bomb.len());
    let request = [chunk.as_bytes(), &bomb, b"\r\n0\r\n\r\n"].concat();
    assert_eq!(visitor.get("/login").await.status, 200);
    let before = server.memory();
    let bombs = (0..BOMBS).map(|_| visitor.raw(&request));
    let (answers, healthy) = tokio::join!(join_all(bombs), visitor.get("/healthz"));
    assert_eq!(healthy.status, 200);
    assert!(answers.iter().all(|answer| answer.status == 415), "{:?}", answers[0]);
    let grown = server.memory().saturating_sub(before);
    println!("{BOMBS} bombs of {} bytes: {grown} KiB", bomb.len());
    assert!(grown < 30 * 1024, "{grown} KiB");
}
