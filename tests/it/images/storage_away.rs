//! The photo storage is not mounted, or something else is in its place: nothing is taken, nothing lost.

use std::time::Duration;

use messenger_doctrine::Database;
use ponka::config::{AwsVariables, PhotoStorageUrl};
use ponka::photo_storage::{PhotoStorage, StorageError};
use serde_json::Value;

use crate::support::{MARKER, TestApp, TestDatabase, Visitor, on_both_databases, photos};

on_both_databases![
    r2_a_folder_that_is_away_takes_no_photo_and_loses_none,
    r2_what_is_mounted_in_place_of_the_folder_is_noticed,
    r2_a_deletion_waits_until_the_folder_is_back,
    r2_a_storage_of_an_earlier_version_is_known_by_its_photos,
    r2_a_storage_of_another_database_is_left_alone,
    r2_eight_processes_may_set_a_new_storage_up_at_once,
];

/// Takes the folder away, as when its disk is unmounted.
fn take_away(app: &TestApp) -> std::path::PathBuf {
    let away = app.uploads.with_extension("away");
    std::fs::rename(&app.uploads, &away).unwrap();
    away
}

fn bring_back(app: &TestApp) {
    std::fs::rename(app.uploads.with_extension("away"), &app.uploads).unwrap();
}

/// Short photos are written at once, long ones in parts.
async fn assert_nothing_is_taken(visitor: &Visitor) {
    let (short, long) = (photos::jpeg(16, 16), vec![0; 2 << 20]);
    for photo in [&short, &long] {
        let answer = visitor.upload(&[("a.jpg", photo)]).await;
        assert_eq!((answer.status, answer.code()), (503, "unavailable".to_owned()));
        assert_eq!(visitor.post_form("/images", &[], &[("a.jpg", photo)]).await.status, 503);
    }
    let ready = visitor.get("/readyz").await;
    assert_eq!(ready.status, 503);
    assert!(ready.text().contains("the photo storage is away"), "{}", ready.text());
}

async fn status(visitor: &Visitor, image: &Value) -> Value {
    visitor.get(image["@id"].as_str().unwrap()).await.json()["status"].clone()
}

async fn r2_a_folder_that_is_away_takes_no_photo_and_loses_none(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    let image = visitor.upload_one("cat.jpg", &photos::cat()).await;
    let picture = image["url"].as_str().unwrap();
    take_away(&app);
    assert_nothing_is_taken(&visitor).await;
    assert_eq!(visitor.get(picture).await.status, 503, "it is not gone");
    for _ in 0..10 {
        app.work().await;
        app.clock.advance(Duration::from_secs(3600));
    }
    assert_eq!((app.queue("high").len(), app.queue("failed").len()), (1, 0));
    assert_eq!(status(&visitor, &image).await, "queued");
    assert!(!app.uploads.exists(), "nobody makes the folder anew");
    bring_back(&app);
    assert_eq!(visitor.get("/readyz").await.status, 200);
    assert_eq!(visitor.get(picture).await.status, 200);
    app.work().await;
    assert_eq!(status(&visitor, &image).await, "done");
    visitor.upload_one("after.jpg", &photos::cat()).await;
}

async fn r2_what_is_mounted_in_place_of_the_folder_is_noticed(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    visitor.upload_one("cat.jpg", &photos::cat()).await;
    let marker = std::fs::read_to_string(app.uploads.join(MARKER)).unwrap();
    take_away(&app);
    let other = marker.replace(&marker[..8], "00000000");
    for marker in [None, Some(other.as_str()), Some("")] {
        std::fs::create_dir(&app.uploads).unwrap();
        if let Some(marker) = marker {
            std::fs::write(app.uploads.join(MARKER), marker).unwrap();
        }
        assert_nothing_is_taken(&visitor).await;
        app.work().await;
        app.clock.advance(Duration::from_secs(60));
        assert_eq!(app.files(), Vec::<String>::new(), "nothing is written there");
        std::fs::remove_dir_all(&app.uploads).unwrap();
    }
    bring_back(&app);
    app.work().await;
    assert_eq!((app.queued(), app.database.count("image_post WHERE status = 'done'")), (0, 1));
}

async fn r2_a_deletion_waits_until_the_folder_is_back(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    let image = visitor.upload_one("cat.jpg", &photos::cat()).await;
    app.work().await;
    take_away(&app);
    assert_eq!(visitor.delete(image["@id"].as_str().unwrap()).await.status, 204);
    for _ in 0..10 {
        app.work().await;
        app.clock.advance(Duration::from_secs(3600));
    }
    assert_eq!((app.queue("default").len(), app.queue("failed").len()), (1, 0));
    bring_back(&app);
    app.work().await;
    app.assert_empty("the folder is back");
}

/// The same folder, as a program sees it that starts now.
fn opened_by(app: &TestApp, url: &str) -> PhotoStorage {
    let location = PhotoStorageUrl::Folder(app.uploads.clone());
    let storage = PhotoStorage::open(location, &AwsVariables::default()).unwrap();
    storage.guarded_by(Database::open(url).unwrap())
}

async fn r2_a_storage_of_an_earlier_version_is_known_by_its_photos(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.visitor().upload_one("cat.jpg", &photos::cat()).await;
    app.database.execute("DELETE FROM photo_storage");
    std::fs::remove_file(app.uploads.join(MARKER)).unwrap();
    let away = take_away(&app);
    for is_there in [false, true] {
        if is_there {
            std::fs::create_dir(&app.uploads).unwrap();
        }
        let checked = opened_by(&app, &app.database.url).check().await;
        assert!(matches!(checked, Err(StorageError::Away { .. })), "{checked:?}");
    }
    std::fs::remove_dir(&app.uploads).unwrap();
    assert!(!away.join(MARKER).exists());
    bring_back(&app);
    opened_by(&app, &app.database.url).check().await.unwrap();
    assert!(app.uploads.join(MARKER).exists());
}

/// As when somebody starts a program without the environment of the service.
async fn r2_a_storage_of_another_database_is_left_alone(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    visitor.upload_one("first.jpg", &photos::cat()).await;
    let marker = std::fs::read_to_string(app.uploads.join(MARKER)).unwrap();
    let other = TestDatabase::sqlite();
    ponka::migrations::run(&Database::open(&other.url).unwrap()).await.unwrap();
    let stranger = opened_by(&app, &other.url);
    for _ in 0..2 {
        let checked = stranger.check().await;
        assert!(matches!(checked, Err(StorageError::Away { .. })), "{checked:?}");
        visitor.upload_one("cat.jpg", &photos::cat()).await;
    }
    assert!(stranger.list().await.is_err() && stranger.probe().await.is_err());
    assert_eq!(std::fs::read_to_string(app.uploads.join(MARKER)).unwrap(), marker);
    // Unless a person says so. Then it is not the one of the first any more.
    stranger.adopt().await.unwrap();
    stranger.probe().await.unwrap();
    assert_nothing_is_taken(&visitor).await;
    app.kernel.photos.adopt().await.unwrap();
    visitor.upload_one("cat.jpg", &photos::cat()).await;
    assert!(stranger.probe().await.is_err());
}

async fn r2_eight_processes_may_set_a_new_storage_up_at_once(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.database.execute("DELETE FROM photo_storage");
    std::fs::remove_dir_all(&app.uploads).unwrap();
    let storages: Vec<_> = (0..8).map(|_| opened_by(&app, &app.database.url)).collect();
    let checks = storages.iter().map(PhotoStorage::check);
    for checked in futures_util::future::join_all(checks).await {
        checked.unwrap();
    }
    for storage in &storages {
        storage.probe().await.unwrap();
    }
    // One that was killed before it could say so is no stranger.
    app.database.execute("UPDATE photo_storage SET is_set_up = FALSE");
    opened_by(&app, &app.database.url).check().await.unwrap();
    assert_eq!(app.database.count("photo_storage WHERE is_set_up"), 1);
}
