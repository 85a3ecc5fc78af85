//! Every answer names its profile; the page after a redirect names the request before it.

use super::{dev, text, token};
use crate::support::{TestDatabase, on_both_databases, photos};

on_both_databases![
    every_answer_has_a_token_and_the_address_of_its_profile,
    the_page_after_a_redirect_leads_to_the_request_before_it,
];

async fn every_answer_has_a_token_and_the_address_of_its_profile(database: TestDatabase) {
    let app = dev(database).start().await;
    let visitor = app.visitor();
    let image = visitor.upload_one("cat.jpg", &photos::cat()).await;
    let (media, own) = (image["url"].as_str().unwrap(), image["@id"].as_str().unwrap());
    let cross_site = [("Sec-Fetch-Site", "cross-site")];
    let nothing: [(&str, &str); 0] = [];
    let mut tokens = Vec::new();
    for (method, path, headers, status) in [
        ("GET", "/", &nothing[..], 200),
        ("HEAD", "/", &nothing, 200),
        ("GET", "/api/images", &nothing, 200),
        ("GET", own, &nothing, 200),
        ("GET", media, &nothing, 200),
        ("GET", "/assets/app.css", &nothing, 200),
        ("GET", "/nope", &nothing, 404),
        ("GET", "/api/nope", &nothing, 404),
        ("PUT", "/", &nothing, 405),
        ("GET", "/?cursor=x", &nothing, 400),
        ("POST", "/images", &cross_site, 403),
        ("POST", "/api/images", &nothing, 415),
        ("DELETE", own, &nothing, 204),
    ] {
        let answer = visitor.send(method, path, headers, b"").await;
        assert_eq!(answer.status, status, "{method} {path}");
        let token = token(&answer);
        assert!((6..=16).contains(&token.len()), "{token}");
        assert!(token.bytes().all(|byte| byte.is_ascii_hexdigit()), "{token}");
        let link = format!("/_profiler/{token}");
        assert_eq!(answer.header("x-debug-token-link"), Some(link.as_str()), "{method} {path}");
        let profile = visitor.get(&link).await;
        assert_eq!(profile.status, 200, "{method} {path}");
        assert!(profile.text().contains(&format!(">{method}</span>")), "{method} {path}");
        assert_eq!(profile.header("x-debug-token"), None, "the profiler is not profiled");
        tokens.push(token);
    }
    app.database.execute("DROP TABLE image_post");
    let broken = visitor.get("/").await;
    assert_eq!(broken.status, 500);
    tokens.push(token(&broken));
    tokens.sort();
    tokens.dedup();
    assert_eq!(tokens.len(), 14);
}

async fn the_page_after_a_redirect_leads_to_the_request_before_it(database: TestDatabase) {
    let app = dev(database).start().await;
    let visitor = app.visitor();
    let answer = visitor.post_form("/images", &[], &[("cat.jpg", &photos::cat())]).await;
    assert_eq!(answer.status, 303);
    let before = token(&answer);
    let cookie = answer.all("set-cookie").find(|one| one.starts_with("ponka_redirect=")).unwrap();
    for part in [before.as_str(), "HttpOnly", "SameSite=Lax", "Max-Age=30"] {
        assert!(cookie.contains(part), "{cookie}");
    }

    // What is not a page leaves the cookie for the page.
    visitor.get("/api/images").await;
    let page = visitor.get("/").await;
    let text = text(&page);
    assert!(text.contains(&format!("href=\"/_profiler/{before}?panel=messages\"")), "{text}");
    assert!(text.contains("Before: POST /images · 303 · 1 message<"), "{text}");
    assert!(text.contains(&format!("data-token=\"{}\"", token(&page))), "{text}");
    assert_eq!(visitor.cookie("ponka_redirect"), None, "it has been shown");
    assert!(!visitor.get("/").await.text().contains("Before:"));

    for forged in ["<script>", "0123456789", &"a".repeat(500)] {
        visitor.set_cookie("ponka_redirect", Some(forged));
        let page = visitor.get("/").await;
        assert_eq!(page.status, 200);
        assert!(!page.text().contains("Before:"), "{forged}");
    }
}
