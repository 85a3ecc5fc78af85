//! Rounds over the transports, and what listeners are told: Symfony's worker tests.

use std::sync::Arc;

use messenger::stamp::{BusNameStamp, ConsumedByWorkerStamp, DelayStamp, ReceivedStamp};
use messenger::worker::{Worker, WorkerError, WorkerEvent, WorkerOptions};
use messenger::{Envelope, Messenger};

use crate::support::{
    Builder, Counting, Job, Scripted, Told, World, built, claimed, does, fails, limit, retries,
    worker, works,
};

/// One bus whose handler works, and these transports, which never retry.
fn messenger(world: &World, transports: &[(&str, Scripted)]) -> Messenger<Counting> {
    built(with(world, transports))
}

pub(crate) fn with(world: &World, transports: &[(&str, Scripted)]) -> Builder {
    let bus = world.builder().bus("bus", |bus| bus.handler(works::<Job>("works", &world.calls)));
    transports.iter().fold(bus, |builder, (name, transport)| {
        builder.transport(name, transport.clone()).on_failure(name, retries(0), None)
    })
}

#[tokio::test]
async fn w1_messages_are_handled_in_order_with_their_stamps_and_acknowledged() {
    let world = World::default();
    let source = Scripted::new([vec![claimed(1), claimed(2)]]);
    let messenger = messenger(&world, &[("transport", source.clone())]);

    worker(&messenger, &["transport"], limit(2)).run(std::future::pending()).await;

    assert_eq!(source.asked(), ["get", "ack 1 2"]);
    for envelope in source.acknowledged() {
        let received: Vec<_> = envelope.all::<ReceivedStamp>().collect();
        assert_eq!(received, [&ReceivedStamp { transport_name: "transport".into() }]);
        assert_eq!(envelope.all::<ConsumedByWorkerStamp>().count(), 1);
    }
}

#[tokio::test]
async fn w2_a_message_that_fails_is_rejected_and_not_acknowledged() {
    let world = World::default();
    let source = Scripted::new([vec![claimed(1)]]);
    let bus = world.builder().bus("bus", |bus| bus.handler(fails::<Job>("fails", &world.calls)));
    let builder = bus.transport("t", source.clone()).on_failure("t", retries(0), None);

    worker(&built(builder), &["t"], WorkerOptions::default()).run_once().await;

    assert_eq!(source.asked(), ["get", "reject 1"]);
}

#[tokio::test]
async fn w6_nothing_is_dispatched_when_nothing_was_received() {
    let world = World::default();
    let messenger = messenger(&world, &[("t", Scripted::default())]);
    let worker = worker(&messenger, &["t"], WorkerOptions::default());

    worker.listener(world.events.and_stop()).run(std::future::pending()).await;

    assert_eq!(world.calls.all(), Vec::<&str>::new());
    assert_eq!(world.events.names(), ["Started", "Idle", "Stopped"]);
}

#[tokio::test]
async fn w7_the_events_of_a_success() {
    let world = World::default();
    let messenger = messenger(&world, &[("t", Scripted::new([vec![claimed(1)]]))]);
    let worker = worker(&messenger, &["t"], WorkerOptions::default());

    worker.listener(world.events.and_stop()).run(std::future::pending()).await;

    assert_eq!(world.events.names(), ["Started", "Received", "Handled", "Running", "Stopped"]);
}

#[tokio::test]
async fn w9_the_events_of_a_failure() {
    let world = World::default();
    let bus = world.builder().bus("bus", |bus| bus.handler(fails::<Job>("fails", &world.calls)));
    let builder = bus.transport("t", Scripted::new([vec![claimed(1)]]));
    let messenger = built(builder.on_failure("t", retries(0), None));
    let worker = worker(&messenger, &["t"], WorkerOptions::default());

    worker.listener(world.events.and_stop()).run(std::future::pending()).await;

    assert_eq!(
        world.events.names(),
        ["Started", "Received", "Failed", "Dropped", "Running", "Stopped"]
    );
}

#[tokio::test]
async fn w11_the_worker_sleeps_only_after_rounds_that_found_nothing() {
    let world = World::default();
    let one = |id| vec![claimed(id)];
    let fetches = [vec![claimed(1), claimed(2)], vec![], vec![], one(3), one(4), vec![], one(5)];
    let messenger = messenger(&world, &[("t", Scripted::new(fetches))]);

    worker(&messenger, &["t"], limit(5)).run(std::future::pending()).await;

    assert_eq!(world.seconds(), 3);
}

#[tokio::test]
async fn s3_18_w12_after_each_round_the_most_urgent_transport_comes_first() {
    let world = World::default();
    let r1 = Scripted::new([vec![], vec![], vec![claimed(4)], vec![claimed(5)], vec![]]);
    let r2 = Scripted::new([vec![], vec![claimed(3)], vec![]]);
    let r3 = Scripted::new([vec![claimed(1), claimed(2)], vec![], vec![claimed(6)]]);
    let seen = Arc::<std::sync::Mutex<Vec<u32>>>::default();
    let sees = Arc::clone(&seen);
    let handler = does("sees", &world.calls, move |job: Job, _| {
        sees.lock().expect("no panic").push(job.id);
        async { Ok(()) }
    });
    let bus = world.builder().bus("bus", |bus| bus.handler(handler));
    let builder = bus.transport("r1", r1).transport("r2", r2).transport("r3", r3);

    let worker = worker(&built(builder), &["r1", "r2", "r3"], limit(6));
    worker.run(std::future::pending()).await;

    assert_eq!(*seen.lock().expect("no panic"), [1, 2, 3, 4, 5, 6]);
}

#[tokio::test]
async fn w13_named_queues_are_asked_for() {
    let world = World::default();
    let source = Scripted::new([vec![claimed(1)]]).with_queues();
    let messenger = messenger(&world, &[("t", source.clone())]);
    let options = WorkerOptions { queues: vec!["foo".to_owned()], ..limit(1) };

    worker(&messenger, &["t"], options).run(std::future::pending()).await;

    assert_eq!(source.asked(), ["get foo", "ack 1"]);
}

#[tokio::test]
async fn w14_a_transport_without_queues_refuses_them() {
    let world = World::default();
    let with_queues = Scripted::default().with_queues();
    let transports = [("transport1", with_queues), ("transport2", Scripted::default())];
    let messenger = messenger(&world, &transports);
    let options = WorkerOptions { queues: vec!["foo".to_owned()], ..WorkerOptions::default() };

    let refused = Worker::new(messenger, &["transport1", "transport2"], options).err();

    let Some(WorkerError::NoQueues(name)) = refused else { panic!("it must be refused") };
    assert_eq!(name, "transport2");
}

#[tokio::test]
async fn w15_a_listener_may_stamp_a_received_message() {
    let world = World::default();
    let source = Scripted::new([vec![claimed(1)]]);
    let messenger = messenger(&world, &[("t", source.clone())]);
    let stamps = world.events.and(|told| {
        if let Told::Event(WorkerEvent::MessageReceived { envelope, .. }) = told {
            **envelope = Envelope::clone(envelope).with(DelayStamp::millis(7));
        }
    });

    worker(&messenger, &["t"], limit(1)).listener(stamps).run(std::future::pending()).await;

    let stamp = source.acknowledged()[0].last::<DelayStamp>().copied();
    assert_eq!(stamp, Some(DelayStamp::millis(7)));
}

#[tokio::test]
async fn a_listener_may_have_a_message_left_alone() {
    let world = World::default();
    let source = Scripted::new([vec![claimed(1)]]);
    let messenger = messenger(&world, &[("t", source.clone())]);
    let skips = world.events.and(|told| {
        if let Told::Event(WorkerEvent::MessageReceived { should_handle, .. }) = told {
            **should_handle = false;
        }
    });

    worker(&messenger, &["t"], limit(1)).listener(skips).run(std::future::pending()).await;

    assert_eq!(source.asked(), ["get"]);
    assert_eq!(world.calls.of("works"), 0);
}

#[tokio::test]
async fn a_message_is_handled_on_its_own_bus_unless_another_is_forced() {
    let world = World::default();
    let stamped = || claimed(1).with(BusNameStamp { bus_name: "other".into() });
    let source = Scripted::new([vec![stamped()], vec![stamped()]]);
    let bus = |name| works::<Job>(name, &world.calls);
    let builder = world
        .builder()
        .bus("first", |first| first.handler(bus("on first")))
        .bus("other", |other| other.handler(bus("on other")))
        .transport("t", source);
    let messenger = built(builder);

    worker(&messenger, &["t"], WorkerOptions::default()).run_once().await;
    let forced = WorkerOptions { bus: Some("first".into()), ..WorkerOptions::default() };
    worker(&messenger, &["t"], forced).run_once().await;

    assert_eq!(world.calls.all(), ["on other", "on first"]);
}
