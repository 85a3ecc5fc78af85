//! Many connections that promise much, or say nothing at all: everybody else notices nothing.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use ponka::descriptors::Places;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::claims::process::Running;
use crate::console::project::Project;
use crate::support::{FORM, Visitor, form, photos};

const IDLE: usize = 1000;
const PROMISES: usize = 100;
/// A machine that does many things at once is slow now and then, but not every time.
const TRIES: usize = 5;

/// Sends these bytes and gives the status of the answer, as soon as that has come.
async fn status(visitor: &Visitor, request: &[u8]) -> u16 {
    let mut connection = visitor.connect().await;
    connection.write_all(request).await.unwrap();
    let mut start = [0; 12];
    connection.read_exact(&mut start).await.unwrap();
    std::str::from_utf8(&start[9..]).unwrap().parse().unwrap()
}

/// The shortest time of a few tries in which a request has this answer.
async fn fastest(visitor: &Visitor, request: &[u8], expected: u16) -> Duration {
    let mut fastest = Duration::MAX;
    for _ in 0..TRIES {
        let began = Instant::now();
        assert_eq!(status(visitor, request).await, expected);
        fastest = fastest.min(began.elapsed());
    }
    fastest
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_01_promises_of_strangers_cost_neither_time_nor_memory() {
    let project = Project::new();
    let mut command = project.gallery("--no-worker");
    let mut server = Running::start(command.env("GUEST_UPLOADS", "0"));
    let visitor = Visitor::new(server.address());
    let head = visitor.head("POST", "/api/images", &[("Content-Type", FORM)]);
    let form = form(&[("cat.jpg", &photos::jpeg(16, 16)[..])]);
    let whole = format!("{head}Content-Length: {}\r\n\r\n", form.len());
    let refused = fastest(&visitor, &[whole.as_bytes(), &form].concat(), 401).await;
    assert!(refused < Duration::from_millis(250), "{refused:?}");
    let promise = format!("{head}Content-Length: 1000000000\r\n\r\n").into_bytes();
    let unread = fastest(&visitor, &promise, 401).await;
    assert!(unread < Duration::from_secs(1), "{unread:?}");
    let before = server.memory();
    let answers = join_all((0..PROMISES).map(|_| status(&visitor, &promise))).await;
    assert_eq!(answers, [401; PROMISES]);
    let grown = server.memory().saturating_sub(before);
    println!("refused in {refused:?}, unread in {unread:?}; {PROMISES} promises: {grown} KiB");
    assert!(grown < 10 * 1024, "{grown} KiB");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_22_a_thousand_idle_connections_keep_nobody_out() {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, soft.max(hard.min(8192)), hard).unwrap();
    let project = Project::new();
    let mut server = Running::start(&mut project.gallery("--no-worker"));
    let visitor = Visitor::new(server.address());
    // One client's connections are fewer where there are few descriptors.
    let idle_ones = IDLE.min(Places::with(hard).connections_of_client - 24);
    let mut idle = Vec::new();
    while idle.len() < idle_ones {
        let some = 50.min(idle_ones - idle.len());
        idle.extend(join_all((0..some).map(|_| visitor.connect())).await);
    }
    let health = format!("{}\r\n", visitor.head("GET", "/healthz", &[]));
    let healthy = fastest(&visitor, health.as_bytes(), 200).await;
    assert!(healthy < Duration::from_secs(1), "{healthy:?}");
    visitor.upload_one("cat.jpg", &photos::jpeg(16, 16)).await;
    assert_eq!(visitor.get("/").await.status, 200);
    assert_eq!(idle.len(), idle_ones, "they were there all the time");
}
