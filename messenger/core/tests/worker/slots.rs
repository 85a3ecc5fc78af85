//! Several messages at the same time.

use std::sync::Arc;

use messenger::clock::Clock;
use messenger::transport::{InMemoryTransport, MessageCountAware as _};
use messenger::worker::WorkerOptions;
use messenger::{Messenger, transport::Record};
use tokio::sync::Barrier;

use crate::support::{
    Counting, Does, Job, Logs, World, built, does, ids, jobs, limit, send, worker, works,
};

async fn messenger(
    world: &World,
    handler: Does<Job>,
    count: u32,
) -> (Messenger<Counting>, InMemoryTransport) {
    let queue = InMemoryTransport::new(Clock::System, None);
    let builder = world.builder().clock(Clock::System).bus("bus", |bus| bus.handler(handler));
    let messenger = built(builder.transport("t", queue.clone()));
    send(&messenger, "t", jobs(1..=count)).await;
    (messenger, queue)
}

fn four_slots(count: u64) -> WorkerOptions {
    WorkerOptions { concurrency: 4, ..limit(count) }
}

#[tokio::test]
async fn four_messages_are_handled_at_the_same_time() {
    let world = World::default();
    let barrier = Arc::new(Barrier::new(4));
    let meets = does("meets", &world.calls, move |_: Job, _| {
        let barrier = Arc::clone(&barrier);
        async move {
            barrier.wait().await;
            Ok(())
        }
    });
    let (messenger, queue) = messenger(&world, meets, 8).await;

    let options = WorkerOptions { fetch_size: 1, ..four_slots(8) };
    let worker = worker(&messenger, &["t"], options);
    let run = worker.run(std::future::pending());
    tokio::time::timeout(std::time::Duration::from_secs(60), run).await.expect("all four meet");

    assert_eq!(queue.recorded(Record::Acknowledged).len(), 8);
}

#[tokio::test]
async fn four_slots_together_never_exceed_the_limit() {
    for count in [1, 5, 10, 50] {
        let world = World::default();
        let logs = Logs::capture();
        let yields = does("yields", &world.calls, |_: Job, _| async {
            tokio::task::yield_now().await;
            Ok(())
        });
        let (messenger, queue) = messenger(&world, yields, 60).await;

        worker(&messenger, &["t"], four_slots(count)).run(std::future::pending()).await;

        assert_eq!(world.calls.of("yields") as u64, count);
        assert_eq!(queue.recorded(Record::Acknowledged).len() as u64, count);
        assert_eq!(logs.with("maximum count of").len(), 1, "the reason is told once");
        let claimable = Transport::due(&queue).await;
        assert_eq!(claimable, 60 - count, "nothing stays claimed");
    }
}

/// Asks a queue as the console does.
struct Transport;

impl Transport {
    async fn due(queue: &InMemoryTransport) -> u64 {
        queue.count().await.expect("memory can be read").ready
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn with_several_threads_every_message_is_handled_once() {
    let world = World::default();
    let (messenger, queue) = messenger(&world, works("works", &world.calls), 200).await;

    worker(&messenger, &["t"], four_slots(200)).run(std::future::pending()).await;

    let mut acknowledged = ids(&queue.recorded(Record::Acknowledged));
    acknowledged.sort_unstable();
    assert_eq!(acknowledged, (1..=200).collect::<Vec<_>>());
    assert_eq!(world.calls.of("works"), 200);
}
