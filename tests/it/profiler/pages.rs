//! The list, the limits, and the bar at the bottom of every page.

use serde_json::json;

use super::recorded::{Anything, messenger, profiler, record};
use super::{dev, panel_of, text, token};
use crate::support::{TestDatabase, on_both_databases, photos};

on_both_databases![
    the_last_hundred_are_kept_and_files_do_not_push_pages_out,
    the_newest_profile_has_an_address,
    a_profile_holds_one_megabyte,
    every_page_has_the_bar_and_every_panel_its_headers,
];

async fn the_last_hundred_are_kept_and_files_do_not_push_pages_out(database: TestDatabase) {
    let app = dev(database).start().await;
    let visitor = app.visitor();
    let first = token(&visitor.get("/healthz").await);
    let second = token(&visitor.get("/healthz").await);
    for _ in 0..99 {
        visitor.get("/healthz").await;
    }
    for _ in 0..101 {
        visitor.get("/assets/favicon.svg").await;
    }
    let gone = visitor.get(&format!("/_profiler/{first}")).await;
    assert_eq!(gone.status, 404);
    assert!(gone.text().contains("Only the last 100 requests are kept"), "{}", gone.text());
    assert_eq!(visitor.get(&format!("/_profiler/{second}")).await.status, 200);
    for (path, asked_for) in
        [("/_profiler", "/healthz"), ("/_profiler?static=1", "/assets/favicon.svg")]
    {
        let list = text(&visitor.get(path).await);
        let rows = list.matches(&format!("<td class=\"path\">{asked_for}</td>")).count();
        assert_eq!(rows, 100, "{list}");
    }
}

async fn the_newest_profile_has_an_address(database: TestDatabase) {
    let app = dev(database).start().await;
    let visitor = app.visitor();
    assert_eq!(visitor.get("/_profiler/latest").await.status, 404);
    visitor.get("/").await;
    let newest = token(&visitor.get("/api/images").await);
    visitor.get("/assets/app.css").await;
    let answer = visitor.get("/_profiler/latest").await;
    let place = format!("/_profiler/{newest}");
    assert_eq!((answer.status, answer.header("location")), (303, Some(place.as_str())));
    let summary = visitor.get(&format!("{place}.json")).await.json();
    let of = ["token", "method", "path"].map(|name| summary[name].as_str().unwrap());
    assert_eq!(of, [newest.as_str(), "GET", "/api/images"]);
    assert_eq!(visitor.get("/_profiler/0123456789.json").await.status, 404);
    assert_eq!(visitor.send("POST", "/_profiler", &[], b"").await.status, 405);
}

async fn a_profile_holds_one_megabyte(database: TestDatabase) {
    let app = dev(database).start().await;
    let long = json!({"text": "x".repeat(100_000)});
    let many = json!({"texts": vec!["y".repeat(15_000); 3]});
    let messages = std::iter::once(long).chain(std::iter::repeat_n(many, 60));
    let messages = messages.map(|body| Anything(body).into()).collect::<Vec<_>>();
    let token = record(&app, &messenger(&app, &[]), messages).await;
    let profile = profiler(&app).find(&token).unwrap();
    let size = serde_json::to_vec(&profile).unwrap().len();
    assert!((900_000..1_100_000).contains(&size), "{size}");
    assert!(profile.left_out > 30 && profile.messages.len() + profile.left_out == 61);
    let page = panel_of(&app.visitor(), &token, "messages").await;
    assert!(page.contains("entries were left out: a profile holds 1 MB."));
    assert!(page.contains("(cut; 100000 bytes in all)"));
}

async fn every_page_has_the_bar_and_every_panel_its_headers(database: TestDatabase) {
    let app = dev(database).start().await;
    let visitor = app.visitor();
    let image = visitor.upload_one("cat.jpg", &photos::cat()).await;
    let photo = image["@id"].as_str().unwrap().replace("/api", "");
    for path in ["/", &photo, "/nope"] {
        let page = visitor.get(path).await;
        let (text, token) = (text(&page), token(&page));
        let (body, bar) = text.split_once("<aside").unwrap_or_else(|| panic!("{path}: {text}"));
        assert!(body.contains("</footer>"), "{path}: the bar comes last");
        assert!(bar.contains("aria-label=\"Profiler\"") && bar.contains(&token), "{path}: {bar}");
        assert!(bar.contains(&format!("href=\"/_profiler/{token}\"")), "{path}: {bar}");
        assert!(bar.contains("/assets/toolbar.js?v="), "{path}: {bar}");
    }
    let token = token(&visitor.get("/").await);
    for panel in ["request", "messages", "emails", "sql", "logs", "timeline"] {
        let page = visitor.get(&format!("/_profiler/{token}?panel={panel}")).await;
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self'"), "{panel}: {policy}");
        assert_eq!(page.header("cache-control"), Some("no-store"), "{panel}");
        let text = page.text();
        assert!(!text.contains("style=") && !text.contains("<aside"), "{panel}: {text}");
    }
    assert_eq!(visitor.get(&format!("/_profiler/{token}?panel=nope")).await.status, 400);
}
