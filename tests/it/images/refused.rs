//! What is not taken, and with which words: the same in JSON and on the page, and nothing stays.

use std::time::{Duration, Instant};

use image::ImageFormat;

use crate::support::{Answer, TestApp, TestDatabase, Visitor, on_both_databases, photos};

on_both_databases![
    sec_05_what_is_too_large_is_refused_by_its_header,
    guests_may_not_upload_where_guest_uploads_is_0,
    sec_04_what_is_no_photo_is_refused_by_its_bytes,
];

/// So fast is a file refused whose header says enough.
const AT_ONCE: Duration = Duration::from_millis(if cfg!(debug_assertions) { 1000 } else { 100 });
const LIMIT: &str = "be up to 50 megapixels";

/// Sends the files to the API and to the form; both refuse with the same sentence.
async fn refused(app: &TestApp, files: &[(&str, &[u8])]) -> (u16, String, String) {
    let visitor = app.visitor();
    let api = visitor.upload(files).await;
    assert_eq!(api.header("content-type"), Some("application/problem+json"), "{}", api.text());
    let page = visitor.post_form("/images", &[], files).await;
    assert_eq!(page.status, api.status, "{}", page.text());
    let sentence = api.json()["detail"].as_str().unwrap().to_owned();
    assert_eq!(api.json()["violations"][0]["title"], sentence);
    assert_eq!(api.json()["violations"][0]["propertyPath"], "file");
    assert_eq!(api.json()["status"], api.status);
    let escaped = sentence.replace('\'', "&#x27;").replace('"', "&quot;");
    assert!(page.text().contains(&escaped), "{escaped} is not in {}", page.text());
    app.assert_empty(&sentence);
    (api.status, api.code(), sentence)
}

async fn sec_05_what_is_too_large_is_refused_by_its_header(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let cat = photos::cat();
    for (file, pixels) in [
        (photos::lying(&cat, 12_001, 10), "12001 × 10"),
        (photos::lying(&cat, 65_535, 65_535), "65535 × 65535"),
        (photos::lying(&cat, 8_000, 8_000), "8000 × 8000"),
        (photos::lying_png(65_535, 65_535), "65535 × 65535"),
        (photos::lying_png(2_147_483_647, 2_147_483_647), "2147483647 × 2147483647"),
    ] {
        let (status, code, sentence) = refused(&app, &[("big.jpg", &file)]).await;
        assert_eq!((status, code.as_str()), (422, "too_many_pixels"));
        let limit = if pixels == "12001 × 10" { "have up to 12,000 on a side" } else { LIMIT };
        assert_eq!(sentence, format!("big.jpg is {pixels} pixels. Photos can {limit}."));
        let visitor = app.visitor();
        let mut fastest = Duration::MAX;
        for _ in 0..3 {
            let began = Instant::now();
            assert_eq!(visitor.upload(&[("big.jpg", &file)]).await.status, 422);
            fastest = fastest.min(began.elapsed());
        }
        assert!(fastest < AT_ONCE, "no pixel is decoded: {fastest:?}");
    }
}

async fn sec_04_what_is_no_photo_is_refused_by_its_bytes(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let files: [(&str, &[u8]); 13] = [
        ("evil.jpg", b"<!doctype html><script>alert(document.domain)</script>"),
        ("evil.svg.png", b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>"),
        ("x.svgz", b"\x1f\x8b\x08\0\0\0\0\0\0\x03"),
        ("x.pdf.jpg", b"%PDF-1.7\n"),
        ("x.eps", b"%!PS-Adobe-3.0 EPSF-3.0\n"),
        ("x.tiff", b"II*\0\x08\0\0\0"),
        ("x.bmp", b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0"),
        ("x.ico", b"\0\0\x01\0\x01\0\x10\x10\0\0\x01\0"),
        ("x.mp4", b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2"),
        ("x.avi.webp", b"RIFF\x10\0\0\0AVI LIST"),
        ("short.jpg", b"\xff"),
        ("text.gif", b"GIF"),
        ("empty.jpg", b""),
    ];
    for (name, bytes) in files {
        let (status, code, sentence) = refused(&app, &[(name, bytes)]).await;
        assert_eq!((status, code.as_str()), (415, "not_supported"), "{name}");
        assert_eq!(sentence, format!("{name} isn't a JPEG, PNG, WebP or GIF image."));
    }
    let heic: &[u8] = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";
    let (status, code, sentence) = refused(&app, &[("IMG_1.HEIC", heic)]).await;
    assert_eq!((status, code.as_str()), (415, "heic"));
    assert!(sentence.starts_with("HEIC isn't supported. On iPhone choose Settings"));
}

async fn guests_may_not_upload_where_guest_uploads_is_0(database: TestDatabase) {
    let app = TestApp::builder(database).var("GUEST_UPLOADS", "0").start().await;
    let (status, code, _) = refused(&app, &[("cat.jpg", &photos::cat())]).await;
    assert_eq!((status, code.as_str()), (401, "signed_out"));
}

async fn sqlite() -> TestApp {
    TestApp::start(TestDatabase::sqlite()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_more_than_ten_megabytes_is_too_big() {
    let app = sqlite().await;
    let mut file = photos::cat();
    file.resize(11 * 1024 * 1024, 0);
    let (status, code, sentence) = refused(&app, &[("big.jpg", &file)]).await;
    assert_eq!((status, code.as_str()), (413, "too_big"));
    assert_eq!(sentence, "big.jpg is 11.6 MB. Photos can be up to 10 MB.");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_one_files_are_too_many_and_twenty_are_not() {
    let app = sqlite().await;
    let cat = photos::jpeg(16, 16);
    let files = |count| vec![("cat.jpg", &cat[..]); count];
    let (status, code, sentence) = refused(&app, &files(21)).await;
    assert_eq!((status, code.as_str()), (422, "too_many"));
    assert_eq!(sentence, "You can add 20 photos at a time. You chose 21.");
    assert_eq!(app.visitor().upload(&files(20)).await.status, 201);
    assert_eq!((app.rows(), app.queue("high").len()), (20, 20));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_truncated_photo_seems_cut_off_in_every_format() {
    let app = sqlite().await;
    let formats = [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif];
    let files = formats.map(photos::encoded).into_iter().chain([photos::cat()]);
    for file in files {
        let half = &file[..file.len() / 2];
        let (status, code, sentence) = refused(&app, &[("half", half)]).await;
        assert_eq!((status, code.as_str()), (422, "incomplete"), "{:?}", &file[..4]);
        assert_eq!(sentence, "half seems cut off. Try uploading it again.");
    }
    for file in [&b"\xff\xd8\xff\xe0"[..], b"GIF89a/*\0\0\0\0*/=1;//<script>alert(1)</script>"] {
        let (status, code, _) = refused(&app, &[("stub", file)]).await;
        assert!((422..=422).contains(&status), "{status} {code}");
    }
    let (status, ..) = refused(&app, &[("zero.png", &photos::lying_png(0, 0))]).await;
    assert_eq!(status, 422);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_bad_file_among_good_ones_refuses_them_all() {
    let app = sqlite().await;
    let cat = photos::cat();
    let files: [(&str, &[u8]); 3] = [("a.jpg", &cat), ("bad.jpg", b"no photo"), ("c.jpg", &cat)];
    let (status, code, sentence) = refused(&app, &files).await;
    assert_eq!((status, code.as_str()), (415, "not_supported"));
    assert!(sentence.starts_with("bad.jpg "));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_without_a_photo_and_another_body_are_refused() {
    let app = sqlite().await;
    let (status, code, _) = refused(&app, &[]).await;
    assert_eq!((status, code.as_str()), (422, "no_file"));
    let visitor = app.visitor();
    let json = [("Content-Type", "application/json")];
    let answer = visitor.send("POST", "/api/images", &json, b"{}").await;
    assert_eq!((answer.status, answer.code().as_str()), (415, "not_a_form"));
    for key in ["", &"k".repeat(201), "k\u{e9}"] {
        let answer = upload_with_key(&visitor, key).await;
        assert_eq!(answer.status, 400, "{key}");
    }
    app.assert_empty("bad keys");
}

async fn upload_with_key(visitor: &Visitor, key: &str) -> Answer {
    let files = [("cat.jpg", &photos::cat()[..])];
    visitor.post_form("/api/images", &[("Idempotency-Key", key)], &files).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_05_ten_bombs_at_once_are_all_refused_and_a_long_photo_is_not() {
    let app = sqlite().await;
    let bomb = photos::lying(&photos::cat(), 65_500, 65_500);
    let uploads = (0..10).map(|_| async {
        let visitor = app.visitor();
        visitor.upload(&[("bomb.jpg", &bomb)]).await.status
    });
    assert_eq!(futures_util::future::join_all(uploads).await, [422; 10]);
    app.assert_empty("ten bombs");
    let long = app.visitor().upload_one("long.jpg", &photos::jpeg(12_000, 16)).await;
    assert_eq!(long["width"], 12_000);
    app.work().await;
    assert_eq!(app.database.count("image_post WHERE status = 'done'"), 1);
}
