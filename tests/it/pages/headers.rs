//! The header matrix, over every address and every status.

use crate::support::{Answer, TestApp, TestDatabase, on_both_databases, photos};

use super::methods::ROUTES;

on_both_databases![every_answer_has_the_headers_of_its_kind, the_visitor_cookie_is_locked_down];

const DATA: &str = "default-src 'none'; frame-ancestors 'none'";

fn check(answer: &Answer, what: &str) {
    let path = what.split(' ').nth(1).unwrap_or_default();
    let kind = answer.header("content-type").unwrap_or_default();
    let (is_page, is_media) =
        (kind.starts_with("text/html"), kind.starts_with("image/") && path.starts_with("/media/"));
    let is_static = path.starts_with("/assets/") && !is_page;
    let policy = answer.header("content-security-policy").unwrap_or_default();
    if is_page {
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "form-action 'self'",
            "require-trusted-types-for 'script'",
            "trusted-types ponka",
        ] {
            assert!(policy.contains(part), "{what}: {policy}");
        }
        assert_eq!(answer.header("cross-origin-opener-policy"), Some("same-origin"), "{what}");
        assert!(answer.header("permissions-policy").is_some(), "{what}");
    } else if is_media {
        assert_eq!(policy, "default-src 'none'; sandbox", "{what}");
    } else if !path.starts_with("/media/") {
        assert_eq!(policy, DATA, "{what}");
    }
    let cached = answer.header("cache-control").unwrap_or_default();
    let for_ever = "max-age=31536000, immutable";
    match () {
        () if is_media => assert_eq!(cached, format!("private, {for_ever}"), "{what}"),
        () if is_static && answer.status == 200 => {}
        () => assert_eq!(cached, "no-store", "{what}"),
    }
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{what}");
    assert_eq!(answer.header("referrer-policy"), Some("strict-origin-when-cross-origin"), "{what}");
    assert_eq!(answer.header("cross-origin-resource-policy"), Some("same-origin"), "{what}");
    assert!(is_static || answer.header("x-frame-options") == Some("DENY"), "{what}");
    let vary =
        answer.headers.iter().any(|(name, value)| name == "vary" && value.contains("Cookie"));
    assert_eq!(vary, !is_static && !path.starts_with("/media/") || is_page, "{what}");
    for absent in
        ["server", "x-powered-by", "access-control-allow-origin", "strict-transport-security"]
    {
        assert_eq!(answer.header(absent), None, "{what}");
    }
}

async fn every_answer_has_the_headers_of_its_kind(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    let image = visitor.upload_one("cat.jpg", &photos::cat()).await;
    let (url, own) = (image["url"].as_str().unwrap(), image["@id"].as_str().unwrap());
    let page = own.replace("/api", "");
    let paths = ROUTES.iter().map(|(path, _)| *path);
    for path in paths.chain([url, own, &page, "/nope", "/api/nope", "/?cursor=x", "/media/../x"]) {
        for method in ["GET", "HEAD", "PUT", "TRACE", "POST"] {
            if path == "/events" && matches!(method, "GET" | "HEAD") {
                continue; // does not end, and has a test of its own
            }
            let answer = visitor.send(method, path, &[], b"").await;
            check(&answer, &format!("{method} {path} {}", answer.status));
        }
    }
    for (path, size) in
        [("/api/images", 0), ("/images", 0), ("/api/images", 11 << 20), ("/images", 11 << 20)]
    {
        let answer = visitor.post_form(path, &[], &[("x.jpg", &vec![0; size])]).await;
        assert!([413, 415].contains(&answer.status), "{}", answer.status);
        check(&answer, &format!("POST {path} {}", answer.status));
        let evil = [("Sec-Fetch-Site", "cross-site")];
        check(&visitor.send("POST", path, &evil, b"").await, &format!("POST {path} 403"));
    }
    app.database.execute("DROP TABLE image_post");
    for path in ["/", own, &page, url] {
        let answer = visitor.get(path).await;
        assert!(answer.status >= 500, "{path} {}", answer.status);
        check(&answer, &format!("GET {path} {}", answer.status));
        assert!(!answer.text().contains("image_post"), "{}", answer.text());
    }
}

async fn the_visitor_cookie_is_locked_down(database: TestDatabase) {
    let app = TestApp::builder(database).var("DEFAULT_URI", "https://ponka.test").start().await;
    let answer = app.visitor().get("/").await;
    let cookie = answer.header("set-cookie").unwrap();
    for part in ["ponka_visitor=", "HttpOnly", "SameSite=Lax", "Path=/", "Secure"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let forged = "01a20664b8f476a29e1eb5a1de214076.00ff";
    let cookie = format!("ponka_visitor={forged}");
    let answer = app.visitor().send("GET", "/", &[("Cookie", &cookie)], b"").await;
    assert!(answer.header("set-cookie").is_some_and(|new| !new.contains(forged)));
}
