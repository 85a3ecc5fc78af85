//! Where there is no developer there is no profiler.

use crate::support::{TestApp, TestDatabase, on_both_databases, photos};

on_both_databases![
    in_the_test_environment_there_is_no_profiler,
    in_production_there_is_no_profiler,
];

async fn in_the_test_environment_there_is_no_profiler(database: TestDatabase) {
    there_is_no_profiler(database, "test").await;
}

async fn in_production_there_is_no_profiler(database: TestDatabase) {
    there_is_no_profiler(database, "prod").await;
}

async fn there_is_no_profiler(database: TestDatabase, env: &str) {
    let app = TestApp::builder(database)
        .var("APP_ENV", env)
        .var("APP_SECRET", "a secret of more than thirty-two bytes, for tests")
        .var("GUEST_UPLOADS", "1")
        .start()
        .await;
    let visitor = app.visitor();
    let upload = visitor.post_form("/images", &[], &[("cat.jpg", &photos::cat())]).await;
    assert_eq!(upload.status, 303, "{env}");
    assert_eq!(visitor.cookie("ponka_redirect"), None);
    let home = visitor.get("/").await;
    assert!(!home.text().contains("_profiler"), "{env}");
    for path in [
        "/_profiler",
        "/_profiler/latest",
        "/_profiler/0123456789",
        "/_profiler/0123456789.json",
        "/_profiler/0123456789/emails/0/html",
    ] {
        let answer = visitor.get(path).await;
        let nowhere = visitor.get("/nowhere").await;
        assert_eq!((answer.status, &answer.body), (404, &nowhere.body), "{env} {path}");
        assert_eq!(answer.header("x-debug-token"), None, "{env} {path}");
    }
    for answer in [upload, home, visitor.get("/healthz").await] {
        assert_eq!(answer.header("x-debug-token"), None, "{env}");
        assert_eq!(answer.header("x-debug-token-link"), None, "{env}");
    }
    app.work().await;
    assert_eq!(app.database.count("message_trace"), 0, "{env}: workers are not watched");
}
