//! What became of a queued message after the request.

use super::{dev, panel};
use crate::support::{TestDatabase, eventually, on_both_databases, photos};

on_both_databases![
    ops_16_a_profile_tells_when_a_worker_has_handled_its_message,
    a_profile_tells_how_often_its_message_failed,
    the_notes_are_pruned,
];

async fn ops_16_a_profile_tells_when_a_worker_has_handled_its_message(database: TestDatabase) {
    let app = dev(database).start().await;
    let visitor = app.visitor();
    let answer = visitor.upload(&[("cat.jpg", &photos::cat())]).await;
    let page = panel(&visitor, &answer, "messages").await;
    assert!(page.contains("→ waiting for a worker"), "{page}");

    app.work().await;
    let done = "SELECT id AS value FROM message_trace WHERE event = 'handled'";
    let done = done.replace("SELECT id", "SELECT CAST(id AS TEXT)");
    eventually("it is noted", || app.database.values(&done).len() == 1).await;
    let page = panel(&visitor, &answer, "messages").await;
    let worker = format!("/{}, attempt 1, ", std::process::id());
    assert!(page.contains("→ handled by ") && page.contains(&worker), "{page}");
    assert!(page.contains(" ms ago (it took "), "{page}");
}

async fn a_profile_tells_how_often_its_message_failed(database: TestDatabase) {
    let app = dev(database).var("FAULT_ADD_PONKA", "always").start().await;
    let visitor = app.visitor();
    let answer = visitor.upload(&[("cat.jpg", &photos::cat())]).await;

    app.work().await;
    eventually("a retry is noted", || app.database.count("message_trace") == 2).await;
    let page = panel(&visitor, &answer, "messages").await;
    assert!(page.contains("→ attempt 1 failed at ") && page.contains("tried again"), "{page}");

    app.work_off().await;
    let failed = "SELECT worker AS value FROM message_trace WHERE event = 'failed' AND attempt = 4";
    eventually("the end is noted", || app.database.values(failed).len() == 1).await;
    let page = panel(&visitor, &answer, "messages").await;
    assert!(page.contains("→ failed at ") && page.contains(", attempt 4, "), "{page}");
    assert!(page.contains("on purpose"), "{page}");
}

async fn the_notes_are_pruned(database: TestDatabase) {
    let app = dev(database).start().await;
    app.database.execute(
        "INSERT INTO message_trace \
         (unique_id, class, transport, event, attempt, worker, at, duration) \
         VALUES ('0123456789abc', 'Old', 'async', 'handled', 1, 'x/1', '2020-01-01 00:00:00', 1)",
    );
    app.visitor().upload(&[("cat.jpg", &photos::cat())]).await;
    app.work().await;
    let of = |class: &str| {
        let sql = format!("SELECT class AS value FROM message_trace WHERE class LIKE '%{class}'");
        app.database.values(&sql).len()
    };
    eventually("both are noted", || of("AddPonkaToImage") == 2).await;
    assert_eq!(of("Old"), 0);
}
