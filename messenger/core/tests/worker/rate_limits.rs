//! A limit on how fast messages of a transport are handled.

use messenger::worker::{WorkerEvent, WorkerOptions};
use messenger::{Messenger, RateLimit};

use crate::rounds::with;
use crate::support::{
    Counting, Logs, Scripted, Told, World, built, claimed, ids, limit, ms, worker,
};

fn limited(world: &World, source: &Scripted, rate: &RateLimit) -> Messenger<Counting> {
    built(with(world, &[("t", source.clone())]).rate_limit("t", rate.clone()))
}

#[tokio::test]
async fn w16_a_listener_may_reset_the_rate_limit() {
    let world = World::default();
    let source = Scripted::new([vec![claimed(1)], vec![claimed(2)]]);
    let rate = RateLimit::new(1, ms(60_000));
    let messenger = limited(&world, &source, &rate);
    let resets = world.events.and(move |told| {
        if let Told::Event(WorkerEvent::RateLimited { .. }) = told {
            rate.reset();
        }
    });

    worker(&messenger, &["t"], limit(2)).listener(resets).run(std::future::pending()).await;

    assert_eq!(ids(&source.acknowledged()), [1, 2]);
    assert_eq!(world.events.count("RateLimited"), 1);
    assert_eq!(world.seconds(), 0);
}

#[tokio::test]
async fn a_rate_limit_is_waited_for() {
    let world = World::default();
    let logs = Logs::capture();
    let source = Scripted::new([vec![claimed(1)], vec![claimed(2)], vec![claimed(3)]]);
    let messenger = limited(&world, &source, &RateLimit::new(1, ms(60_000)));

    worker(&messenger, &["t"], limit(3)).run(std::future::pending()).await;

    assert_eq!(world.calls.seconds_of("works"), [0, 60, 120]);
    assert_eq!(logs.with("Transport t is being rate limited").len(), 2);
}

#[tokio::test]
async fn q7_a_worker_at_a_rate_limit_claims_nothing_and_can_be_stopped() {
    let world = World::default();
    let source = Scripted::new([vec![claimed(1)], vec![claimed(2)]]);
    let messenger = limited(&world, &source, &RateLimit::new(1, ms(60_000)));
    let worker = worker(&messenger, &["t"], limit(2));
    let stop = worker.stop_handle();
    let stops = world.events.and(move |told| {
        if let Told::Event(WorkerEvent::RateLimited { .. }) = told {
            stop.stop();
        }
    });

    worker.listener(stops).run(std::future::pending()).await;

    assert_eq!(source.asked(), ["get", "ack 1"]);
    assert_eq!(world.calls.of("works"), 1);
}

#[tokio::test]
async fn q7_other_transports_go_on_while_one_is_limited() {
    let world = World::default();
    let slow = Scripted::new([vec![claimed(1)], vec![claimed(2)]]);
    let quick = Scripted::new([vec![claimed(11)], vec![claimed(12)], vec![claimed(13)]]);
    let builder = with(&world, &[("slow", slow.clone()), ("quick", quick.clone())]);
    let messenger = built(builder.rate_limit("slow", RateLimit::new(1, ms(60_000))));

    worker(&messenger, &["slow", "quick"], limit(5)).run(std::future::pending()).await;

    assert_eq!(ids(&quick.acknowledged()), [11, 12, 13]);
    assert_eq!(ids(&slow.acknowledged()), [1, 2]);
    assert_eq!(world.calls.seconds_of("works"), [0, 0, 0, 0, 60]);
    assert_eq!(world.events.count("RateLimited"), 0, "nobody listens here");
}

/// How many are worth claiming depends on the time that the first one took: none, by a clock that
/// stands still.
#[tokio::test(start_paused = true)]
async fn q7_no_more_is_claimed_than_the_limit_lets_through() {
    let world = World::default();
    let source = Scripted::new([jobs_claimed(0..1), jobs_claimed(1..3)]);
    let messenger = limited(&world, &source, &RateLimit::new(3, ms(60_000)));
    let options = WorkerOptions { time_limit: Some(ms(30_000)), ..WorkerOptions::default() };

    worker(&messenger, &["t"], options).run(std::future::pending()).await;

    assert_eq!(world.calls.of("works"), 3);
    assert_eq!(source.maxima(), [1, 2]);
}

fn jobs_claimed(ids: std::ops::Range<u32>) -> Vec<messenger::Envelope> {
    ids.map(claimed).collect()
}
