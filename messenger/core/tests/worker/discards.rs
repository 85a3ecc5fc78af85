//! The reader's question: how certain messages are kept out of the failure transport.

use messenger::stamp::{DoNotKeepOnFailureStamp, TransportMessageIdStamp};
use messenger::transport::InMemoryTransport;
use messenger::worker::WorkerOptions;
use messenger::{Envelope, HandlerError, Message, Messenger};

use crate::support::{
    Builder, Counting, Job, Logs, Note, Told, World, built, consume, fails, fails_with, ids, jobs,
    ms, retries, send, worker,
};

const JOB_OF_T: &str = r"App\Message\Job of t";

/// Jobs and notes fail on `t`, which retries once and has a failure transport.
fn builder(world: &World) -> (Builder, InMemoryTransport) {
    let failed = world.queue();
    let builder = world.builder().bus("bus", |bus| {
        bus.handler(fails::<Job>("job", &world.calls)).handler(fails::<Note>("note", &world.calls))
    });
    let builder = builder
        .transport("t", world.queue())
        .transport("failed", failed.clone())
        .on_failure("t", retries(1), Some("failed"));
    (builder, failed)
}

async fn consume_all(messenger: &Messenger<Counting>, transport: &str) {
    while consume(messenger, transport).await > 0 {}
}

#[tokio::test]
async fn s3_q1_by_message_name() {
    let world = World::default();
    let logs = Logs::capture();
    let (builder, failed) = builder(&world);
    let messenger = built(builder.discard::<Note>());
    send(&messenger, "t", [Note { id: 1 }.into(), Job { id: 2 }.into()]).await;

    consume_all(&messenger, "t").await;

    assert_eq!(ids(&failed.waiting()), [2]);
    assert_eq!([world.calls.of("note"), world.calls.of("job")], [2, 2], "both are retried first");
    assert_eq!(
        logs.with("on purpose"),
        [concat!(
            r#"WARN Message App\Message\Note (id 3) is discarded on purpose. "#,
            r#"Error: "Handling "App\Message\Note" failed: Failure from call 2""#
        )]
    );
    assert_eq!(world.discards(), [r"App\Message\Note of t"]);
}

#[tokio::test]
async fn s3_q2_by_transport() {
    let world = World::default();
    let (builder, failed) = builder(&world);
    let builder = builder.transport("none", world.queue()).on_failure("none", retries(1), None);
    let messenger = built(builder);
    send(&messenger, "none", jobs([1])).await;
    send(&messenger, "t", jobs([2])).await;

    consume_all(&messenger, "none").await;
    consume_all(&messenger, "t").await;

    assert_eq!(ids(&failed.waiting()), [2]);
    assert_eq!(world.discards(), [r"App\Message\Job of none"]);
}

/// Runs one message whose handler gives this error twice at most; what was tried, what was kept,
/// what was counted, and the levels of the lines about the failure.
async fn by_error(error: fn() -> HandlerError) -> (usize, usize, usize, Vec<String>) {
    let world = World::default();
    let logs = Logs::capture();
    let failed = world.queue();
    let handler = fails_with::<Job>("job", &world.calls, move |_| error());
    let builder = world.builder().bus("bus", |bus| bus.handler(handler));
    let builder = builder
        .transport("t", world.queue())
        .transport("failed", failed.clone())
        .on_failure("t", retries(1), Some("failed"));
    let messenger = built(builder);
    send(&messenger, "t", jobs([1])).await;
    for _ in 0..4 {
        consume(&messenger, "t").await;
    }
    let lines = logs.all();
    let levels =
        lines.iter().filter_map(|line| line.split_once(" Error thrown").map(|(level, _)| level));
    let discarded = logs.at("WARN").len() - logs.with("Sending for retry").len();
    assert_eq!(discarded, world.discards().len(), "a warning for every discard");
    let levels = levels.map(str::to_owned).collect();
    (world.calls.of("job"), failed.waiting().len(), world.discards().len(), levels)
}

#[tokio::test]
async fn s3_q3_by_error() {
    let ordinary = by_error(|| anyhow::anyhow!("ordinary").into()).await;
    assert_eq!(ordinary, (2, 1, 0, vec!["WARN".to_owned(), "ERROR".to_owned()]));
    let unrecoverable = by_error(|| HandlerError::unrecoverable(anyhow::anyhow!("never"))).await;
    assert_eq!(unrecoverable, (1, 1, 0, vec!["ERROR".to_owned()]));
    let recoverable =
        by_error(|| HandlerError::recoverable(anyhow::anyhow!("later"), Some(ms(0)))).await;
    assert_eq!(recoverable, (4, 0, 0, vec!["WARN".to_owned(); 4]));
    let discard = by_error(|| HandlerError::discard(anyhow::anyhow!("nobody wants it"))).await;
    // On purpose: the warning that is counted above, and no error line.
    assert_eq!(discard, (1, 0, 1, Vec::new()));
}

#[tokio::test]
async fn s3_q3_a_discard_beside_an_unrecoverable_error_is_kept() {
    let world = World::default();
    let failed = world.queue();
    let discard = |_| HandlerError::discard(anyhow::anyhow!("nobody wants it"));
    let never = |_| HandlerError::unrecoverable(anyhow::anyhow!("never"));
    let builder = world.builder().bus("bus", |bus| {
        bus.handler(fails_with::<Job>("discard", &world.calls, discard)).handler(fails_with::<Job>(
            "never",
            &world.calls,
            never,
        ))
    });
    let builder = builder
        .transport("t", world.queue())
        .transport("failed", failed.clone())
        .on_failure("t", retries(1), Some("failed"));
    let messenger = built(builder);
    send(&messenger, "t", jobs([1])).await;

    consume_all(&messenger, "t").await;

    assert_eq!(ids(&failed.waiting()), [1]);
}

#[tokio::test]
async fn s3_q4_by_stamp() {
    let world = World::default();
    let (builder, failed) = builder(&world);
    let messenger = built(builder);
    let stamped = Job { id: 1 }.with(DoNotKeepOnFailureStamp);
    send(&messenger, "t", [stamped, Job { id: 2 }.into()]).await;

    consume_all(&messenger, "t").await;

    assert_eq!(ids(&failed.waiting()), [2]);
    assert_eq!(world.discards(), [JOB_OF_T]);
}

#[tokio::test]
async fn s3_q5_every_discard_is_counted_once_and_logged() {
    let world = World::default();
    let logs = Logs::capture();
    let (builder, failed) = builder(&world);
    let messenger = built(builder.discard::<Job>());
    send(&messenger, "t", jobs([1])).await;

    consume_all(&messenger, "t").await;

    assert!(failed.waiting().is_empty());
    assert_eq!(world.discards(), [JOB_OF_T]);
    assert_eq!(logs.with("discarded on purpose").len(), 1);
}

#[tokio::test]
async fn s3_q6_a_listener_may_decide() {
    let world = World::default();
    let (builder, failed) = builder(&world);
    let messenger = built(builder);
    send(&messenger, "t", jobs([1, 2, 3])).await;
    let id = |envelope: &Envelope| {
        envelope.last::<TransportMessageIdStamp>().map(TransportMessageIdStamp::text)
    };
    let vetoes = world.events.and(move |told| {
        let Told::Failed(event) = told else { return };
        if id(event.envelope()).as_deref() == Some("2") {
            assert!(event.will_retry());
            event.discard();
        }
    });
    let worker = worker(&messenger, &["t"], WorkerOptions::default()).listener(vetoes);
    while worker.run_once().await > 0 {}

    assert_eq!(ids(&failed.waiting()), [1, 3]);
    assert_eq!(world.calls.of("job"), 5, "the vetoed one was not retried");
    assert_eq!(world.discards(), [JOB_OF_T]);
}
