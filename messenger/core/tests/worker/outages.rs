//! Storage that cannot be reached: the worker survives, backs off, and goes on.

use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::SeqCst;

use messenger::Messenger;
use messenger::clock::{Clock, ManualClock};
use messenger::transport::{InMemoryTransport, Record};
use messenger::worker::{WorkerEvent, WorkerListener, WorkerOptions};

use crate::support::{
    Counting, Faulty, Job, Logs, World, built, ids, jobs, limit, ms, send, worker, works,
};

fn messenger(world: &World, transports: &[(&str, &Faulty)]) -> Messenger<Counting> {
    let builder = world.builder().bus("bus", |bus| bus.handler(works::<Job>("w", &world.calls)));
    let add = |builder: crate::support::Builder, (name, faulty): &(&str, &Faulty)| {
        builder.transport(name, (*faulty).clone())
    };
    built(transports.iter().fold(builder, add))
}

fn millis(clock: &ManualClock) -> i64 {
    (clock.now() - ManualClock::default().now()).num_milliseconds()
}

#[tokio::test]
async fn a_worker_that_cannot_receive_tries_again_later_and_later() {
    let world = World::default();
    let logs = Logs::capture();
    let t = Faulty::new(world.queue());
    let messenger = messenger(&world, &[("t", &t)]);
    send(&messenger, "t", jobs([1])).await;
    t.faults.gets.store(4, SeqCst);

    worker(&messenger, &["t"], limit(1)).run(std::future::pending()).await;

    assert_eq!(world.calls.of("w"), 1);
    assert_eq!(millis(&world.clock), 200 + 400 + 800 + 1600);
    assert_eq!(logs.with("Could not receive from \"t\"").len(), 4);
}

#[tokio::test]
async fn the_longest_rest_is_five_seconds() {
    let world = World::default();
    let t = Faulty::new(world.queue());
    let messenger = messenger(&world, &[("t", &t)]);
    send(&messenger, "t", jobs([1])).await;
    t.faults.gets.store(9, SeqCst);
    let options = WorkerOptions { sleep: ms(3_600_000), ..limit(1) };

    worker(&messenger, &["t"], options).run(std::future::pending()).await;

    assert_eq!(millis(&world.clock), 200 + 400 + 800 + 1600 + 3200 + 4 * 5_000);
}

#[tokio::test]
async fn a_transport_that_is_down_does_not_keep_the_others_from_being_read() {
    let world = World::default();
    let (down, up) = (Faulty::new(world.queue()), Faulty::new(world.queue()));
    let messenger = messenger(&world, &[("down", &down), ("up", &up)]);
    send(&messenger, "up", jobs(1..=3)).await;
    down.faults.gets.store(u32::MAX, SeqCst);

    worker(&messenger, &["down", "up"], limit(3)).run(std::future::pending()).await;

    assert_eq!(world.calls.of("w"), 3);
    assert_eq!(millis(&world.clock), 0);
    assert_eq!(u32::MAX - down.faults.gets.load(SeqCst), 1, "it rests meanwhile");
}

#[tokio::test]
async fn acknowledgements_that_cannot_be_written_are_kept_and_nothing_is_handled_twice() {
    let world = World::default();
    let logs = Logs::capture();
    let t = Faulty::new(world.queue());
    let messenger = messenger(&world, &[("t", &t)]);
    send(&messenger, "t", jobs(1..=3)).await;
    t.faults.acks.store(2, SeqCst);

    worker(&messenger, &["t"], limit(3)).run(std::future::pending()).await;

    assert_eq!(world.calls.of("w"), 3);
    assert_eq!(ids(&t.queue.recorded(Record::Acknowledged)), [1, 2, 3]);
    assert!(t.queue.waiting().is_empty());
    assert_eq!(millis(&world.clock), 200 + 400, "nothing is claimed meanwhile");
    assert_eq!(logs.with("Could not acknowledge").len(), 2);
}

#[tokio::test]
async fn acknowledgements_of_one_transport_are_kept_while_another_is_read() {
    let world = World::default();
    let (a, b) = (Faulty::new(world.queue()), Faulty::new(world.queue()));
    let messenger = messenger(&world, &[("a", &a), ("b", &b)]);
    send(&messenger, "a", jobs([1])).await;
    send(&messenger, "b", jobs([2])).await;
    a.faults.acks.store(1, SeqCst);
    b.faults.acks.store(1, SeqCst);

    worker(&messenger, &["a", "b"], limit(2)).run(std::future::pending()).await;

    assert_eq!(ids(&a.queue.recorded(Record::Acknowledged)), [1]);
    assert_eq!(world.calls.of("w"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_backs_off_stops_at_once_when_asked() {
    let world = World::default();
    let t = Faulty::new(InMemoryTransport::new(Clock::System, None));
    t.faults.gets.store(u32::MAX, SeqCst);
    let builder = world.builder().clock(Clock::System).bus("bus", |bus| bus);
    let messenger = built(builder.transport("t", t.clone()));
    let options = WorkerOptions { sleep: ms(3_600_000), ..WorkerOptions::default() };
    let began = tokio::time::Instant::now();

    worker(&messenger, &["t"], options).run(tokio::time::sleep(ms(10))).await;

    assert_eq!(began.elapsed(), ms(10));
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_lost_its_connection_is_followed_by_a_rest() {
    let world = World::default();
    let logs = Logs::capture();
    let t = Faulty::new(InMemoryTransport::new(Clock::System, None));
    t.faults.waits.store(u32::MAX, SeqCst);
    let builder = world.builder().clock(Clock::System).bus("bus", |bus| bus);
    let messenger = built(builder.transport("t", t.clone()));

    worker(&messenger, &["t"], WorkerOptions::default()).run(tokio::time::sleep(ms(100))).await;

    assert_eq!(u32::MAX - t.faults.waits.load(SeqCst), 1, "it rests");
    assert_eq!(logs.with("Could not receive from \"t\"").len(), 1);
}

/// Sets the date back by an hour as soon as the worker has nothing to do.
struct SetBack(ManualClock, AtomicBool);

impl WorkerListener for SetBack {
    fn on_event(&self, event: &mut WorkerEvent<'_>) {
        if matches!(event, WorkerEvent::Running { idle: true, .. }) && !self.1.swap(true, SeqCst) {
            self.0.set(self.0.now() - ms(3_600_000));
        }
    }
}

fn set_back(world: &World) -> SetBack {
    SetBack(world.clock.clone(), AtomicBool::new(false))
}

#[tokio::test]
async fn r8_a_rest_does_not_last_an_hour_longer_when_the_date_goes_back_by_one() {
    let world = World::default();
    let t = Faulty::new(world.queue());
    let messenger = messenger(&world, &[("t", &t)]);
    send(&messenger, "t", jobs([1])).await;
    t.faults.gets.store(1, SeqCst);

    let worker = worker(&messenger, &["t"], limit(1)).listener(set_back(&world));
    worker.run(std::future::pending()).await;

    assert_eq!(world.calls.of("w"), 1);
    assert!(world.clock.elapsed() < ms(5_000), "{:?}", world.clock.elapsed());
}

#[tokio::test]
async fn r8_limits_of_time_and_rate_are_kept_when_the_date_goes_back() {
    let limit = messenger::RateLimit::new(1, ms(1000));
    let clock = ManualClock::default();
    assert_eq!(limit.take_up_to(1, clock.elapsed()), Ok(1));
    clock.set(clock.now() - ms(3_600_000));
    assert_eq!(limit.take_up_to(1, clock.elapsed()), Err(ms(1000)));
    clock.advance(ms(1000));
    assert_eq!(limit.take_up_to(1, clock.elapsed()), Ok(1));

    let world = World::default();
    let t = Faulty::new(world.queue());
    let messenger = messenger(&world, &[("t", &t)]);
    let options = WorkerOptions { time_limit: Some(ms(10_000)), ..WorkerOptions::default() };
    let worker = worker(&messenger, &["t"], options).listener(set_back(&world));
    worker.run(std::future::pending()).await;
    assert!(world.clock.elapsed() < ms(12_000), "{:?}", world.clock.elapsed());
}
