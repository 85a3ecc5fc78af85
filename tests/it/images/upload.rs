//! What an upload gives when all is well, and when it is sent again.

use image::ImageFormat;

use crate::support::{TestApp, TestDatabase, on_both_databases, photos};

on_both_databases![
    a_photo_sent_to_the_api_is_a_row_a_message_and_files,
    several_photos_are_a_list_in_their_order,
    the_form_leads_back_to_the_page,
    the_same_key_gives_the_same_photo,
    eight_requests_at_once_with_one_key_make_one_photo,
    the_key_of_one_visitor_means_nothing_for_another,
    without_a_queue_there_is_no_row_and_no_file,
    when_ponka_comes_at_once_the_answer_says_so,
    a_failed_insert_leaves_no_file,
];

async fn a_photo_sent_to_the_api_is_a_row_a_message_and_files(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    let image = visitor.upload_one("cat.jpg", &photos::cat()).await;
    let id = image["id"].as_str().unwrap();
    let mut keys: Vec<&String> = image.as_object().unwrap().keys().collect();
    keys.sort();
    let contract = [
        "@id",
        "createdAt",
        "height",
        "id",
        "originalFilename",
        "ponkaAddedAt",
        "status",
        "thumbnailUrl",
        "url",
        "width",
    ];
    assert_eq!(keys, contract);
    assert_eq!(uuid::Uuid::parse_str(id).unwrap().get_version_num(), 7);
    assert_eq!(image["@id"], format!("/api/images/{id}"));
    assert_eq!(image["createdAt"], "2026-01-01T00:00:00.000Z");
    assert_eq!((&image["width"], &image["height"]), (&320.into(), &240.into()));
    assert_eq!((&image["status"], image["ponkaAddedAt"].is_null()), (&"queued".into(), true));
    assert_eq!(image["originalFilename"], "cat.jpg");
    assert_eq!(app.rows(), 1);
    assert_eq!(app.queue("high"), [format!("{{\"imagePostId\":\"{id}\"}}")]);
    assert!(app.files().iter().any(|file| file.starts_with("originals/")));
    assert_eq!(visitor.get(&format!("/api/images/{id}")).await.json(), image);
    for url in [&image["url"], &image["thumbnailUrl"]] {
        assert_eq!(visitor.get(url.as_str().unwrap()).await.status, 200);
    }
}

async fn several_photos_are_a_list_in_their_order(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let files = [
        ("a.jpg", photos::cat()),
        ("b.png", photos::encoded(ImageFormat::Png)),
        ("c.webp", photos::encoded(ImageFormat::WebP)),
        ("d.gif", photos::encoded(ImageFormat::Gif)),
    ];
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, file)| (*name, &file[..])).collect();
    let answer = app.visitor().upload(&files).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let items = answer.json()["items"].as_array().unwrap().clone();
    let names: Vec<_> = items.iter().map(|item| item["originalFilename"].clone()).collect();
    assert_eq!(names, ["a.jpg", "b.png", "c.webp", "d.gif"]);
    assert_eq!((app.rows(), app.queue("high").len()), (4, 4));
}

async fn the_form_leads_back_to_the_page(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    let photo = photos::cat();
    let files: [(&str, &[u8]); 2] = [("a.jpg", &photo), ("b.jpg", &photo)];
    let answer = visitor.post_form("/images", &[], &files).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert!(answer.header("location").unwrap().starts_with("/#photo-"));
    let page = visitor.get("/").await.text();
    assert_eq!(page.matches("data-state=\"queued\"").count(), 2);
}

async fn the_same_key_gives_the_same_photo(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    visitor.get("/").await;
    let photo = photos::cat();
    let files: [(&str, &[u8]); 2] = [("a.jpg", &photo), ("b.jpg", &photo)];
    let key = [("Idempotency-Key", "k-1")];
    let first = visitor.post_form("/api/images", &key, &files).await;
    let files_before = app.files();
    let second = visitor.post_form("/api/images", &key, &files).await;
    assert_eq!((first.status, second.status), (201, 201));
    assert_eq!(first.json(), second.json());
    assert_eq!((app.rows(), app.queue("high").len()), (2, 2));
    assert_eq!(app.files(), files_before);
}

async fn eight_requests_at_once_with_one_key_make_one_photo(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    visitor.get("/").await;
    let photo = photos::cat();
    let requests = (0..8).map(|_| {
        let files: [(&str, &[u8]); 1] = [("a.jpg", &photo)];
        let visitor = &visitor;
        async move {
            visitor.post_form("/api/images", &[("Idempotency-Key", "once")], &files).await
        }
    });
    let answers = futures_util::future::join_all(requests).await;
    let ids: Vec<_> =
        answers.iter().map(|answer| (answer.status, answer.json()["id"].clone())).collect();
    assert!(ids.iter().all(|one| *one == ids[0] && one.0 == 201), "{ids:?}");
    assert_eq!((app.rows(), app.queue("high").len()), (1, 1));
    assert_eq!(app.files().len(), 3, "{:?}", app.files());
}

async fn the_key_of_one_visitor_means_nothing_for_another(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let photo = photos::cat();
    for _ in 0..2 {
        let key = [("Idempotency-Key", "same")];
        let answer = app.visitor().post_form("/api/images", &key, &[("a.jpg", &photo)]).await;
        assert_eq!(answer.status, 201);
    }
    assert_eq!(app.rows(), 2);
}

async fn without_a_queue_there_is_no_row_and_no_file(database: TestDatabase) {
    let app = TestApp::builder(database)
        .var("MESSENGER_TRANSPORT_DSN", "doctrine://default?auto_setup=0")
        .start()
        .await;
    app.database.execute("DROP TABLE messenger_messages");
    for path in ["/api/images", "/images"] {
        let answer = app.visitor().post_form(path, &[], &[("a.jpg", &photos::cat())]).await;
        assert!((500..600).contains(&answer.status), "{} {}", answer.status, answer.text());
        assert_eq!((app.rows(), app.files().len()), (0, 0));
    }
}

async fn a_failed_insert_leaves_no_file(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.database.execute("DROP TABLE image_post");
    let answer = app.visitor().upload(&[("a.jpg", &photos::cat())]).await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (500, Some("application/problem+json"))
    );
    assert!(!answer.text().contains("image_post"), "no SQL for strangers: {}", answer.text());
    assert_eq!((app.queued(), app.files()), (0, vec![]));
}

async fn when_ponka_comes_at_once_the_answer_says_so(database: TestDatabase) {
    let builder = TestApp::builder(database).var("MESSENGER_TRANSPORT_DSN", "sync://");
    let app = builder.start().await;
    let image = app.visitor().upload_one("cat.jpg", &photos::cat()).await;
    assert_eq!(image["status"], "done");
    assert_eq!(image["ponkaAddedAt"], "2026-01-01T00:00:00.000Z");
    assert_eq!(app.queued(), 0);
}
