//! Storage that fails in the middle of a failure: at worst a message comes twice, it is never lost.

use std::sync::atomic::Ordering::SeqCst;

use messenger::Messenger;
use messenger::worker::WorkerOptions;

use crate::support::{
    Counting, Faulty, Job, Logs, Scripted, World, built, claimed, consume, fails, ids, jobs, limit,
    ms, retries, send, worker,
};

struct Storage {
    messenger: Messenger<Counting>,
    t: Faulty,
    failed: Faulty,
}

async fn storage(world: &World, max_retries: u32) -> Storage {
    let (t, failed) = (Faulty::new(world.queue()), Faulty::new(world.queue()));
    let builder = world.builder().bus("bus", |bus| bus.handler(fails::<Job>("f", &world.calls)));
    let builder = builder.transport("t", t.clone()).transport("failed", failed.clone()).on_failure(
        "t",
        retries(max_retries),
        Some("failed"),
    );
    let messenger = built(builder);
    send(&messenger, "t", jobs([1])).await;
    Storage { messenger, t, failed }
}

#[tokio::test]
async fn s3_23_a_fault_between_copy_and_removal_gives_the_message_twice_and_never_loses_it() {
    let world = World::default();
    let Storage { messenger, t, failed } = storage(&world, 0).await;
    t.faults.rejects.store(1, SeqCst);

    consume(&messenger, "t").await;
    assert_eq!(failed.queue.waiting().len(), 1, "the copy was stored first");
    assert_eq!(t.queue.waiting().len(), 1, "the original is still there");
    assert_eq!(consume(&messenger, "t").await, 0, "it rests");
    world.clock.advance(ms(5000));
    consume(&messenger, "t").await;

    assert!(t.queue.waiting().is_empty());
    assert_eq!(ids(&failed.queue.waiting()), [1, 1]);
}

#[tokio::test]
async fn while_the_failure_transport_is_down_the_message_stays_and_rests() {
    let world = World::default();
    let logs = Logs::capture();
    let Storage { messenger, t, failed } = storage(&world, 0).await;
    failed.faults.sends.store(2, SeqCst);

    for _ in 0..2 {
        assert_eq!(consume(&messenger, "t").await, 1);
        assert_eq!(t.queue.waiting().len(), 1);
        assert_eq!(consume(&messenger, "t").await, 0, "it rests");
        world.clock.advance(ms(5000));
    }
    assert_eq!(logs.with("it stays in \"t\" and rests for 5 s").len(), 2);
    consume(&messenger, "t").await;

    assert!(t.queue.waiting().is_empty());
    assert_eq!(ids(&failed.queue.waiting()), [1]);
}

#[tokio::test]
async fn a_retry_that_cannot_be_sent_leaves_the_message_where_it_is() {
    let world = World::default();
    let Storage { messenger, t, .. } = storage(&world, 3).await;
    t.faults.sends.store(1, SeqCst);
    let worker = worker(&messenger, &["t"], WorkerOptions::default());

    worker.listener(world.events.listener()).run_once().await;

    assert_eq!(t.queue.waiting().len(), 1);
    assert_eq!(world.events.names(), ["Received", "Failed", "Running"], "nothing was retried");
}

#[tokio::test]
async fn a_message_that_can_be_neither_settled_nor_given_back_comes_back_with_its_lease() {
    let world = World::default();
    let logs = Logs::capture();
    let Storage { messenger, t, failed } = storage(&world, 0).await;
    t.faults.rejects.store(1, SeqCst);
    t.faults.releases.store(1, SeqCst);

    assert_eq!(consume(&messenger, "t").await, 1);

    assert_eq!(t.queue.waiting().len(), 1, "still claimed");
    assert_eq!(failed.queue.waiting().len(), 1);
    assert_eq!(logs.with("it comes back when its lease ends").len(), 1);
}

#[tokio::test]
async fn a_failure_with_a_lost_lease_is_somebody_elses() {
    let world = World::default();
    let logs = Logs::capture();
    let source = Scripted::new([vec![claimed(1)]]).with_lost_leases();
    let builder = world.builder().bus("bus", |bus| bus.handler(fails::<Job>("f", &world.calls)));
    let builder = builder.transport("t", source.clone()).on_failure("t", retries(3), None);
    let messenger = built(builder);
    let worker = worker(&messenger, &["t"], limit(1)).listener(world.events.listener());

    worker.run(std::future::pending()).await;

    assert_eq!(world.events.count("Retried"), 0);
    assert_eq!(logs.with("The lease of").len(), 1);
}
