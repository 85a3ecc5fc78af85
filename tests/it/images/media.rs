//! The bytes of photos: ours, cached for ever, and without a trace of where they come from.

use crate::support::{TestApp, TestDatabase, on_both_databases, photos};

on_both_databases![
    media_are_cached_by_their_content,
    sec_06_metadata_is_gone_from_everything_that_is_served,
    sec_02_no_path_leads_out_of_the_media,
];

async fn media_are_cached_by_their_content(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    let image = visitor.upload_one("cat.html", &photos::cat()).await;
    let url = image["url"].as_str().unwrap();
    let answer = visitor.get(url).await;
    for (name, value) in [
        ("content-type", "image/jpeg"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; sandbox"),
        ("cache-control", "private, max-age=31536000, immutable"),
        ("cross-origin-resource-policy", "same-origin"),
        ("x-frame-options", "DENY"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
    let disposition = answer.header("content-disposition").unwrap();
    assert!(
        disposition.starts_with("inline; filename=\"photo-") && disposition.ends_with(".jpg\"")
    );
    let length = answer.body.len().to_string();
    assert_eq!(answer.header("content-length"), Some(length.as_str()));
    assert_eq!(answer.header("set-cookie"), None);
    let tag = answer.header("etag").unwrap();
    let head = visitor.send("HEAD", url, &[], b"").await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), Some(length.as_str()));
    for header in [tag, "*", &format!("\"x\", W/{tag}")] {
        let known = visitor.send("GET", url, &[("If-None-Match", header)], b"").await;
        assert_eq!((known.status, known.body.len()), (304, 0));
        assert_eq!(known.header("etag"), Some(tag));
    }
    let stranger = app.visitor().send("GET", url, &[("If-None-Match", "*")], b"").await;
    assert_eq!(stranger.status, 404);
}

async fn sec_06_metadata_is_gone_from_everything_that_is_served(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    let original = photos::with_metadata(&photos::cat());
    let image = visitor.upload_one("cat.jpg", &original).await;
    let before = served(&visitor, &image).await;
    app.work().await;
    let path = image["@id"].as_str().unwrap();
    let image = visitor.get(path).await.json();
    assert_eq!(image["status"], "done");
    let after = served(&visitor, &image).await;
    for bytes in before.iter().chain(&after) {
        assert_ne!(*bytes, original, "the original is never served");
        for secret in [&b"SpyCam"[..], b"GPS", b"xmpmeta", b"Exif", b"<script", b"<html"] {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret), "{secret:?}");
        }
    }
    let originals = app.files().into_iter().filter(|file| file.starts_with("originals"));
    assert_eq!(originals.count(), 0, "after Ponka's visit nobody needs the original");
}

async fn served(visitor: &crate::support::Visitor, image: &serde_json::Value) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for url in [&image["url"], &image["thumbnailUrl"]] {
        let answer = visitor.get(url.as_str().unwrap()).await;
        assert_eq!(answer.status, 200);
        all.push(answer.body);
    }
    all
}

async fn sec_02_no_path_leads_out_of_the_media(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    visitor.upload_one("cat.jpg", &photos::jpeg(16, 16)).await;
    let original = app.files().into_iter().find(|file| file.starts_with("originals/")).unwrap();
    for path in [
        "/media/..%2f..%2fetc%2fpasswd",
        "/media/%252e%252e%252fetc",
        "/media//etc/passwd",
        "/media/../../etc/passwd",
        "/media/%00",
        "/media/",
        "/media/%ff%fe.jpg",
        &format!("/media/{original}"),
        &format!("/media/..%2f{}", original.replace('/', "%2f")),
        "/assets/..%2f..%2fCargo.toml",
        "/assets/../Cargo.toml",
        "/assets//etc/passwd",
    ] {
        assert_eq!(visitor.get(path).await.status, 404, "{path}");
    }
}
