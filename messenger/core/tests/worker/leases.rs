//! Claimed messages: leases that are renewed, acknowledgements written together, how much is
//! claimed at once.

use std::time::Duration;

use messenger::Messenger;
use messenger::clock::Clock;
use messenger::worker::WorkerOptions;

use crate::support::{
    Counting, Job, Scripted, World, built, claimed, does, fails, limit, ms, retries, worker,
};

/// A messenger on the machine's clock whose handler takes this long.
fn slow(world: &World, source: &Scripted, each: Duration) -> Messenger<Counting> {
    let slow = does("slow", &world.calls, move |_: Job, _| async move {
        tokio::time::sleep(each).await;
        Ok(())
    });
    let builder = world.builder().clock(Clock::System).bus("bus", |bus| bus.handler(slow));
    built(builder.transport("t", source.clone()))
}

#[tokio::test(start_paused = true)]
async fn w21_leases_of_claimed_messages_are_renewed_while_a_handler_runs() {
    let world = World::default();
    let source = Scripted::new([vec![claimed(1), claimed(2)]]);
    let messenger = slow(&world, &source, ms(3000));
    let options = WorkerOptions { keepalive: Some(ms(2500)), ..limit(2) };

    worker(&messenger, &["t"], options).run(std::future::pending()).await;

    assert_eq!(source.asked(), ["get", "keepalive 1 2", "ack 1", "keepalive 2", "ack 2"]);
}

#[tokio::test(start_paused = true)]
async fn without_keepalive_no_lease_is_renewed() {
    let world = World::default();
    let source = Scripted::new([vec![claimed(1), claimed(2)]]);
    let messenger = slow(&world, &source, ms(60_000));
    let options = WorkerOptions { keepalive: None, ..limit(2) };

    worker(&messenger, &["t"], options).run(std::future::pending()).await;

    assert_eq!(source.asked(), ["get", "ack 1", "ack 2"]);
}

#[tokio::test(start_paused = true)]
async fn acknowledgements_are_written_together_but_never_wait_longer_than_their_age() {
    let world = World::default();
    let source = Scripted::new([(1..=6).map(claimed).collect()]);
    let messenger = slow(&world, &source, ms(8));
    let options = WorkerOptions { ack_delay: ms(20), ..limit(6) };

    worker(&messenger, &["t"], options).run(std::future::pending()).await;

    // The first is handled at 8 ms and must be written at 28 ms: 1, 2 and 3 are done by then.
    assert_eq!(source.asked(), ["get", "ack 1 2 3", "ack 4 5 6"]);
}

#[tokio::test(start_paused = true)]
async fn while_a_failed_message_is_settled_only_the_leases_behind_it_are_renewed() {
    let world = World::default();
    let source = Scripted::new([vec![claimed(1), claimed(2)]]).with_slow_rejects(ms(1500));
    let builder = world
        .builder()
        .clock(Clock::System)
        .bus("bus", |bus| bus.handler(fails::<Job>("fails", &world.calls)));
    let builder = builder.transport("t", source.clone()).on_failure("t", retries(0), None);
    let options = WorkerOptions { keepalive: Some(ms(1000)), ..limit(2) };

    worker(&built(builder), &["t"], options).run(std::future::pending()).await;

    assert_eq!(source.asked_to("reject"), ["reject 1", "reject 2"]);
    assert_eq!(source.asked_to("keepalive")[0], "keepalive 2");
    assert!(!source.asked_to("keepalive").iter().any(|asked| asked.contains('1')));
}

#[tokio::test]
async fn what_was_claimed_and_not_begun_is_given_back_on_a_stop() {
    let world = World::default();
    let source = Scripted::new([(1..=4).map(claimed).collect()]);
    let messenger = slow(&world, &source, Duration::ZERO);
    let worker = worker(&messenger, &["t"], WorkerOptions::default());

    worker.listener(world.events.and_stop()).run(std::future::pending()).await;

    assert_eq!(source.asked(), ["get", "release 2 3 4", "ack 1"]);
}

#[tokio::test(start_paused = true)]
async fn the_fetch_size_grows_while_messages_take_little_and_shrinks_when_they_take_long() {
    let world = World::default();
    let fetches = [1, 8, 16].map(|count| (0..count).map(|_| claimed(1)).collect());
    let quick = Scripted::new(fetches);
    let messenger = slow(&world, &quick, Duration::ZERO);
    worker(&messenger, &["t"], limit(25)).run(std::future::pending()).await;
    assert_eq!(quick.maxima()[0], 1, "it begins carefully");
    assert_eq!(quick.maxima()[1], 8, "and claims at most eight times as many");
    assert_eq!(quick.maxima()[2], 16, "but never beyond the limit");

    let late = Scripted::new([vec![claimed(1); 10], vec![claimed(1)], vec![claimed(1)]]);
    let messenger = slow(&world, &late, ms(60));
    worker(&messenger, &["t"], limit(12)).run(std::future::pending()).await;
    assert_eq!(late.maxima(), [1, 1, 1]);

    let middling = Scripted::new([vec![claimed(1); 10], vec![claimed(1)]]);
    let messenger = slow(&world, &middling, ms(10));
    worker(&messenger, &["t"], limit(100)).run(tokio::time::sleep(ms(200))).await;
    assert_eq!(middling.maxima()[..3], [1, 5, 5]);
}

#[tokio::test(start_paused = true)]
async fn the_fetch_size_is_never_more_than_asked() {
    let world = World::default();
    let source = Scripted::new([vec![claimed(1)], vec![claimed(2)]]);
    let messenger = slow(&world, &source, Duration::ZERO);
    let options = WorkerOptions { fetch_size: 2, ..limit(2) };

    worker(&messenger, &["t"], options).run(std::future::pending()).await;

    assert!(source.maxima().iter().all(|max| *max <= 2), "{:?}", source.maxima());
}
