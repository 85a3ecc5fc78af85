//! What strangers can have the log say: nothing on which somebody is woken up, and not much of it.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::claims::process::{Running, count};
use crate::console::project::Project;
use crate::support::Visitor;

/// Lines of one kind for each client in a minute.
const A_FEW: usize = 10;

async fn send(visitor: &Visitor, request: &[u8]) {
    let mut connection = visitor.connect().await;
    let _refused_early = connection.write_all(request).await;
    let _refused_early = connection.shutdown().await;
    let mut answer = Vec::new();
    let _refused_early = connection.read_to_end(&mut answer).await;
}

/// Operators are told to sound an alarm for every line of this level.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s10_what_is_no_request_is_no_error_of_ours() {
    let project = Project::new();
    let mut server = Running::start(&mut project.gallery("--no-worker"));
    let visitor = Visitor::new(server.address());
    let long = format!("GET / HTTP/1.1\r\nHost: localhost\r\nX-A: {}\r\n\r\n", "a".repeat(200_000));
    let body =
        "POST /login HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nno chunk\r\n";
    for request in [
        &b"GET / HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n"[..],
        b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03",
        b"GET /\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nearly",
        body.as_bytes(),
        long.as_bytes(),
        b"GET / HTTP/1.1\r\nHost: localhost\r\n",
    ] {
        for _ in 0..3 {
            send(&visitor, request).await;
        }
    }
    assert_eq!(visitor.get("/").await.status, 200);
    let lines = server.stop();
    let alarms = lines.iter().filter(|line| line.starts_with("ERROR") || line.starts_with("WARN"));
    assert_eq!(alarms.collect::<Vec<_>>(), Vec::<&String>::new());
}

/// Who wants to see them can.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s10_a_developer_can_see_them_all_the_same() {
    let project = Project::new();
    let mut gallery = project.gallery("--no-worker");
    let mut server = Running::start(gallery.env("RUST_LOG", "info,actix_http=debug"));
    let visitor = Visitor::new(server.address());
    send(&visitor, b"GET /\r\n\r\n").await;
    server.line("[actix_http]");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s10_a_flood_of_refused_requests_is_no_flood_of_lines() {
    let project = Project::new();
    let mut server = Running::start(&mut project.gallery("--no-worker"));
    let visitor = Visitor::new(server.address());
    for _ in 0..5 * A_FEW {
        let from_elsewhere = [("Sec-Fetch-Site", "cross-site")];
        assert_eq!(visitor.send("POST", "/images", &from_elsewhere, b"").await.status, 403);
    }
    let kind = [("Content-Type", "application/csp-report")];
    let report = br#"{"csp-report":{"document-uri":"http://x/","effective-directive":"img-src","blocked-uri":"inline"}}"#;
    for _ in 0..2 * A_FEW {
        assert_eq!(visitor.send("POST", "/csp-report", &kind, report).await.status, 204);
    }
    let lines = server.stop();
    assert_eq!(count(&lines, "refused a cross-site request"), A_FEW, "{lines:#?}");
    assert_eq!(count(&lines, "A browser kept a page"), A_FEW, "{lines:#?}");
}
