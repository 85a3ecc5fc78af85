//! Five hundred pages that only listen cost next to nothing.

use std::time::Duration;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use ponka::descriptors::Places;

use super::EventStream;
use crate::claims::process::Running;
use crate::console::project::Project;
use crate::support::{Visitor, photos};

const PAGES: usize = 500;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ux_14_five_hundred_listeners_are_cheap() {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, hard.min(8192), hard).unwrap();
    let project = Project::new();
    let mut server = Running::start(&mut project.gallery("--no-worker"));
    let address = server.address();
    let visitor = Visitor::new(address);
    visitor.upload_one("cat.jpg", &photos::cat()).await;
    let mut own = EventStream::open(&visitor).await;
    let before = server.memory();
    // All of them are one client, whose share is smaller where there are few descriptors.
    let count = PAGES.min(Places::with(hard).streams_of_client - 1);
    let mut pages = Vec::new();
    while pages.len() < count {
        let some = (0..20.min(count - pages.len()))
            .map(|_| async { EventStream::open(&Visitor::new(address)).await });
        pages.extend(futures_util::future::join_all(some).await);
    }
    let grown = server.memory().saturating_sub(before);
    let began = cpu_time(server.id());
    tokio::time::sleep(Duration::from_secs(2)).await;
    let used = cpu_time(server.id()) - began;
    println!("{count} listeners: {grown} KiB, {} ms of CPU in 2 s", used.as_millis());
    assert!(grown < 50 * 1024, "{grown} KiB");
    assert!(used < Duration::from_millis(300), "{used:?}");
    let image = visitor.upload_one("dog.jpg", &photos::cat()).await;
    assert_eq!(own.image().await, image);
}

fn cpu_time(process: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    // A hundred ticks a second.
    Duration::from_millis(ticks * 10)
}
