//! What processes leave that were killed is removed by itself, and nothing else is.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use chrono::TimeDelta;
use ponka::photo::PhotoFormat;
use ponka::photo_storage::original_key;
use ponka::repository::queued_messages;
use ponka::sweep::{AGE, Found, Sweep};
use ponka::upkeep::Upkeep;
use uuid::Uuid;

use crate::support::{TestApp, TestDatabase, Visitor, on_both_databases, photos};

on_both_databases![
    r6_what_was_drawn_of_a_photo_that_was_deleted_meanwhile_is_swept,
    r6_what_a_tidy_up_left_that_was_cut_off_is_swept,
    r6_what_is_young_or_in_work_or_about_to_be_deleted_is_left_alone,
    r6_one_of_all_workers_sweeps_once_an_hour,
    r6_so_many_files_without_photos_are_left_to_a_person,
    r6_files_that_are_missing_are_counted,
];

fn sweep(app: &TestApp) -> Sweep {
    let kernel = &app.kernel;
    let (photos, database) = (kernel.photos.clone(), kernel.database.clone());
    Sweep { photos, database, now: kernel.clock.now(), age: AGE }
}

/// All files become as old as this, by the clock of the test.
fn make_old(app: &TestApp, age: Duration) {
    let then = SystemTime::from(app.kernel.clock.now()) - age;
    for file in app.files() {
        let file = std::fs::File::options().append(true).open(app.uploads.join(file)).unwrap();
        file.set_modified(then).unwrap();
    }
}

const OLD: Duration = Duration::from_secs(2 * 3600);

async fn uploaded(app: &TestApp) -> (Visitor, String, Uuid) {
    let visitor = app.visitor();
    let image = visitor.upload_one("cat.jpg", &photos::cat()).await;
    let id = image["id"].as_str().unwrap();
    let file = format!("SELECT filename AS value FROM image_post WHERE id = '{id}'");
    let file = app.database.values(&file).remove(0).parse().unwrap();
    (visitor, image["@id"].as_str().unwrap().to_owned(), file)
}

/// What a worker has written that is killed before it notes that in the row.
async fn draw_and_die(app: &TestApp, file: Uuid) {
    for rendition in ["a drawn cat", "its tile", "a small one"] {
        let bytes = Bytes::from_static(rendition.as_bytes());
        app.kernel.photos.publish(file, bytes, PhotoFormat::Jpeg).await.unwrap();
    }
}

async fn r6_what_was_drawn_of_a_photo_that_was_deleted_meanwhile_is_swept(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (visitor, path, file) = uploaded(&app).await;
    visitor.delete(&path).await;
    app.work().await;
    app.assert_empty("it was deleted");
    draw_and_die(&app, file).await;
    make_old(&app, OLD);
    let swept = sweep(&app).run(|_| {}).await.unwrap();
    assert_eq!((swept.removed, swept.found.orphans), (3, 3));
    app.assert_empty("swept");
}

async fn r6_what_a_tidy_up_left_that_was_cut_off_is_swept(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (visitor, path, _) = uploaded(&app).await;
    let before: Vec<(String, Vec<u8>)> = app
        .files()
        .into_iter()
        .map(|file| {
            let bytes = std::fs::read(app.uploads.join(&file)).unwrap();
            (file, bytes)
        })
        .collect();
    app.work().await;
    let after = app.files();
    // The original and the previews, as if the worker had died after it noted what it had drawn.
    for (file, bytes) in &before {
        std::fs::write(app.uploads.join(file), bytes).unwrap();
    }
    make_old(&app, OLD);
    assert!(app.files().len() > after.len());
    let swept = sweep(&app).run(|_| {}).await.unwrap();
    assert_eq!((app.files(), swept.found.missing), (after, 0));
    let image = visitor.get(&path).await.json();
    for url in ["url", "thumbnailUrl"] {
        assert_eq!(visitor.get(image[url].as_str().unwrap()).await.status, 200);
    }
}

async fn r6_what_is_young_or_in_work_or_about_to_be_deleted_is_left_alone(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (visitor, path, deleted) = uploaded(&app).await;
    app.work().await;
    visitor.delete(&path).await;
    let (_, _, in_work) = uploaded(&app).await;
    draw_and_die(&app, in_work).await;
    make_old(&app, OLD);
    let young = Uuid::now_v7();
    draw_and_die(&app, young).await;
    let files = app.files();
    let found = sweep(&app).run(|_| {}).await.unwrap().found;
    assert_eq!(app.files(), files);
    let queued = files.iter().filter(|file| file.contains(&deleted.to_string())).count() as u64;
    assert_eq!((found.orphans, found.young, found.to_be_deleted), (0, 3, queued), "{found:?}");
    let queued = app.kernel.database.run(|connection| {
        let files = queued_messages::files_to_be_deleted(connection)?;
        let photos = queued_messages::photos_to_be_visited(connection)?;
        let due = chrono::DateTime::UNIX_EPOCH.naive_utc();
        Ok((files, photos, queued_messages::count_overdue(connection, due)?))
    });
    let (files, photos, overdue) = queued.await.unwrap();
    assert_eq!((files, photos.len(), overdue), ([deleted].into(), 1, 0));
    app.work().await;
    assert_eq!(app.queue("failed").len(), 0, "the deletion found its files");
    assert_eq!(app.database.count("image_post WHERE status = 'done'"), 1);
}

async fn r6_one_of_all_workers_sweeps_once_an_hour(database: TestDatabase) {
    let app = TestApp::start(database).await;
    draw_and_die(&app, Uuid::now_v7()).await;
    make_old(&app, OLD);
    let workers: Vec<Upkeep> = (0..4)
        .map(|_| Upkeep {
            photos: app.kernel.photos.clone(),
            database: app.kernel.database.clone(),
            clock: app.kernel.clock.clone(),
        })
        .collect();
    let once = async || {
        let swept = futures_util::future::join_all(workers.iter().map(Upkeep::once)).await;
        let swept = swept.into_iter().filter_map(|swept| swept.unwrap());
        swept.map(|swept| swept.removed).collect::<Vec<_>>()
    };
    assert_eq!(once().await, Vec::<u64>::new(), "an hour after the first start, not at it");
    app.clock.advance(Duration::from_secs(3599));
    assert_eq!(once().await, Vec::<u64>::new());
    app.clock.advance(Duration::from_secs(1));
    assert_eq!(once().await, [3]);
    app.assert_empty("swept");
    assert_eq!(once().await, Vec::<u64>::new());
    app.clock.advance(Duration::from_secs(3600));
    assert_eq!(once().await, [0]);
}

async fn r6_so_many_files_without_photos_are_left_to_a_person(database: TestDatabase) {
    let app = TestApp::start(database).await;
    for _ in 0..34 {
        draw_and_die(&app, Uuid::now_v7()).await;
    }
    make_old(&app, OLD);
    let found = sweep(&app).run_unasked().await.unwrap().unwrap_err();
    assert_eq!((found.orphans, app.files().len()), (102, 102));
    assert_eq!(sweep(&app).run(|_| {}).await.unwrap().removed, 102);
}

async fn r6_files_that_are_missing_are_counted(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (_, _, waiting) = uploaded(&app).await;
    uploaded(&app).await;
    let look = async || {
        let later = app.kernel.clock.now() + TimeDelta::minutes(2);
        Sweep { now: later, ..sweep(&app) }.look().await.unwrap()
    };
    let all = app.files().len() as u64;
    assert_eq!(look().await, Found { files: all, ..Found::default() });
    std::fs::remove_file(app.uploads.join(original_key(waiting))).unwrap();
    assert_eq!(look().await, Found { files: all - 1, missing: 1, ..Found::default() });
    std::fs::remove_dir_all(app.uploads.join("media")).unwrap();
    assert_eq!(look().await, Found { files: 1, missing: all - 1, ..Found::default() });
    app.work().await;
    assert_eq!(app.database.count("image_post WHERE status = 'done'"), 1);
}
