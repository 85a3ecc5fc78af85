//! The file of the database is replaced or deleted under the running programs: both notice, and end.

use std::time::{Duration, Instant};

use super::process::Running;
use crate::console::project::Project;
use crate::support::{Visitor, eventually, photos};

const CONSUME: &str = "messenger:consume async_priority_high async -vv";
const NOTICED: Duration = Duration::from_secs(5);

/// Both programs at work, then something happens to the file.
async fn both_end_after(project: &Project, what: impl FnOnce()) {
    let mut server = Running::start(&mut project.gallery("--no-worker"));
    let mut worker = Running::start(&mut project.command(CONSUME));
    let address = server.address();
    let visitor = Visitor::new(address);
    worker.line("Quit the worker");
    visitor.upload_one("cat.jpg", &photos::jpeg(16, 16)).await;
    let undone = "SELECT id AS value FROM image_post WHERE status <> 'done'";
    eventually("the photo to be done", || project.values(undone).is_empty()).await;
    what();
    let began = Instant::now();
    // Whatever is sent from now on is not taken, as long as there is somebody to say so.
    if let Ok(mut stream) = tokio::net::TcpStream::connect(address).await {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let body = crate::support::form(&[("cat.jpg", &photos::jpeg(16, 16))]);
        let head = format!(
            "POST /api/images HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: {}\r\n\
             Content-Length: {}\r\n\r\n",
            crate::support::FORM,
            body.len()
        );
        let mut answer = String::new();
        let sent = stream.write_all(&[head.as_bytes(), &body].concat()).await;
        if sent.is_ok() && stream.read_to_string(&mut answer).await.is_ok() {
            assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 503"), "{answer}");
        }
    }
    for program in [server, worker] {
        let (status, lines) = program.ended();
        assert_eq!(status.code(), Some(1), "{lines:#?}");
        let said = lines.iter().filter(|line| line.contains("was replaced or deleted"));
        assert!(said.clone().any(|line| line.contains("ERROR")), "{lines:#?}");
    }
    assert!(began.elapsed() < NOTICED, "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r9_both_programs_end_when_the_file_of_the_database_is_replaced() {
    let project = Project::new();
    both_end_after(&project, || {
        let (file, new) = (project.path("var/p.sqlite"), project.path("var/new.sqlite"));
        std::fs::copy(&file, &new).unwrap();
        std::fs::rename(&new, &file).unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r9_both_programs_end_when_the_file_of_the_database_is_deleted() {
    let project = Project::new();
    both_end_after(&project, || {
        for name in ["p.sqlite", "p.sqlite-wal", "p.sqlite-shm"] {
            // The last two may not be there.
            drop(std::fs::remove_file(project.path("var").join(name)));
        }
    })
    .await;
}
