//! The gallery page by page, and one photo at a time: each visitor sees only what is theirs.

use std::collections::BTreeSet;

use ponka::repository::photos as photo_rows;
use serde_json::Value;

use crate::support::{TestApp, TestDatabase, on_both_databases, photos};

on_both_databases![
    photos_are_listed_newest_first,
    pages_have_no_gaps_and_no_doubles_while_photos_are_added,
    sec_16_what_belongs_to_somebody_else_does_not_exist,
    a_cursor_that_is_none_is_a_bad_request,
    a_row_with_a_bad_id_is_an_error_that_quotes_it,
];

async fn a_row_with_a_bad_id_is_an_error_that_quotes_it(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    let photo = visitor.upload_one("cat.jpg", &photos::cat()).await;
    app.database.execute("UPDATE image_post SET filename = 'whiskers'");
    let read = app.kernel.database.run(photo_rows::newest).await;
    let said = format!("{:#}", anyhow::Error::from(read.unwrap_err()));
    assert!(said.contains("filename") && said.contains("\"whiskers\" is not a UUID"), "{said}");
    let answer = visitor.get(photo["@id"].as_str().unwrap()).await;
    assert_eq!(answer.status, 500, "not another photo, and not none");
}

fn ids(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap();
    items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

async fn photos_are_listed_newest_first(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    let empty = visitor.get("/api/images").await;
    assert_eq!(empty.json(), serde_json::json!({"items": [], "next": null}));
    for name in ["1.jpg", "2.jpg", "3.jpg"] {
        visitor.upload_one(name, &photos::jpeg(16, 16)).await;
    }
    let page = visitor.get("/api/images").await.json();
    let names: Vec<_> =
        page["items"].as_array().unwrap().iter().map(|item| &item["originalFilename"]).collect();
    assert_eq!(names, ["3.jpg", "2.jpg", "1.jpg"]);
    assert!(page["next"].is_null());
}

/// Copies the only row under fresh ids.
fn multiply(app: &TestApp, count: usize) {
    let columns = "owner_id, filename, original_filename, status, width, height, media, \
                   thumbnail, ponka_added_at, created_at";
    let rows: Vec<String> = (0..count)
        .map(|_| {
            let id = uuid::Uuid::now_v7();
            format!(
                "INSERT INTO image_post (id, {columns}) SELECT '{id}', {columns} \
                 FROM image_post ORDER BY id LIMIT 1;"
            )
        })
        .collect();
    app.database.execute(&format!("BEGIN; {} COMMIT;", rows.concat()));
}

async fn pages_have_no_gaps_and_no_doubles_while_photos_are_added(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    visitor.upload_one("first.jpg", &photos::jpeg(16, 16)).await;
    multiply(&app, 129);
    let mut expected = app.database.values("SELECT id AS value FROM image_post ORDER BY id DESC");
    assert_eq!(expected.len(), 130);
    expected.dedup();
    let (mut seen, mut path, mut pages) = (Vec::new(), "/api/images".to_owned(), 0);
    loop {
        let page = visitor.get(&path).await.json();
        pages += 1;
        seen.extend(ids(&page));
        multiply(&app, 7);
        match page["next"].as_str() {
            Some(cursor) => path = format!("/api/images?cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), seen.len());
    assert_eq!((seen, pages), (expected, 3));
    let page = visitor.get("/").await.text();
    assert_eq!(page.matches("id=\"photo-").count(), 60);
    let older = page.split("href=\"/?cursor=").nth(1).and_then(|rest| rest.split('"').next());
    let second = visitor.get(&format!("/?cursor={}", older.unwrap())).await;
    assert_eq!(second.text().matches("id=\"photo-").count(), 60);
}

async fn sec_16_what_belongs_to_somebody_else_does_not_exist(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (vera, eve) = (app.visitor(), app.visitor());
    let image = vera.upload_one("cat.jpg", &photos::cat()).await;
    let id = image["id"].as_str().unwrap();
    for (method, path) in [
        ("GET", format!("/api/images/{id}")),
        ("DELETE", format!("/api/images/{id}")),
        ("GET", format!("/images/{id}")),
        ("POST", format!("/images/{id}/delete")),
        ("GET", image["url"].as_str().unwrap().to_owned()),
        ("HEAD", image["url"].as_str().unwrap().to_owned()),
        ("GET", image["thumbnailUrl"].as_str().unwrap().to_owned()),
    ] {
        let foreign = eve.send(method, &path, &[], b"").await;
        assert_eq!(foreign.status, 404, "{method} {path}");
        let missing = path.replace(id, &uuid::Uuid::now_v7().to_string());
        let missing = eve.send(method, &missing, &[], b"").await;
        assert_eq!(
            (foreign.body, foreign.status),
            (missing.body, missing.status),
            "{method} {path}"
        );
    }
    assert_eq!(ids(&eve.get("/api/images").await.json()), Vec::<String>::new());
    assert_eq!((app.rows(), app.queue("default").len()), (1, 0));
    assert_eq!(vera.get(&format!("/images/{id}")).await.status, 200);
}

async fn a_cursor_that_is_none_is_a_bad_request(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    for query in ["cursor=x", "cursor=%00", "cursor=1%27%20OR%201=1", "cursor=1&cursor=2"] {
        let answer = visitor.get(&format!("/api/images?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{query}");
        let page = visitor.get(&format!("/?{query}")).await;
        assert_eq!(
            (page.status, page.header("content-type")),
            (400, Some("text/html; charset=utf-8"))
        );
    }
    for empty in ["/?cursor=", "/api/images?cursor=", "/api/images?other=1"] {
        assert_eq!(visitor.get(empty).await.status, 200, "{empty}");
    }
    for id in ["x", "%00", "%ff", "..", "018f0000-0000-7000-8000-00000000000g"] {
        let answer = visitor.get(&format!("/api/images/{id}")).await;
        assert_eq!(answer.status, 404, "{id}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{id}");
        assert_eq!(visitor.get(&format!("/images/{id}")).await.status, 404, "{id}");
    }
}
