//! What fails again out of the failure transport goes back into it: nothing but success, a counted
//! discard or somebody who removes it takes it out.

use messenger::failed::{FailedError, FailedMessages, Retried};
use messenger::stamp::{
    DelayStamp, ErrorDetailsStamp, HistoryLeftOutStamp, RedeliveryStamp,
    SentToFailureTransportStamp, TransportMessageIdStamp,
};
use messenger::transport::InMemoryTransport;
use messenger::worker::WorkerOptions;
use messenger::{Envelope, HandlerError, Messenger};

use crate::support::{
    Counting, Does, Job, Logs, Scripted, World, built, consume, fails, fails_with, jobs, ms,
    retries, send, worker,
};

/// The transport `t`, which retries so often, and its failure transport, which would retry once.
fn messenger(
    world: &World,
    handler: Does<Job>,
    max_retries: u32,
) -> (Messenger<Counting>, InMemoryTransport) {
    let failed = world.queue();
    let builder = world.builder().bus("bus", |bus| bus.handler(handler));
    let builder = builder
        .transport("t", world.queue())
        .transport("failed", failed.clone())
        .on_failure("t", retries(max_retries), Some("failed"))
        .on_failure("failed", retries(1), Some("failed"));
    (built(builder), failed)
}

fn the_one(failed: &InMemoryTransport) -> Envelope {
    let mut waiting = failed.waiting();
    assert_eq!(waiting.len(), 1, "it is there, once");
    waiting.remove(0)
}

fn id(envelope: &Envelope) -> String {
    envelope.last::<TransportMessageIdStamp>().expect("an id").text()
}

#[tokio::test]
async fn q1_what_fails_again_goes_back_at_once_and_however_often() {
    let world = World::default();
    let logs = Logs::capture();
    let (messenger, failed) = messenger(&world, fails("fails", &world.calls), 0);
    send(&messenger, "t", jobs([1])).await;
    consume(&messenger, "t").await;

    for _ in 0..6 {
        assert_eq!(consume(&messenger, "failed").await, 1, "it is due without delay");
    }

    let kept = the_one(&failed);
    assert_eq!(world.calls.of("fails"), 7);
    let origins = kept.all::<SentToFailureTransportStamp>();
    assert!(origins.into_iter().all(|origin| origin.original_receiver_name == "t"));
    let newest = kept.last::<RedeliveryStamp>().expect("when it was kept");
    assert_eq!((newest.retry_count, kept.all::<RedeliveryStamp>().count()), (0, 7));
    assert_eq!(kept.last::<DelayStamp>(), Some(&DelayStamp::millis(0)));
    let error = kept.last::<ErrorDetailsStamp>().expect("why");
    assert_eq!(error.exception_message, "Failure from call 7");
    assert_eq!(world.discards(), Vec::<String>::new());
    assert_eq!(
        logs.with("failed again")[0],
        r#"ERROR Message App\Message\Job (id 1) failed again; it stays in the failure transport "failed" as 2. Error: "Failure from call 2""#
    );
}

#[tokio::test]
async fn q1_neither_an_unrecoverable_error_nor_a_recoverable_one_takes_it_out_or_delays_it() {
    let unrecoverable = || HandlerError::unrecoverable(anyhow::anyhow!("for ever"));
    let recoverable = || HandlerError::recoverable(anyhow::anyhow!("later"), Some(ms(3_600_000)));
    for error in [unrecoverable as fn() -> HandlerError, recoverable] {
        let world = World::default();
        let (messenger, failed) =
            messenger(&world, fails_with("f", &world.calls, move |_| error()), 0);
        send(&messenger, "failed", jobs([1])).await;
        for _ in 0..3 {
            assert_eq!(consume(&messenger, "failed").await, 1);
        }
        let kept = the_one(&failed);
        let origin = kept.last::<SentToFailureTransportStamp>().expect("where it came from");
        assert_eq!(origin.original_receiver_name, "failed");
    }
}

#[tokio::test]
async fn q1_a_discard_takes_it_out_and_is_counted() {
    let world = World::default();
    let discards = |_| HandlerError::discard(anyhow::anyhow!("nobody wants it"));
    let (messenger, failed) = messenger(&world, fails_with("f", &world.calls, discards), 0);
    send(&messenger, "failed", jobs([1, 2])).await;
    consume(&messenger, "failed").await;
    let messages = FailedMessages::new(messenger, "failed").expect("it can be read");
    assert_eq!(messages.retry("2").await.expect("it is there"), Retried::Dropped);

    assert!(failed.waiting().is_empty());
    assert_eq!(world.discards(), [r"App\Message\Job of failed"; 2]);
}

#[tokio::test]
async fn q1_a_retry_says_what_became_of_the_message() {
    let world = World::default();
    let (messenger, failed) = messenger(&world, fails("fails", &world.calls), 0);
    send(&messenger, "failed", jobs([1])).await;
    let messages = FailedMessages::new(messenger, "failed").expect("it can be read");

    let retried = messages.retry("1").await.expect("it is there");

    let (id, error) = (id(&the_one(&failed)), "Failure from call 1".to_owned());
    assert_eq!(retried, Retried::FailedAgain { id, error });
    assert_eq!(messages.count().await.expect("it counts"), Some(1));
}

#[tokio::test]
async fn what_a_failure_transport_cannot_do_is_said() {
    let builder = World::default().builder().bus("bus", |bus| bus);
    let messenger = built(builder.transport("failed", Scripted::new([])));
    let messages = FailedMessages::new(messenger, "failed").expect("it can be read");

    assert_eq!(messages.count().await.expect("no error"), None);
    let cannot = |done: Result<String, FailedError>| done.unwrap_err().to_string();
    let listing =
        "The failure transport \"failed\" does not support listing or showing specific messages.";
    let listed = messages.all(None).await.map(|all| format!("{all:?}"));
    assert_eq!(cannot(listed), listing);
    assert_eq!(cannot(messages.find("1").await.map(|one| one.id())), listing);
    let by_id =
        |what| format!("The failure transport \"failed\" cannot {what} a specific message.");
    assert_eq!(cannot(messages.retry("1").await.map(|_| String::new())), by_id("retry"));
    assert_eq!(cannot(messages.remove("1").await.map(|()| String::new())), by_id("remove"));
    assert_eq!(cannot(messages.skip("1").await.map(|()| String::new())), by_id("skip"));
}

#[tokio::test]
async fn q1_a_message_that_was_put_back_into_its_queue_by_hand_is_kept_again() {
    let world = World::default();
    let (messenger, failed) = messenger(&world, fails("fails", &world.calls), 0);
    let stamp = SentToFailureTransportStamp { original_receiver_name: "t".to_owned() };
    send(&messenger, "t", [Envelope::new(Job { id: 1 }).with(stamp)]).await;

    consume(&messenger, "t").await;

    the_one(&failed);
}

#[tokio::test]
async fn q1_a_worker_on_the_failure_transport_does_not_turn_in_circles() {
    for (seconds, calls) in [(30, 3), (90, 6)] {
        let world = World::default();
        let (messenger, failed) = messenger(&world, fails("fails", &world.calls), 0);
        send(&messenger, "failed", jobs([1, 2, 3])).await;
        let time_limit = Some(ms(seconds * 1000));
        let options = WorkerOptions { time_limit, ..WorkerOptions::default() };

        worker(&messenger, &["failed"], options).run(std::future::pending()).await;

        assert_eq!((world.calls.of("fails"), failed.waiting().len()), (calls, 3));
    }
}

fn stored_bytes(messenger: &Messenger<Counting>, envelope: &Envelope) -> usize {
    let encoded = messenger.codec().encode(envelope).expect("it can be written");
    let headers = serde_json::to_string(&encoded.headers).expect("headers");
    encoded.body.len() + headers.len()
}

#[tokio::test]
async fn q6_ten_refusals_of_56_kilobytes_make_a_small_row_that_says_what_is_missing() {
    let world = World::default();
    let refuses = |call| anyhow::anyhow!("refusal {call}: {}", "\"x\" ".repeat(14_000)).into();
    let (messenger, failed) = messenger(&world, fails_with("f", &world.calls, refuses), 9);
    send(&messenger, "t", jobs([1])).await;

    for _ in 0..10 {
        consume(&messenger, "t").await;
    }

    let kept = the_one(&failed);
    let size = stored_bytes(&messenger, &kept);
    assert!(size < 30_000, "{size} bytes");
    let errors: Vec<_> = kept.all::<ErrorDetailsStamp>().collect();
    assert_eq!(errors.len(), 10);
    for (index, error) in errors.iter().enumerate() {
        let text = &error.exception_message;
        assert!(text.starts_with(&format!("refusal {}: ", index + 1)), "{text}");
        assert!(text.contains("bytes left out]"), "{text}");
    }
}

#[tokio::test]
async fn q6_sixty_retries_make_a_small_row_that_says_how_many_are_missing() {
    let world = World::default();
    let refuses = |call| anyhow::anyhow!("refusal {call}: {}", "x".repeat(56_000)).into();
    let (messenger, failed) = messenger(&world, fails_with("f", &world.calls, refuses), 0);
    send(&messenger, "t", jobs([1])).await;

    consume(&messenger, "t").await;
    for _ in 0..60 {
        consume(&messenger, "failed").await;
    }

    let kept = the_one(&failed);
    let size = stored_bytes(&messenger, &kept);
    assert!(size < 30_000, "{size} bytes");
    let first = kept.all::<ErrorDetailsStamp>().next().expect("the first error");
    assert!(first.exception_message.starts_with("refusal 1: "));
    let last = kept.last::<ErrorDetailsStamp>().expect("the newest error");
    assert!(last.exception_message.starts_with("refusal 61: "));
    assert_eq!(kept.all::<RedeliveryStamp>().count(), 10);
    assert_eq!(kept.last::<HistoryLeftOutStamp>(), Some(&HistoryLeftOutStamp { failures: 51 }));
    let read = messenger.codec().decode(messenger.codec().encode(&kept).expect("written"));
    assert_eq!(read.last::<HistoryLeftOutStamp>().map(|stamp| stamp.failures), Some(51));
}
