//! Deleting: once, twice, fifty times at once, and while Ponka is at work.

use std::time::Duration;

use crate::support::{TestApp, TestDatabase, eventually, on_both_databases, photos};

on_both_databases![
    deleting_twice_is_204_and_then_404,
    the_delete_form_leads_back_to_the_gallery,
    sec_15_fifty_deletes_at_once_send_one_message,
    sec_15_a_photo_deleted_while_ponka_works_leaves_no_file,
    sec_15_a_photo_deleted_while_ponka_works_leaves_no_failed_message,
];

async fn deleting_twice_is_204_and_then_404(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    let image = visitor.upload_one("cat.jpg", &photos::cat()).await;
    let path = image["@id"].as_str().unwrap();
    let first = visitor.delete(path).await;
    assert_eq!((first.status, first.body.len()), (204, 0));
    let second = visitor.delete(path).await;
    assert_eq!(
        (second.status, second.header("content-type")),
        (404, Some("application/problem+json"))
    );
    assert_eq!(visitor.get(path).await.status, 404);
    assert_eq!(visitor.get(image["url"].as_str().unwrap()).await.status, 404);
    app.work_off().await;
    app.assert_empty("after the worker");
}

async fn the_delete_form_leads_back_to_the_gallery(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    let image = visitor.upload_one("cat.jpg", &photos::cat()).await;
    let path = format!("/images/{}/delete", image["id"].as_str().unwrap());
    let answer = visitor.send("POST", &path, &[], b"").await;
    assert_eq!((answer.status, answer.header("location")), (303, Some("/")));
    assert_eq!(visitor.send("POST", &path, &[], b"").await.status, 404);
    assert_eq!(app.rows(), 0);
}

async fn sec_15_fifty_deletes_at_once_send_one_message(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    let image = visitor.upload_one("cat.jpg", &photos::cat()).await;
    let path = image["@id"].as_str().unwrap();
    let deletes = (0..50).map(|_| visitor.delete(path));
    let answers = futures_util::future::join_all(deletes).await;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert!(statuses.iter().all(|status| [204, 404].contains(status)), "{statuses:?}");
    assert!(statuses.contains(&204));
    assert_eq!((app.rows(), app.queue("default").len()), (0, 1));
    app.work_off().await;
    app.assert_empty("after the worker");
}

async fn sec_15_a_photo_deleted_while_ponka_works_leaves_no_file(database: TestDatabase) {
    let app = TestApp::builder(database).var("PONKA_SLEEP_MS", "400").start().await;
    let visitor = app.visitor();
    let image = visitor.upload_one("cat.jpg", &photos::cat()).await;
    let (adding, deleting) = (app.worker_on(&["async_priority_high"]), app.worker_on(&["async"]));
    let at_work = tokio::spawn(async move { adding.run_once().await });
    let processing = "image_post WHERE status = 'processing'";
    eventually("Ponka to be at work", || app.database.count(processing) == 1).await;
    assert_eq!(visitor.delete(image["@id"].as_str().unwrap()).await.status, 204);
    assert_eq!(deleting.run_once().await, 1);
    assert_eq!(at_work.await.unwrap(), 1);
    app.work_off().await;
    app.assert_empty("deleted while Ponka was at work");
}

/// One worker that handles one message at a time: the file is left to its own message, which finds
/// it and does not fail.
async fn sec_15_a_photo_deleted_while_ponka_works_leaves_no_failed_message(database: TestDatabase) {
    let app = TestApp::builder(database).var("PONKA_SLEEP_MS", "400").start().await;
    let visitor = app.visitor();
    let image = visitor.upload_one("cat.jpg", &photos::cat()).await;
    let worker = app.worker_on(&["async_priority_high"]);
    let at_work = tokio::spawn(async move { worker.run_once().await });
    let processing = "image_post WHERE status = 'processing'";
    eventually("Ponka to be at work", || app.database.count(processing) == 1).await;
    assert_eq!(visitor.delete(image["@id"].as_str().unwrap()).await.status, 204);
    assert_eq!(at_work.await.unwrap(), 1);
    app.work_off().await;
    assert_eq!(app.queue("failed").len(), 0);
    app.assert_empty("deleted while the only worker was at work");
}

/// The same, but the deletion comes at every moment of the work in turn.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_15_whenever_the_deletion_comes_no_file_is_left() {
    let app = TestApp::start(TestDatabase::sqlite()).await;
    let visitor = app.visitor();
    let photo = photos::jpeg(640, 480);
    for milliseconds in (0..120).step_by(6) {
        let image = visitor.upload_one("cat.jpg", &photo).await;
        let (adding, deleting) =
            (app.worker_on(&["async_priority_high"]), app.worker_on(&["async"]));
        let at_work = tokio::spawn(async move { adding.run_once().await });
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        assert_eq!(visitor.delete(image["@id"].as_str().unwrap()).await.status, 204);
        deleting.run_once().await;
        at_work.await.unwrap();
        app.work_off().await;
        assert_eq!((app.rows(), app.files()), (0, vec![]), "deleted after {milliseconds} ms");
    }
    let failed = app.queue("failed");
    assert!(failed.is_empty(), "{failed:?}");
}
