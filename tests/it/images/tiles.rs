//! `/tiles`: single tiles, as the page has them.

use crate::support::{TestApp, TestDatabase, on_both_databases, photos};

on_both_databases![ux_12_tiles_come_in_the_order_asked_for, sec_16_tiles_of_others_are_left_out,];

async fn ux_12_tiles_come_in_the_order_asked_for(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    let mut ids = Vec::new();
    for name in ["1.jpg", "2.jpg", "3.jpg"] {
        let image = visitor.upload_one(name, &photos::cat()).await;
        ids.push(image["id"].as_str().unwrap().to_owned());
    }
    ids.swap(0, 1);
    let unknown = uuid::Uuid::now_v7();
    let answer =
        visitor.get(&format!("/tiles?ids={},{unknown},x,,{}", ids.join(","), ids[0])).await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some("text/html; charset=utf-8"))
    );
    let html = answer.text();
    let shown: Vec<&str> =
        html.split("data-photo-id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(shown, ids, "each once: {html}");
    assert!(!html.contains("<html") && html.matches("<li").count() == 3);
    for empty in ["/tiles", "/tiles?ids=", "/tiles?ids=x"] {
        let answer = visitor.get(empty).await;
        assert_eq!((answer.status, answer.body.len()), (200, 0), "{empty}");
    }
    let many: Vec<String> = (0..61).map(|_| uuid::Uuid::now_v7().to_string()).collect();
    assert_eq!(visitor.get(&format!("/tiles?ids={}", many.join(","))).await.status, 400);
    assert_eq!(visitor.get(&format!("/tiles?ids={}", many[1..].join(","))).await.status, 200);
}

async fn sec_16_tiles_of_others_are_left_out(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let image = app.visitor().upload_one("secret.jpg", &photos::cat()).await;
    let answer = app.visitor().get(&format!("/tiles?ids={}", image["id"].as_str().unwrap())).await;
    assert_eq!((answer.status, answer.body.len()), (200, 0));
}
