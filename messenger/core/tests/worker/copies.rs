//! What a retry carries: the handlers that have succeeded, and the very bytes.

use messenger::Encoded;
use messenger::stamp::{HandledStamp, RedeliveryStamp, SerializedMessageStamp};
use messenger::worker::WorkerOptions;

use crate::support::{
    Job, Scripted, World, built, claimed, consume, does, fails, jobs, retries, send, worker, works,
};

#[tokio::test]
async fn handlers_that_have_succeeded_do_not_run_again() {
    let world = World::default();
    let queue = world.queue();
    let builder = world.builder().bus("bus", |bus| {
        bus.handler(works::<Job>("good", &world.calls)).handler(fails::<Job>("bad", &world.calls))
    });
    let builder = builder.transport("t", queue.clone()).on_failure("t", retries(2), None);
    let messenger = built(builder);
    send(&messenger, "t", jobs([1])).await;

    for _ in 0..3 {
        consume(&messenger, "t").await;
    }

    assert_eq!(world.calls.all(), ["good", "bad", "bad", "bad"]);
    let copies = queue.recorded(messenger::transport::Record::Sent);
    assert_eq!(copies.last().expect("a copy").all::<HandledStamp>().count(), 1);
}

#[tokio::test]
async fn the_body_is_sent_again_byte_for_byte() {
    let world = World::default();
    let queue = world.serialising_queue();
    let handler = fails::<Job>("fails", &world.calls);
    let builder = world.builder().bus("bus", |bus| bus.handler(handler));
    let builder = builder.transport("t", queue.clone()).on_failure("t", retries(1), None);
    let messenger = built(builder);
    let body = br#"{ "unknown": 1.0, "id" :7 }"#.to_vec();
    let headers = vec![("type".to_owned(), r"App\Message\Job".to_owned())];
    let received = messenger.codec().decode(Encoded { body: body.clone(), headers });
    send(&messenger, "t", [received]).await;

    consume(&messenger, "t").await;

    let retry = queue.waiting().remove(0);
    assert_eq!(retry.last::<RedeliveryStamp>().map(|stamp| stamp.retry_count), Some(1));
    let kept = retry.last::<SerializedMessageStamp>().expect("the bytes");
    assert_eq!(*kept.serialized_message, *body);
    assert_eq!(messenger.codec().encode(&retry).expect("it can be written").body, body);
}

#[tokio::test]
async fn a_message_that_was_claimed_by_hand_tells_its_own_outcome() {
    let world = World::default();
    let builder = world.builder().bus("bus", |bus| {
        bus.handler(does("odd", &world.calls, |job: Job, _| async move {
            if job.id == 1 { Err(anyhow::anyhow!("odd").into()) } else { Ok(()) }
        }))
    });
    let source = Scripted::default();
    let builder = builder.transport("t", source.clone()).on_failure("t", retries(0), None);
    let messenger = built(builder);
    let worker = worker(&messenger, &["t"], WorkerOptions::default());

    assert!(worker.handle_claimed(claimed(1)).await);
    assert!(!worker.handle_claimed(claimed(2)).await, "the failure before does not count");

    assert_eq!(source.asked(), ["reject 1", "ack 2"]);
}
