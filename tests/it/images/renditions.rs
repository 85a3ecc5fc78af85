//! UX-23, UX-24: a photo in the sizes that pages need, and something to see before it comes.

use crate::support::{TestApp, TestDatabase, Visitor, on_both_databases, photos};

on_both_databases![
    ux_24_a_large_photo_has_copies_in_three_sizes,
    ux_24_a_small_photo_has_no_copies_that_are_no_smaller,
    ux_23_a_photo_has_a_placeholder,
    every_rendition_goes_with_its_photo,
];

/// The names of the renditions in the row.
fn names(app: &TestApp) -> Vec<String> {
    let columns = ["small", "thumbnail", "large", "media"];
    let value = |column| {
        let sql = format!("SELECT COALESCE({column}, '-') AS value FROM image_post");
        app.database.values(&sql).remove(0)
    };
    columns.map(value).to_vec()
}

async fn width(visitor: &Visitor, name: &str) -> Option<u32> {
    if name == "-" {
        return None;
    }
    let answer = visitor.get(&format!("/media/{name}")).await;
    assert_eq!(answer.status, 200, "{name}");
    let mut decoder = zune_jpeg::JpegDecoder::new(zune_jpeg::zune_core::bytestream::ZCursor::new(
        answer.body.as_slice(),
    ));
    decoder.decode_headers().unwrap();
    decoder.info().map(|info| info.width.into())
}

async fn widths(app: &TestApp, visitor: &Visitor) -> Vec<Option<u32>> {
    let mut widths = Vec::new();
    for name in names(app) {
        widths.push(width(visitor, &name).await);
    }
    widths
}

async fn ux_24_a_large_photo_has_copies_in_three_sizes(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    visitor.upload_one("cat.jpg", &photos::jpeg(1600, 1200)).await;
    assert_eq!(widths(&app, &visitor).await, [Some(320), Some(640), None, Some(1280)]);
    let before = names(&app);
    app.work().await;
    assert_eq!(widths(&app, &visitor).await, [Some(320), Some(640), Some(1280), Some(1600)]);
    for old in before.iter().filter(|name| *name != "-") {
        assert_eq!(visitor.get(&format!("/media/{old}")).await.status, 404, "{old}");
    }
    assert_eq!(app.files().len(), 4, "{:?}", app.files());
}

async fn ux_24_a_small_photo_has_no_copies_that_are_no_smaller(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    visitor.upload_one("cat.jpg", &photos::jpeg(300, 500)).await;
    assert_eq!(widths(&app, &visitor).await, [Some(192), Some(300), None, Some(300)]);
    app.work().await;
    assert_eq!(widths(&app, &visitor).await, [Some(192), Some(300), None, Some(300)]);
}

async fn ux_23_a_photo_has_a_placeholder(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    visitor.upload_one("cat.jpg", &photos::jpeg(1600, 1200)).await;
    let hash = || app.database.values("SELECT placeholder AS value FROM image_post").remove(0);
    let before = hash();
    assert!(ponka::photo::placeholder_png(&before).is_some(), "{before}");
    app.work().await;
    assert_ne!(hash(), before, "a cat has come");
    assert!(ponka::photo::placeholder_png(&hash()).is_some());
}

async fn every_rendition_goes_with_its_photo(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    for is_done in [false, true] {
        let image = visitor.upload_one("cat.jpg", &photos::jpeg(1600, 1200)).await;
        if is_done {
            app.work().await;
        }
        visitor.delete(image["@id"].as_str().unwrap()).await;
        app.work().await;
        app.assert_empty("everything is gone");
    }
}
