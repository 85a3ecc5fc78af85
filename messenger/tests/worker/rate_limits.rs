//! A limit on how fast messages of a transport are handled.

use messenger::worker::WorkerEvent;
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
    let source = Scripted::new([vec![claimed(1), claimed(2)]]);
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
    let source = Scripted::new([vec![claimed(1), claimed(2), claimed(3)]]);
    let messenger = limited(&world, &source, &RateLimit::new(1, ms(60_000)));

    worker(&messenger, &["t"], limit(3)).run(std::future::pending()).await;

    assert_eq!(world.calls.seconds_of("works"), [0, 60, 120]);
    assert_eq!(logs.with("Transport t is being rate limited").len(), 2);
}

#[tokio::test]
async fn a_worker_that_is_stopped_at_a_rate_limit_gives_the_message_back() {
    let world = World::default();
    let source = Scripted::new([vec![claimed(1), claimed(2)]]);
    let messenger = limited(&world, &source, &RateLimit::new(1, ms(60_000)));
    let worker = worker(&messenger, &["t"], limit(2));
    let stop = worker.stop_handle();
    let stops = world.events.and(move |told| {
        if let Told::Event(WorkerEvent::RateLimited { .. }) = told {
            stop.stop();
        }
    });

    worker.listener(stops).run(std::future::pending()).await;

    assert_eq!(source.asked(), ["get", "release 2", "ack 1"]);
    assert_eq!(world.calls.of("works"), 1);
}
