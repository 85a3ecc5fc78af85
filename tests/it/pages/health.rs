//! Whether the process is up, and whether it can work: also while the database goes and comes.

use std::time::{Duration, Instant};

use crate::support::proxy::{Network, Proxy};
use crate::support::{TestApp, TestDatabase, eventually, on_both_databases, photos};

on_both_databases![
    a_healthy_application_says_so,
    a_schema_that_is_not_current_is_not_ready,
    a_storage_that_is_not_there_is_not_ready,
];

async fn a_healthy_application_says_so(database: TestDatabase) {
    let app = TestApp::start(database).await;
    for path in ["/healthz", "/readyz"] {
        let answer = app.visitor().get(path).await;
        assert_eq!((answer.status, answer.json()), (200, serde_json::json!({"status": "ok"})));
        assert_eq!(answer.header("set-cookie"), None);
    }
    assert_eq!(app.files(), Vec::<String>::new(), "the probe cleans up");
}

async fn a_schema_that_is_not_current_is_not_ready(database: TestDatabase) {
    let app = TestApp::builder(database).without_migrations().start().await;
    let answer = app.visitor().get("/readyz").await;
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert!(answer.text().contains("the database schema is not current"), "{}", answer.text());
    assert_eq!(app.visitor().get("/healthz").await.status, 200);
}

async fn a_storage_that_is_not_there_is_not_ready(database: TestDatabase) {
    let app = TestApp::start(database).await;
    std::fs::remove_dir_all(&app.uploads).unwrap();
    std::fs::write(&app.uploads, b"a file where the folder was").unwrap();
    let answer = app.visitor().get("/readyz").await;
    assert_eq!(answer.status, 503);
    assert!(answer.text().contains("the photo storage is away"));
    let upload = app.visitor().upload(&[("a.jpg", &photos::jpeg(16, 16))]).await;
    assert!((500..600).contains(&upload.status), "{}", upload.status);
    assert_eq!((app.rows(), app.queued()), (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ops_19_a_database_that_goes_and_comes_back_is_noticed_within_two_seconds() {
    let Some(database) = TestDatabase::postgres() else { return };
    let proxy = Proxy::start(database.server_address());
    let url = database.through(proxy.port());
    let app = TestApp::builder(database).var("DATABASE_URL", url).start().await;
    let visitor = app.visitor();
    visitor.upload_one("before.jpg", &photos::jpeg(16, 16)).await;
    proxy.set(Network::Cut);
    let files = app.files();
    let began = Instant::now();
    let answer = visitor.get("/readyz").await;
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    assert!(answer.text().contains("the database cannot be reached"), "{}", answer.text());
    assert_eq!(visitor.get("/healthz").await.status, 200);
    for path in ["/", "/api/images"] {
        assert_eq!(visitor.get(path).await.status, 503, "{path}");
    }
    let upload = visitor.upload(&[("lost.jpg", &photos::jpeg(16, 16))]).await;
    assert_eq!(upload.status, 503, "{}", upload.text());
    assert_eq!(app.files(), files, "no row, no file");
    proxy.set(Network::Works);
    let began = Instant::now();
    while visitor.get("/readyz").await.status != 200 {
        assert!(began.elapsed() < Duration::from_secs(5), "it does not come back");
    }
    visitor.upload_one("after.jpg", &photos::jpeg(16, 16)).await;
    app.work().await;
    eventually("both photos to be done", || {
        app.database.count("image_post WHERE status = 'done'") == 2
    })
    .await;
}
