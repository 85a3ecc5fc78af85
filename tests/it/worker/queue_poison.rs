//! SEC-19: whatever somebody writes into the queue, the worker goes on, and nothing is lost.

use messenger_doctrine::Backend;

use crate::support::{TestApp, TestDatabase, on_both_databases, photos};

on_both_databases![
    sec_19_poison_is_set_aside_and_the_message_behind_it_is_handled,
    a_known_message_with_an_unknown_field_is_handled,
];

const ADD: &str = r#"{"type":"App\\Message\\AddPonkaToImage"}"#;
const DELETE: &str = r#"{"type":"App\\Message\\DeletePhotoFile"}"#;
const ID: &str = "01a20664-b8f4-76a2-9e1e-b5a1de214076";

/// Headers and body of messages that nobody can handle.
fn poison() -> Vec<(&'static str, String)> {
    let mut all: Vec<(&str, String)> = [
        "{",
        "null",
        "[]",
        "\"x\"",
        "",
        "1e400",
        "{\"imagePostId\":\"\\ud800\"}",
        "\u{feff}{\"imagePostId\":7}",
        "{\"imagePostId\":\"../../etc/passwd\"}",
        "{\"imagePostId\":1e400}",
        "{\"photoId\":\"1\"}",
        "{\"imagePostId\":null}",
        "O:8:\"stdClass\":0:{}",
    ]
    .map(|body| (ADD, body.to_owned()))
    .into();
    let good = format!("{{\"imagePostId\":\"{ID}\"}}");
    all.extend([
        (ADD, format!("\"{}\"", "x".repeat(10 << 20))),
        (ADD, "[".repeat(100_000)),
        (ADD, format!("{{\"imagePostId\":\"{ID}\",\"imagePostId\":\"{ID}\"}}")),
        (DELETE, "{\"filename\":\"../../etc/passwd\"}".to_owned()),
        (DELETE, "{\"filename\":\"a\\u0000b\"}".to_owned()),
        (r#"{"type":"../../etc"}"#, good.clone()),
        (r#"{"type":"App\\Message\\Nobody"}"#, good.clone()),
        (r#"{"type":7}"#, good.clone()),
        ("{}", good.clone()),
        ("", good.clone()),
        ("null", good.clone()),
        ("{", good.clone()),
    ]);
    let stamp = r#"X-Message-Stamp-Symfony\\Component\\Messenger\\Stamp\\DelayStamp"#;
    let broken: &'static str = Box::leak(
        format!(r#"{{"type":"App\\Message\\AddPonkaToImage","{stamp}":"[{{"}}"#).into_boxed_str(),
    );
    all.push((broken, good));
    all
}

async fn sec_19_poison_is_set_aside_and_the_message_behind_it_is_handled(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let visitor = app.visitor();
    let poison = poison();
    for (headers, body) in &poison {
        app.insert_message("high", headers, body);
    }
    let mut count = poison.len();
    if app.database.backend == Backend::Sqlite {
        // PostgreSQL refuses to store these.
        let header = format!("'{ADD}'");
        for body in ["CAST(x'FFFE7B7D' AS TEXT)", "x'FFFE7B7D'", "CAST(x'7B00' AS TEXT)"] {
            app.insert_expressions("high", &header, body);
            count += 1;
        }
    }
    let good = visitor.upload_one("good.jpg", &photos::cat()).await;
    let worker = app.worker();
    let began = std::time::Instant::now();
    while worker.run_once().await > 0 {}
    assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
    let good = visitor.get(good["@id"].as_str().unwrap()).await.json();
    assert_eq!(good["status"], "done");
    app.work_off().await;
    assert_eq!(app.queue("high"), Vec::<String>::new());
    if app.database.backend == Backend::Postgres {
        let failed = app.queue("failed");
        for (headers, body) in &poison {
            assert!(failed.contains(body), "lost: {headers} {}", &body[..body.len().min(80)]);
        }
    }
    assert_eq!(app.database.count("messenger_messages WHERE queue_name = 'failed'"), count);
}

async fn a_known_message_with_an_unknown_field_is_handled(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let body = format!("{{\"imagePostId\":\"{ID}\",\"newInVersion2\":[1]}}");
    app.insert_message("high", ADD, &body);
    app.work().await;
    assert_eq!(app.queued(), 0);
}
