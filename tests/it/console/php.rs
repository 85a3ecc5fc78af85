//! The console, beside a PHP application on the same queue.

use std::path::Path;

use serde_json::Value;

use super::project::{Project, Said};

/// The row that Symfony left in its failure queue after four attempts, with another error in it.
fn fail_in_php(project: &Project, change: impl Fn(&mut Value)) -> Said {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("messenger/core/tests/fixtures/wire/sqlite-6-in-failure-queue.json");
    let rows: Vec<Value> = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let row = rows.iter().find(|row| row["queue_name"] == "failed").unwrap();
    let mut headers: Value = serde_json::from_str(row["headers"].as_str().unwrap()).unwrap();
    let name = r"X-Message-Stamp-Symfony\Component\Messenger\Stamp\ErrorDetailsStamp";
    let mut errors: Value = serde_json::from_str(headers[name].as_str().unwrap()).unwrap();
    change(&mut errors[0]["flattenException"]);
    headers[name] = errors.to_string().into();
    let text = |text: String| format!("'{}'", text.replace('\'', "''"));
    project.execute(&format!(
        "INSERT INTO messenger_messages VALUES (7, {}, {}, 'failed', '2026-01-01 00:00:00', \
         '2026-01-01 00:00:00', NULL)",
        text(row["body"].as_str().unwrap().to_owned()),
        text(headers.to_string()),
    ));
    project.console("messenger:failed:show 7 -vv")
}

#[test]
fn p8_a_failure_in_php_is_shown_with_the_exceptions_before_it_and_a_short_trace() {
    let project = Project::new();
    let said = fail_in_php(&project, |exception| {
        let mut previous = exception.clone();
        previous["class"] = "LogicException".into();
        previous["message"] = "the cause".into();
        exception["previous"] = previous;
    });
    let order = [
        "RuntimeException (code 0):",
        "boom on image 1",
        "wire.php:12",
        "#0 ",
        "more lines",
        "caused by LogicException (code 0):",
        "the cause",
    ];
    let mut rest = said.out.split_once("Exception:\n").unwrap().1;
    for words in order {
        rest = rest.split_once(words).unwrap_or_else(|| panic!("{words}: {}", said.out)).1;
    }
    assert!(said.out.len() < 5000, "{} characters: {}", said.out.len(), said.out);
}

#[test]
fn p8_dates_that_cannot_be_are_said_once() {
    let project = Project::new();
    for number in 1..=2 {
        project.execute(&format!(
            "INSERT INTO messenger_messages VALUES ({number}, '{{}}', '{{}}', 'default', \
             datetime('now', '+2 hours'), datetime('now', '+2 hours'), NULL)"
        ));
    }
    let said = project.console("messenger:consume async --time-limit=1 --sleep=0.1");
    assert_eq!(said.err.matches("were written in the future").count(), 1, "{}", said.err);
    assert!(said.err.contains("date.timezone = UTC"), "{}", said.err);
}
