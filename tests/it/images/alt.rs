//! UX-18: every photo says what is to be seen, in its owner's words if there are any.

use serde_json::json;

use crate::support::{TestApp, TestDatabase, Visitor, on_both_databases, photos};

on_both_databases![
    ux_18_a_photo_is_described_and_the_words_stay,
    ux_18_what_cannot_be_taken_is_said,
    sec_16_nobody_else_can_describe_a_photo,
];

const JSON: [(&str, &str); 1] = [("Content-Type", "application/json")];

async fn put(visitor: &Visitor, id: &str, alt: &str) -> crate::support::Answer {
    let body = json!({"alt": alt}).to_string();
    visitor.send("PUT", &format!("/api/images/{id}/alt"), &JSON, body.as_bytes()).await
}

async fn ux_18_a_photo_is_described_and_the_words_stay(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    let image = visitor.upload_one("cat.jpg", &photos::cat()).await;
    let id = image["id"].as_str().unwrap();
    let kept =
        || app.database.values("SELECT COALESCE(alt, '') AS value FROM image_post").remove(0);
    let alt = [("alt", " A cat on a \"chair\" ")];
    let answer = visitor.post(&format!("/images/{id}/alt"), &alt).await;
    let place = format!("/#photo-{id}");
    assert_eq!((answer.status, answer.header("location")), (303, Some(place.as_str())));
    assert_eq!(kept(), "A cat on a \"chair\"");
    assert_eq!(put(&visitor, id, "Zwei Kätzchen").await.status, 204);
    app.work().await;
    assert_eq!(kept(), "Zwei Kätzchen", "also when Ponka has come");
    assert_eq!(put(&visitor, id, "").await.status, 204);
    assert_eq!(kept(), "", "back to what the gallery says by itself");
}

async fn ux_18_what_cannot_be_taken_is_said(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    let image = visitor.upload_one("cat.jpg", &photos::cat()).await;
    let id = image["id"].as_str().unwrap();
    assert_eq!(put(&visitor, id, &"ä".repeat(500)).await.status, 204);
    for (alt, code, words) in [
        ("ä".repeat(501), "too_long", "501 characters"),
        ("two\nlines".to_owned(), "invisible_character", "an invisible character"),
        ("\u{202e}gpj".to_owned(), "invisible_character", "an invisible character"),
        ("\u{200b}\u{200d}".to_owned(), "invisible_character", "an invisible character"),
    ] {
        let problem = put(&visitor, id, &alt).await;
        assert_eq!((problem.status, problem.code()), (422, code.to_owned()));
        assert_eq!(problem.json()["violations"][0]["propertyPath"], "alt");
        let page = visitor.post(&format!("/images/{id}/alt"), &[("alt", &alt)]).await;
        assert!(page.status == 422 && page.text().contains(words), "{}", page.text());
    }
    let path = format!("/api/images/{id}/alt");
    let more = "{\"alt\":\"mine\",\"ownerId\":\"me\"}";
    for body in ["", "{}", "{\"alt\":7}", "alt=x", "[]", more] {
        let answer = visitor.send("PUT", &path, &JSON, body.as_bytes()).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (400, Some("application/problem+json"))
        );
    }
    let long = json!({"alt": "a".repeat(20_000)}).to_string();
    assert_eq!(visitor.send("PUT", &path, &JSON, long.as_bytes()).await.status, 413);
    assert_eq!(app.database.count("image_post WHERE alt LIKE 'ää%'"), 1, "nothing has changed");
}

async fn sec_16_nobody_else_can_describe_a_photo(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let image = app.visitor().upload_one("cat.jpg", &photos::cat()).await;
    let id = image["id"].as_str().unwrap();
    let eve = app.visitor();
    assert_eq!(put(&eve, id, "mine").await.status, 404);
    let page = eve.post(&format!("/images/{id}/alt"), &[("alt", "mine")]).await;
    assert_eq!((page.status, app.database.count("image_post WHERE alt IS NOT NULL")), (404, 0));
}
