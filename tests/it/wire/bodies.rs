//! Bodies that are promised and do not come, or come very slowly.

use std::time::Duration;

use futures_util::future::join_all;

use super::{say, say_and_wait};
use crate::support::{FORM, TestApp, TestDatabase};

const TEXT_FORM: &str = "application/x-www-form-urlencoded";

/// Nobody who is silent is listened to for longer.
const LONGEST: Duration = Duration::from_secs(15);

fn promise(method: &str, path: &str, kind: &str, length: u64) -> Vec<u8> {
    let head = format!("{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\n");
    format!("{head}Content-Length: {length}\r\n\r\n").into_bytes()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_01_whoever_may_not_send_is_answered_at_once() {
    let app = TestApp::builder(TestDatabase::sqlite()).var("GUEST_UPLOADS", "0").start().await;
    let requests = [
        ("POST", "/images", FORM, 401),
        ("POST", "/api/images", FORM, 401),
        ("POST", "/login", TEXT_FORM, 413),
        ("POST", "/register", TEXT_FORM, 413),
        ("POST", "/account/name", TEXT_FORM, 303),
        ("POST", "/login", FORM, 400),
        ("POST", "/logout", TEXT_FORM, 303),
        ("POST", "/csp-report", "application/csp-report", 413),
        ("POST", "/csp-report", "text/plain", 415),
        ("POST", "/nope", FORM, 404),
        ("PUT", "/images", FORM, 405),
        ("GET", "/", FORM, 200),
        ("DELETE", "/api/images/01a20664-b8f4-76a2-9e1e-b5a1de214076", FORM, 404),
    ];
    let all = requests.map(|(method, path, kind, status)| {
        let request = promise(method, path, kind, 1_000_000_000);
        let app = &app;
        async move {
            let said = say_and_wait(app, &request).await;
            assert_eq!(said.statuses(), [status], "{method} {path} {kind}");
            assert!(said.answered <= Duration::from_secs(1), "{path}: {:?}", said.answered);
            assert!(said.closed.is_some(), "{path} goes on listening");
        }
    });
    join_all(all).await;
    app.assert_empty("promises");
}

/// The limits are those of production: whoever sends nothing is cut off after ten seconds.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_22_whoever_stops_sending_is_cut_off_everywhere() {
    let app = TestApp::start(TestDatabase::sqlite()).await;
    let start = promise("POST", "/images", FORM, 100_000);
    let begun = [&start[..], &crate::support::part_head(b"a.jpg"), b"\xff\xd8\xff"].concat();
    let chunked = |path: &str, kind: &str, start: &str| {
        let head = format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\n");
        format!("{head}Transfer-Encoding: chunked\r\n\r\n{start}").into_bytes()
    };
    let requests = [
        promise("POST", "/api/images", FORM, 100_000),
        begun,
        promise("POST", "/login", TEXT_FORM, 100),
        promise("POST", "/register", TEXT_FORM, 100),
        promise("POST", "/csp-report", "application/csp-report", 100),
        chunked("/login", TEXT_FORM, "3\r\na=b\r\n"),
        chunked("/images", FORM, "5\r\n--Xpo\r\n"),
    ];
    let unread = [
        (chunked("/logout", TEXT_FORM, "3\r\na=b\r\n"), 303),
        (promise("POST", "/csp-report", "multipart/x", 100), 415),
        (promise("POST", "/login", "multipart/x", 100), 400),
        (promise("PUT", "/api/images/01a20664-b8f4-76a2-9e1e-b5a1de214076/alt", FORM, 100), 400),
    ];
    let answers = join_all(unread.iter().map(|(request, _)| say_and_wait(&app, request))).await;
    for (said, (request, status)) in answers.iter().zip(&unread) {
        let request = String::from_utf8_lossy(request);
        assert_eq!(said.statuses(), [*status], "{request}");
        assert!(said.closed.is_some_and(|after| after < LONGEST), "{request}: {:?}", said.closed);
    }
    let all = join_all(requests.iter().map(|request| say_and_wait(&app, request))).await;
    for (said, request) in all.iter().zip(&requests) {
        let request = String::from_utf8_lossy(request);
        assert_eq!(said.statuses(), [408], "{request}");
        assert!(said.closed.is_some_and(|after| after < LONGEST), "{request}: {:?}", said.closed);
    }
    let half_a_head = say_and_wait(&app, b"POST /images HTTP/1.1\r\nHost: x\r\nX-").await;
    assert!(half_a_head.closed.is_some_and(|after| after < LONGEST), "{:?}", half_a_head.closed);
    assert_eq!(half_a_head.statuses(), [408]);
    app.assert_empty("slow clients");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_ends_too_early_is_a_damaged_form() {
    let app = TestApp::start(TestDatabase::sqlite()).await;
    for (path, kind) in [("/images", FORM), ("/api/images", FORM), ("/login", TEXT_FORM)] {
        let said = say(&app, &promise("POST", path, kind, 100)).await;
        assert!(
            said.statuses().iter().all(|status| *status == 400),
            "{path} {:?}",
            said.statuses()
        );
    }
    app.assert_empty("half a body");
}
