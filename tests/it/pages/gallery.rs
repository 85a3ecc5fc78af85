//! The gallery page: it works without JavaScript and shows names as text.

use crate::support::{TestApp, TestDatabase, on_both_databases, photos};

on_both_databases![
    the_gallery_works_without_javascript,
    the_title_counts_all_photos,
    a_page_refreshes_itself_only_while_ponka_is_expected,
    sec_13_hostile_names_are_text_on_every_page,
];

async fn the_gallery_works_without_javascript(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    let page = visitor.get("/").await;
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let html = page.text();
    assert!(html.contains("action=\"/images\"") && html.contains("multipart/form-data"));
    assert!(html.contains("name=\"file\"") && html.contains("multiple"));
    let image = visitor.upload_one("cat.jpg", &photos::cat()).await;
    let id = image["id"].as_str().unwrap();
    let html = visitor.get("/").await.text().replace("&#x2f;", "/");
    for part in [
        format!("id=\"photo-{id}\""),
        format!("action=\"/images/{id}/delete\""),
        format!("href=\"/images/{id}\""),
        format!("src=\"{}\"", image["thumbnailUrl"].as_str().unwrap()),
        "data-state=\"queued\"".to_owned(),
    ] {
        assert!(html.contains(&part), "{part} is not in {html}");
    }
    for asset in html.split("\"/assets/").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert_eq!(visitor.get(&format!("/assets/{asset}")).await.status, 200, "{asset}");
    }
    assert!(!html.contains(" style=") && !html.contains(" onclick="));
}

async fn the_title_counts_all_photos(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let titles = ["Ponka’d 0 photos", "Ponka’d 1 photo", "Ponka’d 2 photos"];
    for title in titles {
        let html = app.visitor().get("/").await.text();
        assert!(html.contains(&format!("<title>{title}</title>")), "{html}");
        app.visitor().upload_one("cat.jpg", &photos::jpeg(16, 16)).await;
    }
}

async fn a_page_refreshes_itself_only_while_ponka_is_expected(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    let refreshes = |html: String| html.contains("http-equiv=\"refresh\"");
    assert!(!refreshes(visitor.get("/").await.text()));
    let image = visitor.upload_one("cat.jpg", &photos::cat()).await;
    let own = format!("/images/{}", image["id"].as_str().unwrap());
    for path in ["/", &own] {
        assert!(refreshes(visitor.get(path).await.text()), "{path}");
    }
    let refused = visitor.post_form("/images", &[], &[]).await;
    assert!(!refreshes(refused.text()), "the sentence must stay readable");
    app.work().await;
    for path in ["/", &own] {
        let html = visitor.get(path).await.text();
        assert!(!refreshes(html.clone()) && html.contains("Ponka visited"), "{path} {html}");
    }
}

async fn sec_13_hostile_names_are_text_on_every_page(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    let names = [
        r#"\"><img src=x onerror=alert(1)>.jpg"#,
        "<script>alert(1)<b>.jpg",
        "{{7*7}}{% raw %}.jpg",
        "' onfocus=alert(1) autofocus '.jpg",
        "&lt;b&gt;&amp;.jpg",
    ];
    let photo = photos::jpeg(32, 32);
    for name in names {
        let image = visitor.upload_one(name, &photo).await;
        let own = visitor.get(&format!("/images/{}", image["id"].as_str().unwrap())).await;
        let refused = visitor.post_form("/images", &[], &[(name, b"no photo")]).await;
        let gallery = visitor.get("/").await;
        for html in [own.text(), refused.text(), gallery.text()] {
            for forbidden in
                ["<img src=x", "<script>", "<b>", "49", "' onfocus=alert(1) autofocus '"]
            {
                let outside_of_ids = html.replace(image["id"].as_str().unwrap(), "");
                let is_there = outside_of_ids.contains(forbidden);
                assert!(forbidden == "49" || !is_there, "{forbidden} in {html}");
            }
        }
    }
    let html = visitor.get("/").await.text();
    assert!(html.contains("{{7*7}}{% raw %}.jpg"));
    assert!(html.contains("&amp;lt;b&amp;gt;&amp;amp;.jpg"), "{html}");
}
