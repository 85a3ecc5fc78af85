//! S3.20 to S3.24 as the tutorial tells them: four photos fail, are kept, and come back.

use std::time::{Duration, Instant};

use super::process::{Running, count};
use crate::console::project::{Project, Said};
use crate::support::{Visitor, photos};

const RETRY: &str = "[transports.async_priority_high]\n\
     retry_strategy = { max_retries = 3, delay = 500, jitter = 0 }\n";
const IDS: &str = "SELECT CAST(id AS TEXT) AS value FROM messenger_messages \
     WHERE queue_name = 'failed' ORDER BY id";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s3_20_s3_21_s3_22_s3_23_s3_24_four_photos_fail_are_kept_and_come_back() {
    let project = Project::new();
    project.configure(RETRY);
    let mut server = Running::start(&mut project.gallery("--no-worker"));
    let visitor = Visitor::new(server.address());
    for name in ["a.jpg", "b.jpg", "c.jpg", "d.jpg"] {
        visitor.upload_one(name, &photos::cat()).await;
    }
    all_are_rejected(&project);
    let stats = project.console("messenger:stats async_priority_high failed").out;
    let mut counts = stats.lines().filter_map(|line| line.split_whitespace().last()?.parse().ok());
    assert_eq!((counts.next(), counts.next()), (Some(0), Some(4)), "{stats}");
    all_are_shown(&project);
    let ids = project.values(IDS);
    let said = project.console(&format!("messenger:failed:retry {} --force", ids[0]));
    assert!(said.code == Some(0) && said.out.contains("All done!"), "{said:?}");
    let statuses = "SELECT status || ' ' || count(*) AS value FROM image_post GROUP BY status";
    assert_eq!(project.values(statuses), ["done 1", "failed 3"]);
    let said = project.console(&format!("messenger:failed:remove {} --force", ids[1]));
    assert!(said.out.contains(&format!("Message with id {} removed.", ids[1])), "{said:?}");
    assert_eq!(project.values(IDS), ids[2..]);
    let said = project.console(&format!("messenger:failed:retry {} {} --force", ids[2], ids[3]));
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(project.values(statuses), ["done 3", "failed 1"]);
    assert_eq!(project.values(IDS), Vec::<String>::new());
    let items = visitor.get("/api/images").await.json();
    assert_eq!(items["items"].as_array().unwrap().len(), 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r7_a_photo_whose_message_fails_again_can_be_tried_again_by_its_owner() {
    let project = Project::new();
    project.configure("[transports.async_priority_high]\nretry_strategy = { max_retries = 0 }\n");
    let mut server = Running::start(&mut project.gallery("--no-worker"));
    let visitor = Visitor::new(server.address());
    visitor.upload_one("a.jpg", &photos::cat()).await;
    let failing = |arguments: &str| {
        let mut command = project.command(arguments);
        Said::from(command.env("FAULT_ADD_PONKA", "always").output().unwrap())
    };
    failing("messenger:consume async_priority_high --limit=1");
    let status = "SELECT status AS value FROM image_post";
    assert_eq!(project.values(status), ["failed"]);
    let [id] = project.values(IDS).try_into().unwrap();
    let said = failing(&format!("messenger:failed:retry {id} --force"));
    assert_eq!(said.code, Some(1), "{said:?}");
    assert_eq!((project.values(status), project.values(IDS).len()), (vec!["failed".to_owned()], 1));
    failing("messenger:consume failed --limit=1");
    assert_eq!(project.values(status), ["failed"]);
    let items = visitor.get("/api/images").await.json();
    let photo = items["items"][0]["id"].as_str().unwrap();
    let answer = visitor.post(&format!("/api/images/{photo}/retry"), &[]).await;
    assert_eq!(answer.status, 200);
    assert_eq!(project.values(status), ["queued"]);
}

/// The worker with the fault: within seconds each message has its lines, in order.
fn all_are_rejected(project: &Project) {
    let mut command = project.command("messenger:consume async_priority_high async -vv");
    let mut worker = Running::start(command.env("FAULT_ADD_PONKA", "always"));
    let began = Instant::now();
    // The last line of a rejection: what is said of the worker's end must not come in between.
    for _ in 0..4 {
        worker.line("with failed sender");
    }
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    let lines = worker.stop();
    let class = r"App\Message\AddPonkaToImage";
    assert_eq!(count(&lines, &format!("Received message {class}")), 16, "{lines:#?}");
    let why = "FAULT_ADD_PONKA makes this fail on purpose";
    for (retry, delay) in [(1, 500), (2, 1000), (3, 2000)] {
        let line = format!(
            "WARN  [messenger] Error thrown while handling message {class}. \
             Sending for retry #{retry} using {delay} ms delay. \
             Error: \"Handling \"{class}\" failed: {why}\""
        );
        assert_eq!(count(&lines, &line), 4, "{line}: {lines:#?}");
    }
    let given_up = format!(
        "ERROR [messenger] Error thrown while handling message {class}. Removing from transport \
         after 3 retries. Error: \"Handling \"{class}\" failed: {why}\""
    );
    assert_eq!(count(&lines, &given_up), 4, "{lines:#?}");
    let rejected =
        format!("Rejected message {class} will be sent to the failure transport \"failed\"");
    let sending = format!("Sending message {class} with failed sender using DoctrineTransport");
    let at: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].contains(&rejected)).collect();
    assert_eq!(at.len(), 4, "{lines:#?}");
    assert!(at.iter().all(|at| lines[at + 1].contains(&sending)), "{lines:#?}");
}

/// The list has four rows, and each message its history.
fn all_are_shown(project: &Project) {
    let said = project.console("messenger:failed:show");
    assert!(said.out.contains("There are 4 messages pending"), "{}", said.out);
    let rows = said.out.lines().filter(|line| line.contains(r"App\Message\AddPonkaToImage"));
    let rows: Vec<&str> = rows.collect();
    let ids = project.values(IDS);
    assert_eq!((rows.len(), ids.len()), (4, 4), "{}", said.out);
    for (row, id) in rows.iter().zip(&ids) {
        let mut words = row.split_whitespace();
        assert_eq!(words.next(), Some(id.as_str()), "{row}");
        assert!(row.contains("FAULT_ADD_PONKA"), "{row}");
    }
    let said = project.console(&format!("messenger:failed:show {} -vv", ids[0]));
    for words in ["Failed Message Details", "async_priority_high", "\"imagePostId\"", "Exception:"]
    {
        assert!(said.out.contains(words), "{words} is missing in {}", said.out);
    }
    assert_eq!(said.out.matches("and was redelivered").count(), 4, "{}", said.out);
}
