//! Where a request ends: whoever says it twice, or unclearly, is not listened to any more.

use super::say;
use crate::support::{TestApp, TestDatabase};

/// The request that somebody tries to slip in; it would be answered with 200.
const HIDDEN: &str = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";

/// Headers about the length of a body that have two meanings, or none.
const UNCLEAR: [&str; 22] = [
    "Content-Length: 4\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding: chunked\r\nContent-Length: 4",
    "Content-Length: 0\r\nContent-Length: 35",
    "Content-Length: 35\r\nContent-Length: 0",
    "Content-Length: 0\r\nContent-Length: 0",
    "Content-Length: 0, 35",
    "Content-Length: +0",
    "Content-Length: -1",
    "Content-Length: 0x0",
    "Content-Length: 0 0",
    "Content-Length:",
    "Content-Length: 99999999999999999999999",
    "Content-Length : 35",
    " Content-Length: 35",
    "X-A: b\r\n Content-Length: 35",
    "X-A: b\rContent-Length: 35",
    "X-A: b\0c\r\nContent-Length: 0",
    "Transfer-Encoding: xchunked",
    "Transfer-Encoding: chunked, identity",
    "Transfer-Encoding: \u{b}chunked",
    "Transfer-Encoding : chunked",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
];

/// Bodies in chunks that are none.
const NO_CHUNKS: [&str; 11] = [
    "zz\r\n\r\n0\r\n\r\n",
    "-1\r\nx\r\n0\r\n\r\n",
    "0x1\r\nx\r\n0\r\n\r\n",
    " 1\r\nx\r\n0\r\n\r\n",
    "1\nx\n0\n\n",
    "1;\nx\r\n0\r\n\r\n",
    "1\r\nxyz\r\n0\r\n\r\n",
    "10000000000000000\r\nx\r\n0\r\n\r\n",
    "ffffffffffffffff\r\nx\r\n0\r\n\r\n",
    "\r\n\r\n",
    "1\r\n",
];

async fn sqlite() -> TestApp {
    TestApp::start(TestDatabase::sqlite()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_22_a_request_whose_length_is_unclear_is_refused_with_all_that_follows() {
    let app = sqlite().await;
    for headers in UNCLEAR {
        let head = format!("POST /login HTTP/1.1\r\nHost: x\r\n{headers}\r\n\r\n");
        for body in ["", "0\r\n\r\n"] {
            let said = say(&app, format!("{head}{body}{HIDDEN}").as_bytes()).await;
            assert_eq!(said.statuses(), [400], "{headers:?}");
        }
    }
    app.assert_empty("smuggled requests");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_22_broken_chunks_end_the_connection() {
    let app = sqlite().await;
    let form = "Content-Type: application/x-www-form-urlencoded";
    for body in NO_CHUNKS {
        let head =
            format!("POST /login HTTP/1.1\r\nHost: x\r\n{form}\r\nTransfer-Encoding: chunked");
        let said = say(&app, format!("{head}\r\n\r\n{body}{HIDDEN}").as_bytes()).await;
        assert_eq!(said.statuses(), [400], "{body:?}");
    }
    let old = "POST /login HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    let said = say(&app, format!("{old}{HIDDEN}").as_bytes()).await;
    assert_eq!(said.statuses(), [400], "HTTP/1.0 knows no chunks");
    app.assert_empty("broken chunks");
}

/// A chunk may have an extension, however silly, and trailers that change nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_follows_a_body_in_chunks_is_a_request_of_its_own() {
    let app = sqlite().await;
    for body in ["1;a=b\r\nx\r\n0\r\n\r\n", "1\r\nx\r\n0\r\nContent-Length: 35\r\n\r\n"] {
        let head = "POST /nope HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
        let said = say(&app, format!("{head}{body}{HIDDEN}").as_bytes()).await;
        assert_eq!(said.statuses(), [404, 200], "{body}");
    }
    let told = format!("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 35\r\n\r\n{HIDDEN}");
    assert_eq!(say(&app, told.as_bytes()).await.statuses(), [200], "a body of a GET is a body");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_requests_in_one_breath_get_a_hundred_answers() {
    let app = sqlite().await;
    let said = say(&app, HIDDEN.repeat(100).as_bytes()).await;
    assert_eq!(said.statuses(), [200; 100]);
}
