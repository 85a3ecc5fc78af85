//! What a profile never holds.

use serde_json::json;

use super::recorded::{Anything, messenger, record};
use super::{dev, panel, panel_of, token};
use crate::support::{TestDatabase, on_both_databases, photos};

on_both_databases![
    sec_14_no_secret_of_a_request_is_in_its_profile,
    sec_14_no_secret_of_a_message_is_in_its_profile,
    what_comes_from_outside_is_text,
];

const PANELS: [&str; 6] = ["request", "messages", "emails", "sql", "logs", "timeline"];

async fn sec_14_no_secret_of_a_request_is_in_its_profile(database: TestDatabase) {
    let app = dev(database).start().await;
    let visitor = app.visitor();
    visitor.set_cookie("ponka_visitor", Some("canary"));
    let headers = [
        ("Authorization", "Bearer canary"),
        ("X-Api-Key", "canary"),
        ("Referer", "http://localhost/reset?token=canary"),
        ("Idempotency-Key", "7"),
    ];
    let path = "/images?password=canary&page=2";
    let answer = visitor.post_form(path, &headers, &[("cat.jpg", &photos::cat())]).await;
    assert_eq!(answer.status, 303);
    for name in PANELS {
        let page = panel(&visitor, &answer, name).await;
        assert!(!page.contains("canary"), "{name}: {page}");
    }
    let page = panel(&visitor, &answer, "request").await;
    for part in [
        "/images?password=***&amp;page=2",
        "ponka_visitor=***",
        "<code>file</code>",
        "?token=***",
        "<td>7</td>",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let set = visitor.cookie("ponka_visitor").unwrap();
    assert!(!page.contains(&set), "the new cookie is a secret as well");
    let list = visitor.get("/_profiler").await.text();
    assert!(!list.contains("canary"), "{list}");
}

async fn sec_14_no_secret_of_a_message_is_in_its_profile(database: TestDatabase) {
    let app = dev(database).start().await;
    let message = json!({
        "name": "Vera", "password": "canary", "passwordHash": "canary",
        "deep": [{"session_token": "canary", "mailerDsn": "smtp://me:canary@host"}],
        "url": "smtp://me:canary@host/x", "refuse": "password: \"canary\" is wrong",
    });
    let token = record(&app, &messenger(&app, &[]), [Anything(message).into()]).await;
    let visitor = app.visitor();
    for name in PANELS {
        let page = panel_of(&visitor, &token, name).await;
        assert!(!page.contains("canary"), "{name}: {page}");
    }
    let page = panel_of(&visitor, &token, "messages").await;
    assert!(page.contains("Vera") && page.contains("smtp://me:***@host"), "{page}");
}

async fn what_comes_from_outside_is_text(database: TestDatabase) {
    let app = dev(database).start().await;
    let visitor = app.visitor();
    let hostile = "\"><script>alert(1)</script>{{7*7}}";
    let path = "/%3Cscript%3Ealert(1)%3C/script%3E?x='onload=alert(1)";
    let answer = visitor.send("GET", path, &[("User-Agent", hostile)], b"").await;
    let message = Anything(json!({hostile: hostile, "refuse": hostile}));
    let recorded = record(&app, &messenger(&app, &[]), [message.into()]).await;
    for token in [token(&answer), recorded] {
        for name in PANELS {
            let page = panel_of(&visitor, &token, name).await;
            assert!(!page.contains("<script>alert"), "{name}: {page}");
        }
    }
    let page = panel(&visitor, &answer, "request").await;
    assert!(page.contains("&lt;script&gt;alert(1)") && page.contains("{{7*7}}"), "{page}");
    let unknown = visitor.get("/_profiler/%3Cscript%3E").await;
    assert_eq!(unknown.status, 404);
    assert!(!unknown.text().contains("<script>"));
}
