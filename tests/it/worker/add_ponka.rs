//! Ponka's visit: once, in the right corner, and never to a photo that is gone.

use serde_json::Value;

use crate::support::{TestApp, TestDatabase, Visitor, on_both_databases, photos};

on_both_databases![
    a_photo_goes_from_queued_to_done_and_ponka_is_on_it,
    a_second_delivery_changes_nothing,
    a_photo_without_its_original_is_tried_again_and_then_set_aside,
    s0_15_a_missing_row_is_an_alert_and_done,
    sec_05_bombs_that_come_by_sql_fail_and_the_worker_goes_on,
    a_fault_that_passes_is_healed_by_the_retry,
];

async fn image(visitor: &Visitor, image: &Value) -> Value {
    visitor.get(image["@id"].as_str().unwrap()).await.json()
}

async fn picture(visitor: &Visitor, url: &Value) -> image::RgbImage {
    let bytes = visitor.get(url.as_str().unwrap()).await.body;
    image_of(&bytes)
}

fn image_of(jpeg: &[u8]) -> image::RgbImage {
    let mut decoder =
        zune_jpeg::JpegDecoder::new(zune_jpeg::zune_core::bytestream::ZCursor::new(jpeg));
    let pixels = decoder.decode().expect("a JPEG");
    let (width, height) = decoder.dimensions().expect("a size");
    let side = |pixels: usize| u32::try_from(pixels).expect("a small picture");
    image::RgbImage::from_raw(side(width), side(height), pixels).expect("RGB")
}

/// The mean difference of two pictures in a quarter of them.
fn difference(a: &image::RgbImage, b: &image::RgbImage, right: bool, bottom: bool) -> f64 {
    let (width, height) = (a.width() / 2, a.height() / 2);
    let (left, top) = (u32::from(right) * width, u32::from(bottom) * height);
    let mut sum = 0_u64;
    for (x, y) in (left..left + width).flat_map(|x| (top..top + height).map(move |y| (x, y))) {
        let pair = a.get_pixel(x, y).0.into_iter().zip(b.get_pixel(x, y).0);
        sum += pair.map(|(a, b)| u64::from(a.abs_diff(b))).sum::<u64>();
    }
    sum as f64 / f64::from(width * height * 3)
}

async fn a_photo_goes_from_queued_to_done_and_ponka_is_on_it(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    let before = visitor.upload_one("cat.jpg", &photos::jpeg(800, 600)).await;
    app.work().await;
    let after = image(&visitor, &before).await;
    assert_eq!((&before["status"], &after["status"]), (&"queued".into(), &"done".into()));
    assert_eq!(after["ponkaAddedAt"], "2026-01-01T00:00:00.000Z");
    assert_ne!(before["url"], after["url"], "caches never lie");
    assert_ne!(before["thumbnailUrl"], after["thumbnailUrl"]);
    assert_eq!((&after["width"], &after["height"]), (&800.into(), &600.into()));
    let drawn = picture(&visitor, &after["url"]).await;
    let original = image_of(&photos::jpeg(800, 600));
    assert_eq!(drawn.dimensions(), (800, 600));
    let changed = [(false, false), (true, false), (false, true), (true, true)]
        .map(|(right, bottom)| difference(&drawn, &original, right, bottom));
    assert!(changed[3] > 5.0, "Ponka sits at the bottom right: {changed:?}");
    assert!(changed[0] < 2.0 && changed[1] < 2.0, "and nowhere else: {changed:?}");
    assert_eq!(visitor.get(before["url"].as_str().unwrap()).await.status, 404);
    // The photo, its tile, and the smallest copy.
    assert_eq!((app.queued(), app.files().len()), (0, 3), "{:?}", app.files());
    let page = visitor.get("/").await.text();
    assert!(page.contains("data-state=\"done\"") && !page.contains("http-equiv=\"refresh\""));
}

async fn a_second_delivery_changes_nothing(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    let uploaded = visitor.upload_one("cat.jpg", &photos::cat()).await;
    app.database.execute(
        "INSERT INTO messenger_messages (body, headers, queue_name, created_at, available_at) \
         SELECT body, headers, queue_name, created_at, available_at FROM messenger_messages",
    );
    app.worker().run_once().await;
    let first = (image(&visitor, &uploaded).await, app.files());
    app.work_off().await;
    assert_eq!((image(&visitor, &uploaded).await, app.files()), first);
    assert_eq!(app.queued(), 0);
}

async fn a_photo_without_its_original_is_tried_again_and_then_set_aside(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    let uploaded = visitor.upload_one("cat.jpg", &photos::cat()).await;
    let original = app.files().into_iter().find(|file| file.starts_with("originals")).unwrap();
    std::fs::remove_file(app.uploads.join(original)).unwrap();
    app.work().await;
    assert_eq!(image(&visitor, &uploaded).await["status"], "queued");
    assert_eq!((app.queue("high").len(), app.queue("failed").len()), (1, 0), "to be retried");
    app.work_off().await;
    assert_eq!((app.queue("high").len(), app.queue("failed").len()), (0, 1));
}

async fn s0_15_a_missing_row_is_an_alert_and_done(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.visitor().upload_one("cat.jpg", &photos::cat()).await;
    app.database.execute("DELETE FROM image_post");
    app.work().await;
    assert_eq!(app.queued(), 0);
}

async fn sec_05_bombs_that_come_by_sql_fail_and_the_worker_goes_on(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    let cat = photos::cat();
    let bombs = [
        photos::lying_png(65_535, 65_535),
        photos::lying(&cat, 65_500, 65_500),
        photos::lying_png(0, 0),
        cat[..cat.len() / 2].to_vec(),
        b"no photo at all".to_vec(),
        Vec::new(),
    ];
    for bomb in &bombs {
        let image = visitor.upload_one("bomb.jpg", &cat).await;
        let id = image["id"].as_str().unwrap();
        let file = format!("SELECT filename AS value FROM image_post WHERE id = '{id}'");
        let file = app.database.values(&file).remove(0);
        std::fs::write(app.uploads.join("originals").join(file), bomb).unwrap();
    }
    let good = visitor.upload_one("good.jpg", &cat).await;
    let began = std::time::Instant::now();
    app.work().await;
    assert!(began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
    assert_eq!(image(&visitor, &good).await["status"], "done");
    assert_eq!(app.database.count("image_post WHERE status = 'failed'"), bombs.len());
    assert_eq!((app.queue("high").len(), app.queue("failed").len()), (0, bombs.len()));
    let page = visitor.get("/").await.text();
    assert!(page.contains("data-state=\"failed\"") && page.contains("seems cut off"));
}

async fn a_fault_that_passes_is_healed_by_the_retry(database: TestDatabase) {
    let app = TestApp::builder(database).var("FAULT_ADD_PONKA", "times:2").start().await;
    let visitor = app.visitor();
    let uploaded = visitor.upload_one("cat.jpg", &photos::cat()).await;
    app.work().await;
    assert_eq!(image(&visitor, &uploaded).await["status"], "queued");
    app.work_off().await;
    assert_eq!(image(&visitor, &uploaded).await["status"], "done");
    assert_eq!(app.queued(), 0);
}
