//! The header matrix, over every address and every status.

use crate::support::{Answer, TestApp, TestDatabase, on_both_databases, photos};

use super::methods::ROUTES;

on_both_databases![
    every_answer_has_the_headers_of_its_kind,
    the_visitor_cookie_is_locked_down,
    every_status_has_the_headers_of_its_kind,
];

const PERMISSIONS: &str = "camera=(), microphone=(), geolocation=(), payment=(), usb=()";
const FOR_EVER: &str = "max-age=31536000, immutable";
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
            "report-to csp",
        ] {
            assert!(policy.contains(part), "{what}: {policy}");
        }
        assert_eq!(answer.header("cross-origin-opener-policy"), Some("same-origin"), "{what}");
        assert_eq!(answer.header("permissions-policy"), Some(PERMISSIONS), "{what}");
        assert_eq!(answer.header("reporting-endpoints"), Some("csp=\"/csp-report\""), "{what}");
    } else if is_media {
        assert_eq!(policy, "default-src 'none'; sandbox", "{what}");
    } else if !path.starts_with("/media/") {
        assert_eq!(policy, DATA, "{what}");
    }
    let cached = answer.header("cache-control").unwrap_or_default();
    match () {
        () if is_media => assert_eq!(cached, format!("private, {FOR_EVER}"), "{what}"),
        () if is_static && answer.status == 200 => {
            let how = if path.contains("?v=") { FOR_EVER } else { "no-cache" };
            assert_eq!(cached, format!("public, {how}"), "{what}");
        }
        () => assert_eq!(cached, "no-store", "{what}"),
    }
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{what}");
    let referrer = answer.header("referrer-policy");
    let is_mail = path.starts_with("/dev/mailbox") && referrer == Some("no-referrer");
    assert!(is_mail || referrer == Some("strict-origin-when-cross-origin"), "{what}");
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
    let home = visitor.get("/").await.text().replace("&#x2f;", "/");
    let sheet = home.split('"').find(|word| word.starts_with("/assets/app.css?v=")).unwrap();
    let paths = ROUTES.iter().map(|(path, _)| *path);
    for path in paths.chain([
        "/assets/app.css",
        sheet,
        url,
        own,
        &page,
        "/nope",
        "/api/nope",
        "/?cursor=x",
        "/media/../x",
    ]) {
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

/// What each of these answers, from the first registration to a database that is gone.
async fn every_status_has_the_headers_of_its_kind(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (guest, vera) = (app.visitor(), crate::accounts::vera(&app).await);
    let photo = photos::jpeg(16, 16);
    let mut seen = Vec::new();
    let mut note = |answer: &Answer, path: &str| {
        check(answer, &format!("POST {path} {}", answer.status));
        seen.push(answer.status);
    };
    for visitor in [&guest, &vera] {
        note(&visitor.post_form("/images", &[], &[("a.jpg", &photo)]).await, "/images");
        note(&visitor.upload(&[("a.jpg", &photo)]).await, "/api/images");
        note(&visitor.upload(&[("a.jpg", &photo[..100])]).await, "/api/images");
        note(&visitor.post_form("/images", &[], &[]).await, "/images");
        let own = visitor.upload_one("a.jpg", &photo).await["@id"].as_str().unwrap().to_owned();
        note(&visitor.delete(&own).await, &own);
        // Signing out is for later, and a stream of events has no end.
        let is_now = |path: &str| !path.contains("out") && path != "/events";
        for (path, _) in ROUTES.iter().filter(|(path, _)| is_now(path)) {
            for method in ["GET", "HEAD", "POST", "DELETE"] {
                let answer = visitor.send(method, path, &[], b"").await;
                check(&answer, &format!("{method} {path} {}", answer.status));
            }
            let long = [("name", &*"x".repeat(20_000))];
            note(&visitor.post(path, &long).await, path);
        }
    }
    assert!(crate::accounts::is_signed_in(&vera).await, "it was her all the time");
    note(&guest.register("", "", "").await, "/register");
    note(&guest.register("Max", "max@example.com", crate::accounts::PASSWORD).await, "/register");
    for _ in 0..7 {
        note(&guest.sign_in("nobody@example.com", "wrong").await, "/login");
    }
    note(&vera.post("/logout", &[]).await, "/logout");
    std::fs::remove_dir_all(&app.uploads).unwrap();
    std::fs::write(&app.uploads, b"a file where the folder was").unwrap();
    note(&guest.get("/readyz").await, "/readyz");
    for status in [201, 204, 303, 404, 405, 413, 415, 422, 429, 503] {
        assert!(seen.contains(&status), "{status} was not seen: {seen:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pages_of_developers_have_the_headers_of_their_kind() {
    let folder = tempfile::tempdir().unwrap();
    let mail = "From: a@b.test\r\nContent-Type: text/html\r\n\r\n<p>Meow";
    std::fs::write(folder.path().join("one.eml"), mail).unwrap();
    let dsn = format!("file://{}", folder.path().display());
    let database = TestDatabase::sqlite();
    let builder = TestApp::builder(database).var("APP_ENV", "dev").var("MAILER_DSN", dsn);
    let app = builder.start().await;
    let visitor = app.visitor();
    let token = visitor.get("/").await.header("x-debug-token").unwrap().to_owned();
    let profile = format!("/_profiler/{token}");
    let all = ["/_profiler", "/_profiler/nobody", "/dev/mailbox", "/dev/mailbox/one"];
    let others = ["/dev/mailbox/two", "/dev/mailbox/api/messages", "/dev/mailbox/api/messages/one"];
    let book = ["/dev/book", "/dev/book/", "/dev/book/gallery.png", "/dev/book/nothing.md"];
    for path in all.iter().chain(&others).chain(&book).copied().chain([profile.as_str()]) {
        for method in ["GET", "HEAD", "PUT", "TRACE"] {
            let answer = visitor.send(method, path, &[], b"").await;
            check(&answer, &format!("{method} {path} {}", answer.status));
        }
    }
    let frame = visitor.get("/dev/mailbox/one/html").await;
    let policy = "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'; \
                  img-src data:; frame-ancestors 'self'";
    for (name, value) in [
        ("content-security-policy", policy),
        ("content-type", "text/html; charset=utf-8"),
        ("x-frame-options", "SAMEORIGIN"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(frame.header(name), Some(value), "{name}");
    }
    let raw = visitor.get("/dev/mailbox/one/raw").await;
    assert_eq!(raw.header("content-type"), Some("application/octet-stream"));
    assert_eq!(raw.header("content-security-policy"), Some("default-src 'none'; sandbox"));
    assert!(raw.header("content-disposition").unwrap().starts_with("attachment; "));
}
