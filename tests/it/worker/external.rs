//! Messages of other systems: read if they can be, and otherwise kept as they came.

use crate::support::{TestApp, TestDatabase, on_both_databases};

on_both_databases![what_comes_from_outside_is_handled_or_kept_as_it_came];

const EMOJI: &str = r#"{"type":"emoji"}"#;

async fn what_comes_from_outside_is_handled_or_kept_as_it_came(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let poison = [
        (EMOJI, r#"{"emoji": 2,}"#, "trailing comma"),
        (EMOJI, r#"{"emojis": 2}"#, "missing field `emoji`"),
        (r#"{"type":"photo"}"#, r#"{"photo": 2}"#, "unknown message \\\\\\\"photo"),
        ("{}", r#"{"emoji": 2}"#, "is missing"),
    ];
    for (headers, body, _) in poison {
        app.insert_message("external", headers, body);
    }
    for body in [r#"{"emoji": 2}"#, r#"{"emoji": 99, "mood": "sleepy"}"#] {
        app.insert_message("external", EMOJI, body);
    }
    app.work().await;
    assert_eq!(app.queue("external"), Vec::<String>::new());
    assert_eq!(app.queue("failed"), poison.map(|(_, body, _)| body));
    let headers = app.database.values(
        "SELECT headers AS value FROM messenger_messages WHERE queue_name = 'failed' ORDER BY id",
    );
    for (headers, (_, body, reason)) in headers.iter().zip(poison) {
        assert!(headers.contains(reason), "{body}: {headers}");
    }
}
