//! The limits after which a worker stops.

use std::time::Duration;

use messenger::worker::{WorkerOptions, resident_bytes};

use crate::support::{
    Job, Logs, Scripted, World, built, claimed, does, limit, ms, retries, worker,
};

/// Handles up to seven messages, of which the first and the fourth fail, each after a second;
/// gives how many were begun and the lines about stopping.
async fn run(options: WorkerOptions) -> (usize, Vec<String>) {
    let world = World::default();
    let logs = Logs::capture();
    let source = Scripted::new((1..=7).map(|id| vec![claimed(id)]));
    let clock = world.clock.clone();
    let handler = does("handler", &world.calls, move |job: Job, _| {
        clock.advance(ms(1000));
        async move { if [1, 4].contains(&job.id) { Err(anyhow::anyhow!("no").into()) } else { Ok(()) } }
    });
    let builder = world.builder().bus("bus", |bus| bus.handler(handler));
    let builder = builder.transport("t", source).on_failure("t", retries(0), None);
    let worker = worker(&built(builder), &["t"], options);
    let stop = worker.stop_handle();
    let listener = world.events.and(move |told| {
        if let crate::support::Told::Event(messenger::worker::WorkerEvent::Running {
            idle: true,
            ..
        }) = told
        {
            stop.stop();
        }
    });
    worker.listener(listener).run(std::future::pending()).await;
    (world.calls.of("handler"), logs.with("Stopping worker:"))
}

#[tokio::test]
async fn the_message_limit_counts_failures_too() {
    for count in 1..=3 {
        let (handled, lines) = run(limit(count)).await;
        assert_eq!(handled as u64, count);
        let line = format!("INFO Stopping worker: maximum count of {count} messages processed");
        assert_eq!(lines, [line]);
    }
    assert_eq!(run(limit(8)).await, (7, vec![]));
}

#[tokio::test]
async fn the_failure_limit_counts_failures_only() {
    for (failures, handled) in [(1, 1), (2, 4)] {
        let options = WorkerOptions { failure_limit: Some(failures), ..WorkerOptions::default() };
        let line = format!("INFO Stopping worker: limit of {failures} failed message(s) reached");
        assert_eq!(run(options).await, (handled, vec![line]));
    }
    let options = WorkerOptions { failure_limit: Some(3), ..WorkerOptions::default() };
    assert_eq!(run(options).await, (7, vec![]));
}

#[tokio::test]
async fn the_time_limit_stops_after_the_message_that_exceeds_it() {
    let options = WorkerOptions { time_limit: Some(ms(2000)), ..WorkerOptions::default() };
    let line = "INFO Stopping worker: time limit of 2s exceeded".to_owned();
    assert_eq!(run(options).await, (3, vec![line]));
}

#[tokio::test]
async fn an_idle_worker_does_not_oversleep_its_time_limit() {
    let world = World::default();
    let builder = world.builder().bus("bus", |bus| bus).transport("t", Scripted::default());
    let messenger = built(builder);
    let options = WorkerOptions {
        time_limit: Some(ms(2500)),
        sleep: Duration::from_secs(60),
        ..WorkerOptions::default()
    };
    let worker = worker(&messenger, &["t"], options);
    world.clock.advance(Duration::from_secs(100));
    let began = world.clock.now();

    worker.run(std::future::pending()).await;

    let ran = (world.clock.now() - began).num_milliseconds();
    assert_eq!(ran, 2501, "it counts from the start, not from when the worker was made");
}

#[tokio::test]
async fn the_memory_limit_is_about_real_memory() {
    let Some(used) = resident_bytes() else {
        return eprintln!("no /proc/self/status here");
    };
    assert!(used > 100_000, "{used}");
    let with = |memory_limit| WorkerOptions { memory_limit, ..WorkerOptions::default() };

    let (handled, lines) = run(with(Some(1024))).await;
    assert_eq!(handled, 1);
    assert!(lines[0].contains("memory limit of 1024 bytes exceeded ("), "{lines:?}");
    assert_eq!(run(with(Some(u64::MAX))).await, (7, vec![]));
}
