//! Under which names strangers are counted: nobody has as many as they like, and nobody shares one
//! with people who did nothing.

use futures_util::future::join_all;

use crate::support::{TestApp, TestDatabase, Visitor, photos};

async fn behind_a_proxy() -> TestApp {
    let builder = TestApp::builder(TestDatabase::sqlite());
    builder.var("TRUSTED_PROXIES", "127.0.0.1").start().await
}

async fn guess(visitor: &Visitor, number: usize, headers: &[(&str, &str)]) -> u16 {
    let fields = format!("email=user{number}%40example.com&password=password");
    let kind = [("Content-Type", "application/x-www-form-urlencoded")];
    visitor.send("POST", "/login", &[&kind, headers].concat(), fields.as_bytes()).await.status
}

/// Whoever has a /48 has 65,536 networks of those that are counted as one client.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s10_guesses_from_many_networks_of_one_site_are_counted_together() {
    let app = behind_a_proxy().await;
    let visitor = app.visitor();
    let guesses = (0..200).map(async |number| {
        let from = format!("2001:db8:7:{number:x}::1");
        guess(&visitor, number, &[("X-Forwarded-For", &from)]).await
    });
    for (number, status) in join_all(guesses).await.into_iter().enumerate() {
        assert_eq!(status, 422, "{number}");
    }
    let ask = async |from: &str| guess(&visitor, 201, &[("X-Forwarded-For", from)]).await;
    assert_eq!(ask("2001:db8:7:ffff::1").await, 429);
    assert_eq!(ask("2001:db8:8:ffff::1").await, 422, "another site");
    assert_eq!(ask("192.0.2.1").await, 422);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s10_reports_and_registrations_are_counted_in_the_same_way() {
    let app = behind_a_proxy().await;
    let visitor = app.visitor();
    let report = br#"[{"type":"csp-violation","body":{"documentURL":"http://ponka.test/",
        "effectiveDirective":"script-src-elem","blockedURL":"inline"}}]"#;
    let report = async |from: &str| {
        let headers = [("Content-Type", "application/reports+json"), ("X-Forwarded-For", from)];
        visitor.send("POST", "/csp-report", &headers, report).await.status
    };
    for number in 0..300 {
        assert_eq!(report(&format!("2001:db8:7:{number:x}::1")).await, 204, "{number}");
    }
    assert_eq!(report("2001:db8:7:ffff::1").await, 429);
    assert_eq!(report("2001:db8:8:ffff::1").await, 204);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s10_guests_of_one_site_are_counted_together_when_they_upload() {
    let builder = TestApp::builder(TestDatabase::sqlite()).var("TRUSTED_PROXIES", "127.0.0.1");
    let app = builder.var("UPLOADS_PER_MINUTE", "1").start().await;
    let cat = photos::jpeg(16, 16);
    let ten = [("cat.jpg", &cat[..]); 10];
    let send = async |from: &str| {
        let headers = [("X-Forwarded-For", from)];
        app.visitor().post_form("/api/images", &headers, &ten).await.status
    };
    for number in 0..10 {
        assert_eq!(send(&format!("2001:db8:7:{number:x}::1")).await, 201, "{number}");
    }
    assert_eq!(send("2001:db8:7:ffff::1").await, 429);
    assert_eq!(send("2001:db8:8:ffff::1").await, 201, "another site");
    assert_eq!(send("192.0.2.1").await, 201);
}

/// What a stranger writes into the header before the proxy adds an address to it hides nobody.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s10_an_unreadable_header_is_nobody_elses_bucket() {
    let app = behind_a_proxy().await;
    let visitor = app.visitor();
    for number in 0..20 {
        let named = [("X-Forwarded-For", "\u{e9}, 203.0.113.9")];
        assert_eq!(guess(&visitor, number, &named).await, 422, "{number}");
    }
    for (headers, status) in [
        (vec![("X-Forwarded-For", "\u{e9}, 203.0.113.9")], 429),
        (vec![("X-Forwarded-For", "203.0.113.9")], 429),
        (vec![("X-Forwarded-For", "203.0.113.10")], 422),
        (vec![], 422),
    ] {
        assert_eq!(guess(&visitor, 21, &headers).await, status, "{headers:?}");
    }
    // A proxy that passes on what it is given names nobody.
    for number in 30..50 {
        let unreadable = [("X-Forwarded-For", ["\u{e9}", "evil", "10.0.0.1, \u{e9}"][number % 3])];
        assert_eq!(guess(&visitor, number, &unreadable).await, 422, "{number}");
    }
    assert_eq!(guess(&visitor, 51, &[("X-Forwarded-For", "\u{ff}")]).await, 429);
    assert_eq!(guess(&visitor, 52, &[]).await, 422, "the proxy's others did nothing");
}
