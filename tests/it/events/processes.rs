//! Events between real processes: a gallery without a worker, and a worker elsewhere.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use messenger::clock::Clock;

use super::EventStream;
use crate::claims::process::Running;
use crate::console::project::Project;
use crate::support::{TestDatabase, Visitor, on_both_databases, photos};

on_both_databases![
    ux_13_what_another_process_commits_is_told_within_half_a_second,
    ux_14_what_happened_while_the_gallery_was_down_is_told_afterwards,
    rel_23_the_gallery_stops_at_once_although_pages_listen,
];

const CONSUME: &str = "messenger:consume async_priority_high -vv";

fn project(database: &TestDatabase) -> Project {
    let project = Project::new();
    let local = format!("DATABASE_URL={}\n", database.url);
    std::fs::write(project.path(".env.local"), local).unwrap();
    assert_eq!(project.console("migrations:migrate").code, Some(0));
    project
}

async fn ux_13_what_another_process_commits_is_told_within_half_a_second(database: TestDatabase) {
    let project = project(&database);
    let mut server = Running::start(&mut project.gallery("--no-worker"));
    let visitor = Visitor::new(server.address());
    visitor.get("/").await;
    for _ in 0..50 {
        visitor.upload_one("cat.jpg", &photos::cat()).await;
    }
    let mut stream = EventStream::open(&visitor).await;
    let mut worker = Running::start(&mut project.command(CONSUME));
    worker.line("Quit the worker");
    let mut late = Vec::new();
    while late.len() < 50 {
        let image = stream.image().await;
        if image["status"] != "done" {
            continue;
        }
        let now = Clock::System.now();
        // A moment before the commit.
        let at: DateTime<Utc> = image["ponkaAddedAt"].as_str().unwrap().parse().unwrap();
        late.push((now - at).num_milliseconds());
    }
    late.sort_unstable();
    println!("from the commit to the page: median {} ms, p95 {} ms", late[25], late[47]);
    assert!(late[47] < 500, "{late:?}");
}

async fn ux_14_what_happened_while_the_gallery_was_down_is_told_afterwards(database: TestDatabase) {
    let project = project(&database);
    let mut server = Running::start(&mut project.gallery("--no-worker"));
    let visitor = Visitor::new(server.address());
    let image = visitor.upload_one("cat.jpg", &photos::cat()).await;
    let mut stream = EventStream::open_after(&visitor, "0").await;
    assert_eq!(stream.image().await["status"], "queued");
    server.kill();
    assert_eq!(stream.said().await, None);
    let said = project.console(&format!("{CONSUME} --limit=1"));
    assert_eq!(said.code, Some(0), "{said:?}");
    let mut server = Running::start(&mut project.gallery("--no-worker"));
    let again = Visitor::new(server.address());
    again.set_cookie("ponka_visitor", visitor.cookie("ponka_visitor").as_deref());
    let mut stream = EventStream::open_after(&again, &stream.last_id.unwrap()).await;
    assert_eq!(stream.until(&image["id"], "done").await, ["done"]);
}

async fn rel_23_the_gallery_stops_at_once_although_pages_listen(database: TestDatabase) {
    let project = project(&database);
    let mut server = Running::start(&mut project.gallery(""));
    let (address, mut streams) = (server.address(), Vec::new());
    for _ in 0..20 {
        streams.push(EventStream::open(&Visitor::new(address)).await);
    }
    let began = Instant::now();
    server.stop();
    let took = began.elapsed();
    assert!(took < Duration::from_secs(2), "{took:?}");
    for stream in &mut streams {
        assert_eq!(stream.last_words().await, "the gallery closes for a moment");
    }
}
