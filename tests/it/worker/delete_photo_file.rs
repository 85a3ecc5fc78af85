//! The story of deleting: what goes when, and what stays when something fails.

use std::time::{Duration, Instant};

use messenger::worker::{Worker, WorkerOptions};
use messenger::{Handler, HandlerError, Interface, Messenger, TransactionMiddleware};
use messenger_doctrine::{DatabaseContext as _, UnitOfWork};
use ponka::fault::FaultPoint;
use ponka::handler::Cx;
use ponka::handler::command::DeletePhotoFileHandler;
use ponka::message::COMMAND_BUS;
use ponka::message::command::{DeleteImagePost, DeletePhotoFile};
use ponka::repository::photos as photo_rows;
use serde_json::Value;

use crate::support::{TestApp, TestDatabase, Visitor, eventually, on_both_databases, photos};

on_both_databases![
    s0_1_deleting_a_photo_dispatches_exactly_one_message_for_its_file,
    s0_2_without_a_route_the_file_is_gone_before_the_answer,
    s0_3_if_the_row_cannot_be_deleted_row_and_file_stay,
    s0_4_without_transaction_and_route_a_failed_file_is_never_deleted,
    s0_5_in_one_transaction_a_failed_file_keeps_the_row,
    s0_6_once_routed_the_file_goes_later_and_a_failure_is_kept,
    s0_6b_the_message_is_visible_only_after_the_row_is_gone,
    s0_6b_without_a_queue_row_and_file_stay,
    s0_7_one_line_of_messenger_toml_is_the_whole_difference,
    s0_8_the_row_goes_at_once_and_the_file_a_little_later,
    s0_12_a_missing_file_is_tried_again_and_then_kept_in_failed,
    s0_13_a_file_that_appears_meanwhile_is_deleted,
];

const ROUTE: &str = "AsyncMessage = \"async\"";

async fn uploaded(app: &TestApp) -> (Visitor, String) {
    let visitor = app.visitor();
    let image: Value = visitor.upload_one("cat.jpg", &photos::cat()).await;
    app.database.execute("DELETE FROM messenger_messages");
    (visitor, image["@id"].as_str().unwrap().to_owned())
}

fn only_filename(app: &TestApp) -> String {
    app.database.values("SELECT filename AS value FROM image_post").remove(0)
}

async fn s0_1_deleting_a_photo_dispatches_exactly_one_message_for_its_file(database: TestDatabase) {
    let app = TestApp::builder(database)
        .var("MESSENGER_TRANSPORT_DSN", "in-memory://")
        .replace("options = { queue_name = \"high\" }", "")
        .start()
        .await;
    let (_, path) = uploaded(&app).await;
    let filename = only_filename(&app);
    let image_post_id = path.rsplit('/').next().unwrap().parse().unwrap();
    let delete = DeleteImagePost { image_post_id };
    app.kernel.messenger.dispatch_on(COMMAND_BUS, delete).await.unwrap();
    let sent = app.kernel.in_memory.get("async").unwrap().waiting();
    let files: Vec<_> =
        sent.iter().map(|one| one.message::<DeletePhotoFile>().unwrap().filename.clone()).collect();
    assert_eq!(files, [filename]);
}

async fn s0_2_without_a_route_the_file_is_gone_before_the_answer(database: TestDatabase) {
    let app =
        TestApp::builder(database).replace(ROUTE, "").var("DELETE_SLEEP_MS", "300").start().await;
    let (visitor, path) = uploaded(&app).await;
    let began = Instant::now();
    assert_eq!(visitor.delete(&path).await.status, 204);
    assert!(began.elapsed() >= Duration::from_millis(300));
    app.assert_empty("handled in the request");
    assert!(visitor.get("/api/images").await.json()["items"].as_array().unwrap().is_empty());
}

async fn s0_3_if_the_row_cannot_be_deleted_row_and_file_stay(database: TestDatabase) {
    let app = TestApp::builder(database).var("FAULT_DB_DELETE", "always").start().await;
    let (visitor, path) = uploaded(&app).await;
    let files = app.files();
    let answer = visitor.delete(&path).await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (500, Some("application/problem+json"))
    );
    assert!(!answer.text().contains("FAULT"), "{}", answer.text());
    assert_eq!((app.rows(), app.queued(), app.files()), (1, 0, files));
}

/// The problem that the design removes.
async fn s0_4_without_transaction_and_route_a_failed_file_is_never_deleted(database: TestDatabase) {
    let app = TestApp::builder(database)
        .replace(ROUTE, "")
        .messenger(|text| text.replacen("[\"audit\", \"transaction\"]", "[\"audit\"]", 1))
        .var("FAULT_DELETE_FILE", "always")
        .start()
        .await;
    let (visitor, path) = uploaded(&app).await;
    let files = app.files();
    visitor.delete(&path).await;
    app.work_off().await;
    assert_eq!((app.rows(), app.queued(), app.files()), (0, 0, files));
}

/// Deletes the file inside of the block that deletes the row.
struct DeleteAllAtOnce;

impl Handler<DeleteImagePost, UnitOfWork> for DeleteAllAtOnce {
    type Output = ();

    async fn handle(&self, message: &DeleteImagePost, cx: &mut Cx) -> Result<(), HandlerError> {
        let id = message.image_post_id;
        let deleted = cx.db(move |connection| photo_rows::delete(connection, id)).await?;
        let filename = deleted.expect("there is one").filename;
        cx.dispatch_on(COMMAND_BUS, DeletePhotoFile::of(filename)).await?;
        Ok(())
    }

    fn name(&self) -> &'static str {
        "DeleteAllAtOnce"
    }
}

async fn s0_5_in_one_transaction_a_failed_file_keeps_the_row(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (_, path) = uploaded(&app).await;
    let files = app.files();
    let delete_file = DeletePhotoFileHandler {
        photos: app.kernel.photos.clone(),
        fault: FaultPoint::new("FAULT_DELETE_FILE", ponka::config::Fault::Always),
        sleep: Duration::ZERO,
    };
    let database = app.kernel.database.clone();
    let messenger = Messenger::builder(move || UnitOfWork::new(database.clone()))
        .bus(COMMAND_BUS, |bus| {
            bus.middleware(TransactionMiddleware { except: Some(Interface("LongRunning")) })
                .handler::<DeleteImagePost>(DeleteAllAtOnce)
                .handler::<DeletePhotoFile>(delete_file)
        })
        .build()
        .unwrap();
    let image_post_id = path.rsplit('/').next().unwrap().parse().unwrap();
    let outcome = messenger.dispatch_on(COMMAND_BUS, DeleteImagePost { image_post_id }).await;
    assert!(outcome.is_err());
    assert_eq!((app.rows(), app.queued(), app.files()), (1, 0, files));
}

async fn s0_6_once_routed_the_file_goes_later_and_a_failure_is_kept(database: TestDatabase) {
    let app = TestApp::builder(database).var("FAULT_DELETE_FILE", "times:4").start().await;
    let (visitor, path) = uploaded(&app).await;
    let (files, body) = (app.files(), format!("{{\"filename\":\"{}\"}}", only_filename(&app)));
    assert_eq!(visitor.delete(&path).await.status, 204);
    assert_eq!((app.rows(), app.files()), (0, files.clone()));
    assert_eq!(app.queue("default"), std::slice::from_ref(&body));
    app.work_off().await;
    assert_eq!((app.queue("failed"), app.files()), (vec![body], files));
    // The fault has passed: what was kept can be handled again.
    app.worker_on(&["failed"]).run_once().await;
    app.assert_empty("retried from the failure transport");
}

async fn s0_6b_the_message_is_visible_only_after_the_row_is_gone(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let both = "SELECT p.id AS value FROM image_post p JOIN messenger_messages m \
                ON m.queue_name = 'default' AND m.body LIKE '%' || p.filename || '%'";
    for _ in 0..10 {
        let (visitor, path) = uploaded(&app).await;
        let deleting = tokio::spawn(async move { visitor.delete(&path).await.status });
        while app.queue("default").is_empty() {
            assert_eq!(app.database.values(both), Vec::<String>::new());
        }
        assert_eq!(app.rows(), 0);
        assert_eq!(deleting.await.unwrap(), 204);
        app.work_off().await;
    }
    app.assert_empty("ten deletions");
}

async fn s0_7_one_line_of_messenger_toml_is_the_whole_difference(database: TestDatabase) {
    let app = TestApp::builder(database)
        .replace(ROUTE, "DeletePhotoFile = \"async_priority_high\"")
        .start()
        .await;
    let (visitor, path) = uploaded(&app).await;
    assert_eq!(visitor.delete(&path).await.status, 204);
    assert_eq!((app.queue("high").len(), app.queue("default").len()), (1, 0));
}

async fn s0_8_the_row_goes_at_once_and_the_file_a_little_later(database: TestDatabase) {
    let app = TestApp::builder(database).var("DELETE_SLEEP_MS", "500").real_clock().start().await;
    let (visitor, path) = uploaded(&app).await;
    let worker = Worker::new(app.kernel.messenger.clone(), &["async"], WorkerOptions::default());
    let worker = worker.unwrap();
    let stop = worker.stop_handle();
    let running = tokio::spawn(async move { worker.run(std::future::pending()).await });
    let began = Instant::now();
    assert_eq!(visitor.delete(&path).await.status, 204);
    assert!(began.elapsed() < Duration::from_millis(400), "{:?}", began.elapsed());
    assert_eq!((app.rows(), app.files().len()), (0, 3));
    eventually("the file to go", || app.files().is_empty()).await;
    assert!(began.elapsed() < Duration::from_millis(4_000), "{:?}", began.elapsed());
    stop.stop();
    running.await.unwrap();
}

async fn s0_12_a_missing_file_is_tried_again_and_then_kept_in_failed(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (visitor, path) = uploaded(&app).await;
    std::fs::remove_dir_all(app.uploads.join("originals")).unwrap();
    std::fs::remove_dir_all(app.uploads.join("media")).unwrap();
    assert_eq!(visitor.delete(&path).await.status, 204);
    for attempt in 0..4 {
        assert_eq!((app.queue("default").len(), app.queue("failed").len()), (1, 0), "{attempt}");
        app.work().await;
        app.clock.advance(Duration::from_secs(10));
    }
    assert_eq!((app.queue("default").len(), app.queue("failed").len()), (0, 1));
}

async fn s0_13_a_file_that_appears_meanwhile_is_deleted(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (visitor, path) = uploaded(&app).await;
    let away = app.uploads.with_extension("away");
    std::fs::rename(&app.uploads, &away).unwrap();
    visitor.delete(&path).await;
    app.work().await;
    std::fs::remove_dir_all(&app.uploads).ok();
    std::fs::rename(&away, &app.uploads).unwrap();
    app.work_off().await;
    app.assert_empty("the storage came back");
}

async fn s0_6b_without_a_queue_row_and_file_stay(database: TestDatabase) {
    let app = TestApp::builder(database)
        .var("MESSENGER_TRANSPORT_DSN", "doctrine://default?auto_setup=0")
        .start()
        .await;
    let (visitor, path) = uploaded(&app).await;
    let files = app.files();
    app.database.execute("ALTER TABLE messenger_messages RENAME TO away");
    let status = visitor.delete(&path).await.status;
    app.database.execute("ALTER TABLE away RENAME TO messenger_messages");
    assert_eq!((app.rows(), app.queued(), app.files()), (1, 0, files), "{status}");
    assert_eq!(status, 500);
}
