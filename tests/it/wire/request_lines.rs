//! First lines and headers of every kind: answered or refused, never with a fault of ours.

use super::say;
use crate::support::{TestApp, TestDatabase, photos};

const REST: &str = " HTTP/1.1\r\nHost: x\r\n\r\n";

async fn sqlite() -> TestApp {
    TestApp::start(TestDatabase::sqlite()).await
}

/// Sends a request and nothing behind it; gives the only status.
async fn status(app: &TestApp, request: &str) -> u16 {
    let said = say(app, request.as_bytes()).await;
    let statuses = said.statuses();
    assert_eq!(statuses.len(), 1, "{}", &request[..request.len().min(80)]);
    statuses[0]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_25_what_is_no_request_is_refused() {
    let app = sqlite().await;
    let (hello, zeros) = ("\x16\x03\x01\x02\0\x01\0\x01\u{fc}\x03\x03", "\0".repeat(300_000));
    for request in [
        "GET /\r\n\r\n",
        "GET / \r\nHost: x\r\n\r\n",
        "GET / HTTP/0.9\r\n\r\n",
        "GET / HTTP/2.0\r\nHost: x\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nX-A(): b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n",
        hello,
        &zeros,
    ] {
        assert_eq!(status(&app, request).await, 400, "{:?}", &request[..request.len().min(40)]);
    }
    for start in ["GET  /", "GET\t/", "GET /a b", "GET /a\0b", "GET /\u{e9}", "GET ?x", "GET"] {
        assert_eq!(status(&app, &format!("{start}{REST}")).await, 400, "{start}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_22_a_head_without_end_is_cut_off() {
    let app = sqlite().await;
    let long = "a".repeat(200_000);
    for request in [
        format!("GET /{long}{REST}"),
        format!("GET / HTTP/1.1\r\nHost: x\r\nX-A: {long}\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "X-A: b\r\n".repeat(1000)),
        "\n".repeat(300_000),
    ] {
        assert_eq!(status(&app, &request).await, 431);
    }
    let cookie = format!("ponka_visitor={}; session={}", &long[..60_000], &long[..60_000]);
    let request = format!("GET / HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n\r\n");
    assert_eq!(status(&app, &request).await, 200, "a long cookie is just not ours");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_25_targets_and_methods_of_proxies_lead_nowhere() {
    let app = sqlite().await;
    for (start, expected) in [
        ("CONNECT evil.test:443", 404),
        ("GET evil.test:443", 404),
        ("OPTIONS *", 404),
        ("GET *", 404),
        ("GET //evil.test/", 404),
        ("GET http://evil.test/nope", 404),
        ("TRACE /", 405),
        ("get /", 405),
        ("BREW /", 405),
        ("PROPFIND /", 405),
    ] {
        let said = say(&app, format!("{start}{REST}").as_bytes()).await;
        assert_eq!(said.statuses(), [expected], "{start}");
        let answer = said.answer();
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{start}");
        assert_eq!((answer.header("location"), answer.header("server")), (None, None), "{start}");
        assert!(!answer.text().contains("Host: x"), "the request is not echoed: {start}");
    }
    let long = "M".repeat(50_000);
    assert_eq!(status(&app, &format!("{long} /{REST}")).await, 405);
    app.assert_empty("strange methods");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn old_and_odd_but_honest_clients_are_answered() {
    let app = sqlite().await;
    for request in [
        "GET / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        "\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\nHost: x\n\n",
        "GET /?a=%F0%9F%90%B1&&=;#part HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
    ] {
        assert_eq!(status(&app, request).await, 200, "{request}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_asks_before_it_sends_may_send() {
    let app = sqlite().await;
    let visitor = app.visitor();
    let headers = [("Content-Type", crate::support::FORM), ("Expect", "100-continue")];
    let head = visitor.head("POST", "/api/images", &headers);
    let form = crate::support::form(&[("cat.jpg", &photos::jpeg(16, 16))]);
    let request = format!("{head}Content-Length: {}\r\n\r\n", form.len());
    let said = say(&app, &[request.as_bytes(), &form].concat()).await;
    assert_eq!(said.statuses(), [100, 201]);
    let huge = format!("{head}Content-Length: 1000000000\r\n\r\n");
    let said = say(&app, huge.as_bytes()).await;
    assert_eq!(said.statuses().last(), Some(&413));
    assert_eq!(app.rows(), 1);
}
