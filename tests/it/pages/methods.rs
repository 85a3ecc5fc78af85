//! SEC-25: what an address cannot do is 405 with `Allow`; what is not there is 404.

use serde_json::Value;

use crate::support::{TestApp, TestDatabase, on_both_databases};

on_both_databases![
    sec_25_other_methods_are_405_with_allow,
    an_unknown_address_is_404_for_its_reader,
    openapi_names_every_route_of_the_api,
];

const ID: &str = "01a20664-b8f4-76a2-9e1e-b5a1de214076";

/// Every address, and the methods it has.
pub(super) const ROUTES: [(&str, &str); 27] = [
    ("/", "GET, HEAD"),
    ("/images", "POST"),
    ("/images/01a20664-b8f4-76a2-9e1e-b5a1de214076", "GET, HEAD"),
    ("/images/01a20664-b8f4-76a2-9e1e-b5a1de214076/delete", "POST"),
    ("/images/01a20664-b8f4-76a2-9e1e-b5a1de214076/retry", "POST"),
    ("/images/01a20664-b8f4-76a2-9e1e-b5a1de214076/alt", "POST"),
    ("/events", "GET, HEAD"),
    ("/tiles", "GET, HEAD"),
    ("/api/images", "GET, HEAD, POST"),
    ("/api/images/01a20664-b8f4-76a2-9e1e-b5a1de214076", "GET, HEAD, DELETE"),
    ("/api/images/01a20664-b8f4-76a2-9e1e-b5a1de214076/retry", "POST"),
    ("/api/images/01a20664-b8f4-76a2-9e1e-b5a1de214076/alt", "PUT"),
    ("/api/openapi.json", "GET, HEAD"),
    ("/media/x.jpg", "GET, HEAD"),
    ("/assets/app.css", "GET, HEAD"),
    ("/register", "GET, HEAD, POST"),
    ("/register/done", "GET, HEAD"),
    ("/login", "GET, HEAD, POST"),
    ("/logout", "POST"),
    ("/account", "GET, HEAD"),
    ("/account/name", "POST"),
    ("/account/password", "POST"),
    ("/account/sign-out-everywhere", "POST"),
    ("/account/delete", "POST"),
    ("/csp-report", "POST"),
    ("/healthz", "GET, HEAD"),
    ("/readyz", "GET, HEAD"),
];

async fn sec_25_other_methods_are_405_with_allow(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    for (path, allow) in ROUTES {
        for method in ["TRACE", "PUT", "PATCH", "OPTIONS", "CONNECTED", "DELETE", "POST", "GET"] {
            if allow.split(", ").any(|one| one == method) {
                continue;
            }
            let answer = visitor.send(method, path, &[], b"").await;
            assert_eq!(answer.status, 405, "{method} {path}");
            assert_eq!(answer.header("allow"), Some(allow), "{method} {path}");
            assert_eq!(answer.header("set-cookie"), None, "{method} {path}");
            let is_api = path.starts_with("/api/");
            let kind = if is_api { "application/problem+json" } else { "text/html; charset=utf-8" };
            assert_eq!(answer.header("content-type"), Some(kind), "{method} {path}");
        }
    }
    app.assert_empty("nothing happened");
}

async fn an_unknown_address_is_404_for_its_reader(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    for path in ["/nope", "/images/", "/api", "/api/", "/api/nope", "/api/images/", "//", "/%00"] {
        for method in ["GET", "POST", "DELETE"] {
            let answer = visitor.send(method, path, &[], b"").await;
            assert_eq!(answer.status, 404, "{method} {path}");
            if path == "/api" || path.starts_with("/api/") {
                assert_eq!(
                    answer.header("content-type"),
                    Some("application/problem+json"),
                    "{path}"
                );
                let problem = answer.json();
                assert_eq!(
                    (&problem["status"], &problem["title"]),
                    (&404.into(), &"Not Found".into())
                );
                assert_eq!(
                    (&problem["type"], &problem["violations"]),
                    (&"about:blank".into(), &Value::Array(vec![]))
                );
            } else {
                assert!(answer.text().contains("Ponka looked everywhere"), "{path}");
            }
        }
    }
    let missing = visitor.get(&format!("/images/{ID}")).await;
    assert!(missing.status == 404 && missing.text().contains("Ponka looked everywhere"));
    let long = visitor.get(&format!("/{}", "a".repeat(60_000))).await;
    assert!([404, 414, 431, 400].contains(&long.status), "{}", long.status);
}

async fn openapi_names_every_route_of_the_api(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let answer = app.visitor().get("/api/openapi.json").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    let document = answer.json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    for (path, methods) in ROUTES.iter().filter(|(path, _)| path.starts_with("/api/images")) {
        let path = path.replace(ID, "{id}");
        for method in methods.split(", ").filter(|method| *method != "HEAD") {
            let operation = &document["paths"][&path][method.to_lowercase()];
            assert!(operation["responses"].is_object(), "{method} {path}");
        }
    }
}
