//! S0.11: how long deleting takes, with the route and without it.

use std::time::{Duration, Instant};

use crate::support::{TestApp, TestDatabase, Visitor, photos};

/// The visitor has so many photos, and deletes each; gives the median of the times.
async fn median(app: &TestApp, visitor: &Visitor, count: usize) -> Duration {
    let mut paths = Vec::new();
    for _ in 0..count {
        let image = visitor.upload_one("cat.jpg", &photos::cat()).await;
        paths.push(image["@id"].as_str().unwrap().to_owned());
    }
    let deletions = paths.iter().map(|path| async move {
        let began = Instant::now();
        assert_eq!(visitor.delete(path).await.status, 204);
        began.elapsed()
    });
    let mut times = futures_util::future::join_all(deletions).await;
    times.sort();
    assert_eq!(app.rows(), 0);
    times[count / 2]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s0_11_with_the_route_deleting_takes_less_than_a_tenth() {
    let slow = TestApp::builder(TestDatabase::sqlite()).var("DELETE_SLEEP_MS", "3000").real_clock();
    let off = slow.replace("AsyncMessage = \"async\"", "").start().await;
    let off = median(&off, &off.visitor(), 3).await;
    let slow = TestApp::builder(TestDatabase::sqlite()).var("DELETE_SLEEP_MS", "3000").real_clock();
    let on = slow.start().await;
    let on = median(&on, &on.visitor(), 5).await;
    assert!(off >= Duration::from_secs(3), "{off:?}");
    assert!(on * 10 < off, "{on:?} and {off:?}");
}
