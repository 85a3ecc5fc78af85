//! The failure transport: what is kept there, with which stamps, and what is dropped.

use messenger::stamp::{
    DeliveryCountStamp, ErrorDetailsStamp, RedeliveryStamp, SentToFailureTransportStamp,
};
use messenger::transport::InMemoryTransport;
use messenger::worker::WorkerOptions;
use messenger::{
    Context, DispatchError, Envelope, HandlerError, Messenger, Middleware, Next, async_trait,
};

use crate::support::{
    Counting, Does, Job, Logs, Scripted, Told, World, built, claimed, consume, does, fails,
    fails_with, jobs, limit, retries, send, worker, works,
};

/// `t` with so many retries and the failure transport `failed`, which retries once.
fn messenger(
    world: &World,
    handler: Does<Job>,
    max_retries: u32,
) -> (Messenger<Counting>, InMemoryTransport, InMemoryTransport) {
    let (t, failed) = (world.queue(), world.queue());
    let builder = world.builder().bus("bus", |bus| bus.handler(handler));
    let builder = builder
        .transport("t", t.clone())
        .transport("failed", failed.clone())
        .on_failure("t", retries(max_retries), Some("failed"))
        .on_failure("failed", retries(1), Some("failed"));
    (built(builder), t, failed)
}

fn details(envelope: &Envelope) -> Vec<&str> {
    envelope.all::<ErrorDetailsStamp>().map(|stamp| stamp.exception_message.as_str()).collect()
}

#[tokio::test]
async fn s0_14_f1_what_is_not_retried_is_kept_once_with_its_origin() {
    let world = World::default();
    let (messenger, t, failed) = messenger(&world, fails("fails", &world.calls), 0);
    send(&messenger, "t", jobs([1])).await;

    consume(&messenger, "t").await;

    assert!(t.waiting().is_empty());
    let kept = failed.waiting();
    assert_eq!(kept.len(), 1);
    let origin = kept[0].last::<SentToFailureTransportStamp>().expect("its origin");
    assert_eq!(origin.original_receiver_name, "t");
    let redelivery = kept[0].last::<RedeliveryStamp>().expect("when it was kept");
    assert_eq!(redelivery.retry_count, 0);
    assert_eq!(redelivery.redelivered_at, world.clock.now());
}

#[tokio::test]
async fn f2_what_a_listener_has_retried_is_not_kept() {
    let world = World::default();
    let (messenger, t, failed) = messenger(&world, fails("fails", &world.calls), 0);
    send(&messenger, "t", jobs([1])).await;
    let retries = world.events.and(|told| {
        if let Told::Failed(event) = told {
            assert!(!event.will_retry());
            event.set_for_retry();
        }
    });

    let worker = worker(&messenger, &["t"], WorkerOptions::default());
    worker.listener(retries).run_once().await;

    assert_eq!((t.waiting().len(), failed.waiting().len()), (1, 0));
}

#[tokio::test]
async fn s3_2_f4_without_failure_transport_a_message_is_dropped_and_the_log_says_so() {
    let world = World::default();
    let logs = Logs::capture();
    let queue = world.queue();
    let builder = world.builder().bus("bus", |bus| bus.handler(fails::<Job>("f", &world.calls)));
    let messenger = built(builder.transport("t", queue.clone()).on_failure("t", retries(0), None));
    send(&messenger, "t", jobs([1])).await;

    consume(&messenger, "t").await;

    assert!(queue.waiting().is_empty());
    assert_eq!(
        logs.with("is dropped"),
        [
            r#"ERROR Message App\Message\Job (id 1) is dropped: the transport "t" has no failure transport."#
        ]
    );
}

#[tokio::test]
async fn e1_the_error_is_kept_with_the_message() {
    let world = World::default();
    let handler = fails_with("fails", &world.calls, |_| {
        HandlerError::from(std::io::Error::other("It failed!"))
    });
    let (messenger, _, failed) = messenger(&world, handler, 0);
    send(&messenger, "t", jobs([1])).await;

    consume(&messenger, "t").await;

    let kept = failed.waiting();
    let details = kept[0].last::<ErrorDetailsStamp>();
    assert_eq!(details, Some(&ErrorDetailsStamp::new("std::io::error::Error", "It failed!")));
}

#[tokio::test]
async fn e2_every_new_error_is_added() {
    let world = World::default();
    let (messenger, _, failed) = messenger(&world, fails("fails", &world.calls), 1);
    send(&messenger, "t", jobs([1])).await;

    consume(&messenger, "t").await;
    consume(&messenger, "t").await;

    let kept = failed.waiting();
    assert_eq!(details(&kept[0]), ["Failure from call 1", "Failure from call 2"]);
}

#[tokio::test]
async fn e3_the_same_error_is_kept_once() {
    let world = World::default();
    let handler = fails_with("fails", &world.calls, |_| anyhow::anyhow!("the same").into());
    let (messenger, _, failed) = messenger(&world, handler, 2);
    send(&messenger, "t", jobs([1])).await;

    for _ in 0..3 {
        consume(&messenger, "t").await;
    }

    assert_eq!(details(&failed.waiting()[0]), ["the same"]);
}

#[tokio::test]
async fn s3_14_the_failure_transport_is_a_transport_like_any_other() {
    let world = World::default();
    let failed = world.queue();
    let builder = world.builder().bus("bus", |bus| bus.handler(works::<Job>("w", &world.calls)));
    let builder = builder.transport("failed", failed.clone()).route::<Job>(&["failed"]);
    let messenger = built(builder);

    messenger.dispatch_on("bus", Job { id: 1 }).await.expect("it is sent");
    assert_eq!(failed.waiting().len(), 1);
    worker(&messenger, &["failed"], limit(1)).run(std::future::pending()).await;

    assert!(failed.waiting().is_empty());
    assert_eq!(world.calls.of("w"), 1);
}

#[tokio::test]
async fn a_message_with_which_workers_vanish_is_kept_without_being_handled() {
    let world = World::default();
    let failed = world.queue();
    let count = |deliveries| DeliveryCountStamp { deliveries, max_deliveries: 3 };
    let source = Scripted::new([vec![claimed(1).with(count(3)), claimed(2).with(count(4))]]);
    let builder = world.builder().bus("bus", |bus| bus.handler(works::<Job>("w", &world.calls)));
    let builder = builder
        .transport("t", source.clone())
        .transport("failed", failed.clone())
        .on_failure("t", retries(3), Some("failed"));

    worker(&built(builder), &["t"], limit(2)).run(std::future::pending()).await;

    assert_eq!(world.calls.of("w"), 1, "the third delivery may be handled, the fourth not");
    assert_eq!(source.asked(), ["get", "reject 2", "ack 1"]);
    let kept = failed.waiting();
    let details = kept[0].last::<ErrorDetailsStamp>().expect("why");
    assert_eq!(details.exception_class, "WorkerCrashed");
    assert_eq!(details.exception_message, "3 workers vanished while handling this message");
}

/// Panics at jobs with the number 1.
struct Panics;

#[async_trait]
impl Middleware<Counting> for Panics {
    async fn handle(
        &self,
        envelope: Envelope,
        cx: &mut Context<Counting>,
        next: Next<Counting>,
    ) -> Result<Envelope, DispatchError> {
        let id = envelope.message::<Job>().expect("a job").id;
        assert_ne!(id, 1, "a middleware does not like this");
        next.run(envelope, cx).await
    }
}

#[tokio::test]
async fn a_panic_in_a_handler_or_a_middleware_is_a_failure_and_the_worker_goes_on() {
    let world = World::default();
    let failed = world.queue();
    let handler = does("handler", &world.calls, |job: Job, _| async move {
        assert_ne!(job.id, 2, "a handler does not like this");
        Ok(())
    });
    let source = Scripted::new([vec![claimed(1), claimed(2), claimed(3)]]);
    let builder = world.builder().bus("bus", |bus| bus.middleware(Panics).handler(handler));
    let builder = builder
        .transport("t", source.clone())
        .transport("failed", failed.clone())
        .on_failure("t", retries(0), Some("failed"));

    worker(&built(builder), &["t"], limit(3)).run(std::future::pending()).await;

    assert_eq!(source.asked(), ["get", "reject 1", "reject 2", "ack 3"]);
    let kept = failed.waiting();
    let reasons: Vec<_> = kept.iter().flat_map(details).collect();
    assert!(reasons[0].contains("middleware panicked"), "{reasons:?}");
    assert!(reasons[1].contains("a handler does not like this"), "{reasons:?}");
}
