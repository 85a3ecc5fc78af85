//! Asking a worker to stop: what it has in hand is finished.

use std::sync::Arc;
use std::time::Duration;

use messenger::clock::Clock;
use messenger::worker::{FileSignal, InMemorySignal, RestartSignal, WorkerOptions};
use messenger::{HandlerError, Messenger};
use tokio::sync::Notify;

use crate::support::{
    Counting, Job, Logs, Scripted, World, built, claimed, does, fails_with, ms, retries, worker,
    works,
};

#[tokio::test]
async fn w3_and_w17_a_worker_that_was_stopped_before_it_ran_says_one_line() {
    let world = World::default();
    let logs = Logs::capture();
    let source = Scripted::new([vec![claimed(1)]]);
    let builder = world.builder().bus("bus", |bus| bus.handler(works::<Job>("w", &world.calls)));
    let messenger = built(builder.transport("t", source.clone()));
    let worker = worker(&messenger, &["t"], WorkerOptions::default());
    let worker = worker.listener(world.events.listener());

    worker.stop_handle().stop();
    worker.run(std::future::pending()).await;

    assert_eq!(logs.all(), ["INFO Stopping worker."]);
    assert_eq!(world.events.names(), ["Started", "Stopped"]);
    assert_eq!(source.asked(), Vec::<String>::new());
}

/// A handler that tells when it has begun, and then takes a second.
fn in_hand(world: &World, source: &Scripted, begun: &Arc<Notify>) -> Messenger<Counting> {
    let begun = Arc::clone(begun);
    let handler = does("slow", &world.calls, move |_: Job, _| {
        begun.notify_one();
        async {
            tokio::time::sleep(ms(1000)).await;
            Ok(())
        }
    });
    let builder = world.builder().clock(Clock::System).bus("bus", |bus| bus.handler(handler));
    built(builder.transport("t", source.clone()))
}

#[tokio::test(start_paused = true)]
async fn the_stop_future_lets_the_current_message_finish() {
    let (world, begun) = (World::default(), Arc::new(Notify::new()));
    let source = Scripted::new([vec![claimed(1), claimed(2)]]);
    let messenger = in_hand(&world, &source, &begun);
    let worker = worker(&messenger, &["t"], WorkerOptions::default());

    worker.listener(world.events.listener()).run(begun.notified()).await;

    assert_eq!(source.asked(), ["get", "release 2", "ack 1"]);
    assert_eq!(source.closed(), 1, "what was fetched ahead goes back");
    assert_eq!(world.events.count("Handled"), 1);
}

#[tokio::test(start_paused = true)]
async fn the_stop_handle_lets_the_current_message_finish() {
    let (world, begun) = (World::default(), Arc::new(Notify::new()));
    let source = Scripted::new([vec![claimed(1), claimed(2)]]);
    let messenger = in_hand(&world, &source, &begun);
    let worker = worker(&messenger, &["t"], WorkerOptions::default());
    let stop = worker.stop_handle();

    tokio::join!(worker.run(std::future::pending()), async {
        begun.notified().await;
        stop.stop();
    });

    assert_eq!(source.asked(), ["get", "release 2", "ack 1"]);
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_waits_for_messages_stops_at_once() {
    let world = World::default();
    let messenger = in_hand(&world, &Scripted::default(), &Arc::default());
    let options = WorkerOptions { sleep: Duration::from_secs(3600), ..WorkerOptions::default() };
    let began = tokio::time::Instant::now();

    worker(&messenger, &["t"], options).run(tokio::time::sleep(ms(10))).await;

    assert_eq!(began.elapsed(), ms(10));
}

/// How long a worker runs that is stopped after a minute, unless a restart stops it before.
async fn runs_for(before: usize, while_it_runs: bool) -> (Duration, Vec<String>) {
    let world = World::default();
    let logs = Logs::capture();
    let messenger = in_hand(&world, &Scripted::default(), &Arc::default());
    let signal = InMemorySignal::default();
    for _ in 0..before {
        signal.request().await.expect("it is in memory");
    }
    let worker =
        worker(&messenger, &["t"], WorkerOptions::default()).restart_signal(signal.clone());
    let began = tokio::time::Instant::now();
    let end = async {
        tokio::time::sleep(ms(500)).await;
        if while_it_runs {
            signal.request().await.expect("it is in memory");
        }
        tokio::time::sleep(ms(59_500)).await;
    };
    worker.run(end).await;
    (began.elapsed(), logs.with("Stopping worker"))
}

#[tokio::test(start_paused = true)]
async fn a_restart_that_is_requested_after_the_start_stops_the_worker() {
    for before in [0, 1] {
        let (ran, lines) = runs_for(before, true).await;
        assert_eq!(ran, ms(1000), "it looks every second");
        let lines_of_a_restart =
            ["INFO Stopping worker: a restart was requested", "INFO Stopping worker."];
        assert_eq!(lines, lines_of_a_restart);
        let (ran, lines) = runs_for(before, false).await;
        assert_eq!((ran, lines.len()), (Duration::from_secs(60), 1));
    }
}

#[tokio::test]
async fn a_request_in_a_file_is_seen_by_whoever_looks_there_and_needs_no_database() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("restart");
    let (console, worker) = (FileSignal::new(&path), FileSignal::new(&path));
    let mut seen = vec![worker.last_request().await.expect("it is not there")];
    for _ in 0..2 {
        console.request().await.expect("written");
        seen.push(worker.last_request().await.expect("read"));
    }
    assert!(seen[0].is_none() && seen[1].is_some() && seen[2].is_some() && seen[1] != seen[2]);
    assert_eq!(folder.path().read_dir().expect("the folder").count(), 1, "no half of a file");
    let nowhere = FileSignal::new(folder.path().join("no/such/folder"));
    assert!(nowhere.request().await.is_err());
}

/// What a worker asks of two messages whose handlers `a` and `b` give these errors.
async fn asked_after(errors: [fn() -> HandlerError; 2]) -> Vec<String> {
    let world = World::default();
    let source = Scripted::new([vec![claimed(1), claimed(2)]]);
    let builder = world.builder().bus("bus", |bus| {
        errors.into_iter().zip(["a", "b"]).fold(bus, |bus, (error, name)| {
            bus.handler(fails_with::<Job>(name, &world.calls, move |_| error()))
        })
    });
    let builder = builder.transport("t", source.clone()).on_failure("t", retries(0), None);
    let options = WorkerOptions { failure_limit: Some(2), ..WorkerOptions::default() };
    worker(&built(builder), &["t"], options).run(std::future::pending()).await;
    source.asked()
}

#[tokio::test]
async fn an_error_may_stop_the_worker_after_its_message_was_settled() {
    let ordinary = || HandlerError::from(anyhow::anyhow!("ordinary"));
    let stops = || HandlerError::from(anyhow::anyhow!("enough")).and_stop_worker();
    assert_eq!(asked_after([stops, ordinary]).await, ["get", "reject 1", "release 2"]);
    assert_eq!(asked_after([ordinary, stops]).await, ["get", "reject 1", "release 2"]);
    assert_eq!(asked_after([ordinary, ordinary]).await, ["get", "reject 1", "reject 2"]);
}

#[tokio::test(start_paused = true)]
async fn r4_a_message_that_takes_longer_than_the_grace_is_given_back() {
    let (world, begun) = (World::default(), Arc::new(Notify::new()));
    let logs = Logs::capture();
    let source = Scripted::new([vec![claimed(1), claimed(2)]]);
    let messenger = in_hand(&world, &source, &begun);
    let options = WorkerOptions { grace: Some(ms(300)), ..WorkerOptions::default() };
    let began = tokio::time::Instant::now();

    worker(&messenger, &["t"], options).run(begun.notified()).await;

    assert_eq!(source.asked(), ["get", "release 1 2"]);
    assert_eq!(began.elapsed(), ms(300));
    assert_eq!(logs.with("it is given back").len(), 1);
}
