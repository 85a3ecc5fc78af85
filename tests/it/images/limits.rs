//! UX-27 and the limits: photos that are there already, too many photos, too many at once.

use std::time::Duration;

use crate::support::{Answer, TestApp, TestDatabase, Visitor, on_both_databases, photos};

on_both_databases![
    ux_27_a_duplicate_is_not_stored_if_that_is_asked_for,
    ux_27_of_several_photos_only_the_new_ones_are_stored,
    ux_27_the_same_photo_many_times_at_once_is_stored_once,
    a_full_gallery_takes_no_more_photos,
    requests_at_once_cannot_fill_a_gallery_beyond_its_quota,
    who_uploads_very_fast_is_asked_to_wait,
    ux_27_a_full_gallery_still_knows_its_photos,
    what_will_not_be_kept_is_not_stored,
    a_guest_who_forgets_the_cookie_is_known_by_the_address,
];

const SKIP: &str = "/api/images?duplicates=skip";

async fn upload(visitor: &Visitor, path: &str, files: &[&[u8]]) -> Answer {
    let files: Vec<(&str, &[u8])> = files.iter().map(|file| ("cat.jpg", *file)).collect();
    visitor.post_form(path, &[], &files).await
}

async fn ux_27_a_duplicate_is_not_stored_if_that_is_asked_for(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    let cat = photos::cat();
    let first = upload(&visitor, SKIP, &[&cat]).await;
    assert_eq!((first.status, first.header("x-ponka-duplicate")), (201, None));
    let files = app.files();
    let again = upload(&visitor, SKIP, &[&cat]).await;
    assert_eq!((again.status, again.header("x-ponka-duplicate")), (200, Some("1")));
    assert_eq!(again.json(), first.json());
    assert_eq!((app.rows(), app.queue("high").len(), app.files()), (1, 1, files));
    app.work().await;
    let done = upload(&visitor, SKIP, &[&cat]).await;
    assert_eq!((done.status, &done.json()["status"]), (200, &"done".into()));
    // Somebody else's photo is no duplicate, and neither is one that is wanted twice.
    assert_eq!(upload(&app.visitor(), SKIP, &[&cat]).await.status, 201);
    assert_eq!(upload(&visitor, "/api/images", &[&cat]).await.status, 201);
    assert_eq!(upload(&visitor, "/images", &[&cat]).await.status, 303);
    assert_eq!(app.rows(), 4);
    assert_eq!(upload(&visitor, "/api/images?duplicates=x", &[&cat]).await.status, 400);
}

async fn ux_27_of_several_photos_only_the_new_ones_are_stored(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    let (one, two) = (photos::cat(), photos::jpeg(30, 20));
    let first = visitor.upload_one("one.jpg", &one).await;
    let answer = upload(&visitor, SKIP, &[&one, &two, &two]).await;
    assert_eq!((answer.status, answer.header("x-ponka-duplicate")), (201, Some("2")));
    let items = answer.json()["items"].as_array().unwrap().clone();
    assert_eq!((items.len(), &items[0]), (3, &first));
    assert_eq!(items[1], items[2]);
    assert_eq!((app.rows(), app.queue("high").len()), (2, 2));
    let all = upload(&visitor, SKIP, &[&one, &two]).await;
    assert_eq!((all.status, all.header("x-ponka-duplicate")), (200, Some("2")));
    app.work().await;
    assert_eq!(app.files().len(), 4, "{:?}", app.files());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ux_27_a_duplicate_of_a_photo_that_is_just_deleted_is_asked_for_once_more() {
    let app = TestApp::start(TestDatabase::sqlite()).await;
    let visitor = app.visitor();
    let (one, two) = (photos::cat(), photos::jpeg(30, 20));
    visitor.upload_one("one.jpg", &one).await;
    let files = app.files();
    app.database.execute(
        "CREATE TRIGGER just_then BEFORE INSERT ON image_post BEGIN DELETE FROM image_post; END",
    );
    let answer = upload(&visitor, SKIP, &[&two, &one]).await;
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert_eq!((app.rows(), app.files()), (1, files), "nothing has happened");
    app.database.execute("DROP TRIGGER just_then");
    let answer = upload(&visitor, SKIP, &[&two, &one]).await;
    assert_eq!((answer.status, answer.header("x-ponka-duplicate")), (201, Some("1")));
}

async fn ux_27_the_same_photo_many_times_at_once_is_stored_once(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    visitor.get("/").await;
    let cat = photos::cat();
    let files = [&cat[..]];
    let uploads = (0..8).map(|_| upload(&visitor, SKIP, &files));
    let answers = futures_util::future::join_all(uploads).await;
    let created = answers.iter().filter(|answer| answer.status == 201).count();
    let known = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!((created, known), (1, 7));
    assert!(answers.iter().all(|answer| answer.json() == answers[0].json()));
    assert_eq!((app.rows(), app.queue("high").len(), app.files().len()), (1, 1, 3));
}

async fn a_full_gallery_takes_no_more_photos(database: TestDatabase) {
    let app = TestApp::builder(database).var("PHOTO_QUOTA", "2").start().await;
    let visitor = app.visitor();
    let cat = photos::cat();
    let first = visitor.upload_one("one.jpg", &cat).await;
    let too_many = upload(&visitor, "/api/images", &[&cat, &cat]).await;
    assert_eq!((too_many.status, too_many.code()), (422, "quota".to_owned()));
    visitor.upload_one("two.jpg", &cat).await;
    let full = upload(&visitor, "/api/images", &[&cat]).await;
    assert_eq!((full.status, full.code()), (422, "quota".to_owned()));
    let sentence = "Your gallery is full (2 of 2). Delete some photos to make room.";
    assert_eq!(full.json()["detail"], sentence);
    let page = upload(&visitor, "/images", &[&cat]).await;
    assert!(page.status == 422 && page.text().contains(sentence));
    assert_eq!(app.files().len(), 6, "{:?}", app.files());
    assert_eq!(upload(&app.visitor(), "/api/images", &[&cat]).await.status, 201);
    visitor.delete(first["@id"].as_str().unwrap()).await;
    visitor.upload_one("three.jpg", &cat).await;
}

async fn requests_at_once_cannot_fill_a_gallery_beyond_its_quota(database: TestDatabase) {
    let app = TestApp::builder(database).var("PHOTO_QUOTA", "3").start().await;
    let visitor = app.visitor();
    visitor.get("/").await;
    let cat = photos::cat();
    let files = [&cat[..]];
    let uploads = (0..8).map(|_| upload(&visitor, "/api/images", &files));
    let answers = futures_util::future::join_all(uploads).await;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 3, "{statuses:?}");
    assert_eq!((app.rows(), app.files().len()), (3, 9), "{:?}", app.files());
}

async fn who_uploads_very_fast_is_asked_to_wait(database: TestDatabase) {
    let app = TestApp::builder(database).var("UPLOADS_PER_MINUTE", "3").start().await;
    let visitor = app.visitor();
    let cat = photos::cat();
    assert_eq!(upload(&visitor, "/api/images", &[&cat, &cat]).await.status, 201);
    assert_eq!(upload(&visitor, "/api/images", &[&cat, &cat]).await.status, 201);
    for path in ["/api/images", "/images"] {
        let answer = upload(&visitor, path, &[&cat]).await;
        assert_eq!((answer.status, answer.header("retry-after")), (429, Some("60")));
        assert!(answer.text().contains("Try again in 60 seconds."), "{}", answer.text());
    }
    assert_eq!((app.rows(), app.files().len()), (4, 12));
    assert_eq!(upload(&app.visitor(), "/api/images", &[&cat]).await.status, 201);
    app.clock.advance(Duration::from_secs(60));
    assert_eq!(upload(&visitor, "/api/images", &[&cat]).await.status, 201);
}

async fn ux_27_a_full_gallery_still_knows_its_photos(database: TestDatabase) {
    let builder = TestApp::builder(database).var("PHOTO_QUOTA", "2");
    let app = builder.var("UPLOADS_PER_MINUTE", "2").start().await;
    let visitor = app.visitor();
    let (one, two, three) = (photos::cat(), photos::jpeg(30, 20), photos::jpeg(20, 30));
    assert_eq!(upload(&visitor, SKIP, &[&one]).await.status, 201);
    for _ in 0..3 {
        let again = upload(&visitor, SKIP, &[&one, &one]).await;
        assert_eq!((again.status, again.header("x-ponka-duplicate")), (200, Some("2")));
    }
    assert_eq!(upload(&visitor, SKIP, &[&one, &two, &two]).await.status, 201, "one of them is new");
    app.clock.advance(Duration::from_secs(60));
    assert_eq!(upload(&visitor, SKIP, &[&two]).await.status, 200);
    let full = upload(&visitor, SKIP, &[&one, &three]).await;
    assert_eq!((full.status, full.code()), (422, "quota".to_owned()));
    assert_eq!((app.rows(), app.files().len()), (2, 6), "{:?}", app.files());
}

/// Whatever is written while the disk is away is refused as `unavailable`.
async fn what_will_not_be_kept_is_not_stored(database: TestDatabase) {
    let builder = TestApp::builder(database).var("PHOTO_QUOTA", "1");
    let app = builder.var("UPLOADS_PER_MINUTE", "2").start().await;
    let (full, fast, cat) = (app.visitor(), app.visitor(), photos::cat());
    let key = [("Idempotency-Key", "once")];
    let first = full.post_form("/api/images", &key, &[("cat.jpg", &cat)]).await;
    for _ in 0..2 {
        let image = fast.upload_one("cat.jpg", &cat).await;
        fast.delete(image["@id"].as_str().unwrap()).await;
    }
    app.work().await;
    std::fs::remove_dir_all(&app.uploads).unwrap();
    std::fs::write(&app.uploads, b"a file where the folder was").unwrap();
    let large = vec![0; 9 << 20];
    let broken = upload(&app.visitor(), "/api/images", &[&large]).await;
    assert_eq!((broken.status, broken.code()), (503, "unavailable".to_owned()));
    for (visitor, path, code) in [
        (&full, "/api/images", "quota"),
        (&fast, "/api/images", "slow_down"),
        (&fast, SKIP, "slow_down"),
    ] {
        assert_eq!(upload(visitor, path, &[&large, &large]).await.code(), code, "{path}");
    }
    assert_eq!(upload(&full, "/images", &[&large, &large]).await.status, 422);
    let again = full.post_form("/api/images", &key, &[("cat.jpg", &large)]).await;
    assert_eq!((again.status, again.json()["id"].clone()), (201, first.json()["id"].clone()));
}

async fn a_guest_who_forgets_the_cookie_is_known_by_the_address(database: TestDatabase) {
    let builder = TestApp::builder(database).var("TRUSTED_PROXIES", "127.0.0.1");
    let app = builder.var("UPLOADS_PER_MINUTE", "2").start().await;
    let vera = crate::accounts::vera(&app).await;
    let cat = photos::jpeg(16, 16);
    let send = async |visitor: &Visitor, from: &str| {
        let headers = [("X-Forwarded-For", from)];
        visitor.post_form("/api/images", &headers, &[("cat.jpg", &cat)]).await.status
    };
    for number in 0..20 {
        assert_eq!(send(&app.visitor(), "192.0.2.1").await, 201, "{number}");
    }
    assert_eq!(send(&app.visitor(), "192.0.2.1").await, 429);
    assert_eq!(send(&app.visitor(), "192.0.2.2").await, 201, "somebody else");
    assert_eq!(send(&vera, "192.0.2.1").await, 201, "an account has a count of its own");
    app.clock.advance(Duration::from_secs(60));
    assert_eq!(send(&app.visitor(), "192.0.2.1").await, 201);
}
