//! SEC-17, SEC-23: whose word for a host and for an address is taken.

use crate::support::{TestApp, TestDatabase, Visitor};

async fn login(visitor: &Visitor, number: usize) -> u16 {
    let fields = format!("email=user{number}%40example.com&password=password");
    let headers = [
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("X-Forwarded-For", &*format!("192.0.2.{number}")),
    ];
    visitor.send("POST", "/login", &headers, fields.as_bytes()).await.status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_23_behind_a_trusted_proxy_each_client_is_counted_alone() {
    let database = TestDatabase::sqlite();
    let app = TestApp::builder(database).var("TRUSTED_PROXIES", "127.0.0.1").start().await;
    let visitor = app.visitor();
    for number in 0..25 {
        assert_eq!(login(&visitor, number).await, 422, "{number}");
    }
    for number in 30..50 {
        let spoofed = format!("198.51.100.{number}, 203.0.113.7");
        let headers = [
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("X-Forwarded-For", spoofed.as_str()),
        ];
        let fields = format!("email=user{number}%40example.com&password=password");
        let answer = visitor.send("POST", "/login", &headers, fields.as_bytes()).await;
        assert_eq!(answer.status, 422, "{number}");
    }
    let headers =
        [("Content-Type", "application/x-www-form-urlencoded"), ("X-Forwarded-For", "203.0.113.7")];
    let fields = b"email=another%40example.com&password=password";
    assert_eq!(visitor.send("POST", "/login", &headers, fields).await.status, 429);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_23_https_is_believed_of_a_trusted_proxy_alone() {
    let https = [("X-Forwarded-Proto", "https")];
    let hsts = "strict-transport-security";
    let unknown = TestApp::builder(TestDatabase::sqlite()).var("TRUSTED_PROXIES", "192.0.2.1");
    let app = unknown.start().await;
    assert_eq!(app.visitor().send("GET", "/", &https, b"").await.header(hsts), None);
    let proxied = TestApp::builder(TestDatabase::sqlite()).var("TRUSTED_PROXIES", "127.0.0.1, ::1");
    let app = proxied.start().await;
    let answer = app.visitor().send("GET", "/", &https, b"").await;
    assert_eq!(answer.header(hsts), Some("max-age=63072000; includeSubDomains"));
    assert_eq!(app.visitor().get("/").await.header(hsts), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_17_in_dev_other_hosts_are_misdirected() {
    let dev = TestApp::builder(TestDatabase::sqlite())
        .var("APP_ENV", "dev")
        .var("MAILER_DSN", "null://null");
    let app = dev.start().await;
    let visitor = app.visitor();
    for host in ["localhost", "127.0.0.1:8000", "[::1]:8000", "ponka.localhost"] {
        let answer = visitor.send("GET", "/", &[("Host", host)], b"").await;
        assert_eq!(answer.status, 200, "{host}");
    }
    for path in ["/", "/api/images", "/events", "/healthz", "/assets/app.css", "/nope"] {
        let answer = visitor.send("GET", path, &[("Host", "evil.test")], b"").await;
        assert_eq!((answer.status, answer.header("set-cookie")), (421, None), "{path}");
        assert!(answer.text().contains("this machine only"), "{}", answer.text());
    }
    for (uri, host, status) in [
        ("http://127.0.0.1/", "127.0.0.1", 200),
        ("http://127.0.0.1/", "evil.test", 421),
        ("http://evil.test/", "127.0.0.1", 421),
        ("http://evil.test/", "evil.test", 421),
    ] {
        let answer = visitor.send("GET", uri, &[("Host", host)], b"").await;
        assert_eq!(answer.status, status, "{uri} {host}");
    }
    let test = TestApp::start(TestDatabase::sqlite()).await;
    let answer = test.visitor().send("GET", "/", &[("Host", "evil.test")], b"").await;
    assert_eq!(answer.status, 200, "elsewhere a proxy decides");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s7_outside_prod_what_a_proxy_passes_on_is_refused() {
    let forwarded = [
        ("Forwarded", "for=192.0.2.1"),
        ("Via", "1.1 proxy"),
        ("X-Forwarded-For", "192.0.2.1"),
        ("X-Forwarded-Proto", "https"),
        ("x-forwarded-host", "ponka.test"),
        ("X-Real-IP", "127.0.0.1"),
        ("CF-Connecting-IP", "192.0.2.1"),
    ];
    for (app_env, status) in [("dev", 403), ("test", 403), ("prod", 200)] {
        let builder = TestApp::builder(TestDatabase::sqlite()).var("APP_ENV", app_env);
        let builder = builder.var("TRUSTED_PROXIES", "127.0.0.1");
        let app = builder.start().await;
        let visitor = app.visitor();
        assert_eq!(visitor.get("/").await.status, 200, "{app_env}, without a proxy");
        for header in forwarded {
            for path in ["/", "/healthz", "/api/images", "/assets/app.css"] {
                let answer = visitor.send("GET", path, &[header], b"").await;
                assert_eq!(answer.status, status, "{app_env} {header:?} {path}");
            }
            for path in ["/dev/mailbox", "/_profiler"] {
                let answer = visitor.send("GET", path, &[header], b"").await;
                assert_ne!(answer.status, 200, "{app_env} {header:?} {path}");
            }
        }
        if status == 403 {
            let answer = visitor.send("GET", "/", &[forwarded[2]], b"").await;
            let said = answer.text();
            assert!(said.contains("APP_ENV=prod") && said.contains("x-forwarded-for"), "{said}");
            assert_eq!(answer.header("set-cookie"), None);
        }
    }
}
