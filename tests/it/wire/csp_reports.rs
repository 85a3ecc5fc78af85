//! Reports of browsers: anybody can send them, so they are short, few, and only read.

use crate::support::{TestApp, TestDatabase, on_both_databases};

on_both_databases![a_report_is_taken_and_a_flood_of_them_is_not];

const KIND: (&str, &str) = ("Content-Type", "application/reports+json");
const REPORT: &[u8] = br#"[{"type":"csp-violation","body":{"documentURL":"http://ponka.test/",
    "effectiveDirective":"script-src-elem","blockedURL":"inline"}}]"#;

async fn a_report_is_taken_and_a_flood_of_them_is_not(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    let page = visitor.get("/").await;
    assert_eq!(page.header("reporting-endpoints"), Some("csp=\"/csp-report\""));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.ends_with("; report-to csp"), "{policy}");

    let taken = visitor.send("POST", "/csp-report", &[KIND], REPORT).await;
    assert_eq!((taken.status, taken.text()), (204, String::new()));
    assert_eq!(taken.header("set-cookie"), None);
    let mut statuses = Vec::new();
    for _ in 0..35 {
        statuses.push(visitor.send("POST", "/csp-report", &[KIND], REPORT).await.status);
    }
    assert_eq!((statuses[28], statuses[29]), (204, 429), "{statuses:?}");
    let refused = visitor.send("POST", "/csp-report", &[KIND], REPORT).await;
    assert_eq!(refused.header("retry-after"), Some("60"));
    assert_eq!(visitor.get("/").await.status, 200, "only reports are too many");
    app.clock.advance(std::time::Duration::from_secs(61));
    assert_eq!(visitor.send("POST", "/csp-report", &[KIND], REPORT).await.status, 204);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_report_is_refused() {
    let app = TestApp::start(TestDatabase::sqlite()).await;
    let visitor = app.visitor();
    let large = format!("[{}{{\"type\":\"csp-violation\"}}]", " ".repeat(10 * 1024));
    let deep = "[".repeat(10_000);
    for (kind, body, status) in [
        ("application/csp-report", &b"{}"[..], 400),
        ("application/reports+json", b"", 400),
        ("application/reports+json", b"[]", 400),
        ("application/reports+json", b"\xff", 400),
        ("application/reports+json", deep.as_bytes(), 400),
        ("application/reports+json", large.as_bytes(), 413),
        ("text/plain", REPORT, 415),
        ("application/x-www-form-urlencoded", b"a=b", 415),
    ] {
        let answer = visitor.send("POST", "/csp-report", &[("Content-Type", kind)], body).await;
        assert_eq!(answer.status, status, "{kind}");
    }
    let evil = [KIND, ("Sec-Fetch-Site", "cross-site")];
    assert_eq!(visitor.send("POST", "/csp-report", &evil, REPORT).await.status, 403);
}
