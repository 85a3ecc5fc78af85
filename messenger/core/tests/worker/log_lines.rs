//! The lines that the tutorial quotes, word for word and in their order.

use messenger::retry::MultiplierRetryStrategy;

use crate::support::{
    Job, Logs, Note, World, built, consume, fails, jobs, ms, retries, send, works,
};

#[tokio::test]
async fn the_lines_of_a_success() {
    let world = World::default();
    let logs = Logs::capture();
    let builder =
        world.builder().bus("bus", |bus| bus.handler(works::<Job>("Works", &world.calls)));
    let messenger = built(builder.transport("async", world.queue()).route::<Job>(&["async"]));

    messenger.dispatch_on("bus", Job { id: 1 }).await.expect("it is sent");
    consume(&messenger, "async").await;

    assert_eq!(
        logs.all(),
        [
            r"INFO Sending message App\Message\Job with async sender using InMemoryTransport",
            r"INFO Received message App\Message\Job",
            r"INFO Message App\Message\Job handled by Works",
            r"INFO App\Message\Job was handled successfully (acknowledging to transport).",
        ]
    );
}

#[tokio::test]
async fn s3_21_s3_22_the_lines_of_a_failure() {
    let world = World::default();
    let logs = Logs::capture();
    let builder = world.builder().bus("bus", |bus| bus.handler(fails::<Job>("F", &world.calls)));
    let builder = builder
        .transport("async", world.queue())
        .transport("failed", world.queue())
        .on_failure("async", MultiplierRetryStrategy::new(1, 500, 2.0, 0, 0.0), Some("failed"));
    let messenger = built(builder);
    send(&messenger, "async", jobs([1])).await;

    consume(&messenger, "async").await;
    world.clock.advance(ms(500));
    consume(&messenger, "async").await;

    assert_eq!(
        logs.all(),
        [
            r"INFO Received message App\Message\Job",
            concat!(
                r"WARN Error thrown while handling message App\Message\Job. ",
                r"Sending for retry #1 using 500 ms delay. ",
                r#"Error: "Handling "App\Message\Job" failed: Failure from call 1""#
            ),
            r"INFO Received message App\Message\Job",
            concat!(
                r"ERROR Error thrown while handling message App\Message\Job. ",
                r"Removing from transport after 1 retries. ",
                r#"Error: "Handling "App\Message\Job" failed: Failure from call 2""#
            ),
            r#"INFO Rejected message App\Message\Job will be sent to the failure transport "failed""#,
            r"INFO Sending message App\Message\Job with failed sender using InMemoryTransport",
        ]
    );
}

#[tokio::test]
async fn a_message_without_handler_is_a_failure_that_says_so() {
    let world = World::default();
    let logs = Logs::capture();
    let builder = world.builder().bus("bus", |bus| bus.handler(works::<Job>("W", &world.calls)));
    let builder = builder.transport("t", world.queue()).on_failure("t", retries(0), None);
    let messenger = built(builder);
    send(&messenger, "t", [Note { id: 1 }.into()]).await;

    consume(&messenger, "t").await;

    let expected = r#"Error: "No handler for message "App\Message\Note" on bus "bus".""#;
    assert_eq!(logs.with(expected).len(), 1, "{:?}", logs.all());
}
