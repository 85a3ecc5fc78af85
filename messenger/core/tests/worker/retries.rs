//! When and how a message that failed is sent again.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use messenger::config::{ConfigLoader, DEFAULT_BUS, MessengerConfig};
use messenger::retry::{MultiplierRetryStrategy, RetryStrategy};
use messenger::stamp::{DelayStamp, RedeliveryStamp, TransportMessageIdStamp};
use messenger::transport::InMemoryFactory;
use messenger::worker::WorkerOptions;
use messenger::{Envelope, HandlerError, Messenger};

use crate::support::{
    Counting, Does, Job, World, built, claimed, consume, does, fails, fails_with, jobs, limit, ms,
    retries, send, worker,
};

fn messenger(
    world: &World,
    handler: Does<Job>,
    retry: impl RetryStrategy,
) -> (Messenger<Counting>, messenger::transport::InMemoryTransport) {
    let queue = world.queue();
    let builder = world.builder().bus("bus", |bus| bus.handler(handler));
    let builder = builder.transport("t", queue.clone()).on_failure("t", retry, None);
    (built(builder), queue)
}

async fn attempts(world: &World, retry: MultiplierRetryStrategy, count: u64) -> Vec<i64> {
    let (messenger, queue) = messenger(world, fails("fails", &world.calls), retry);
    send(&messenger, "t", jobs([1])).await;
    worker(&messenger, &["t"], limit(count)).run(std::future::pending()).await;
    assert!(queue.waiting().is_empty());
    world.calls.seconds_of("fails")
}

#[tokio::test]
async fn s1_10_by_default_a_message_is_tried_after_0_1_3_and_7_seconds() {
    let mut without_jitter = MultiplierRetryStrategy::default();
    without_jitter.jitter = 0.0;
    assert_eq!(attempts(&World::default(), without_jitter, 4).await, [0, 1, 3, 7]);
}

#[tokio::test]
async fn s3_3_with_a_delay_of_two_seconds_it_is_tried_after_0_2_6_and_14_seconds() {
    let retry = MultiplierRetryStrategy::new(3, 2000, 2.0, 0, 0.0);
    assert_eq!(attempts(&World::default(), retry, 4).await, [0, 2, 6, 14]);
}

#[tokio::test]
async fn s3_1_the_handler_is_called_once_more_than_there_are_retries() {
    for max_retries in [0, 1, 3] {
        let expected = u64::from(max_retries) + 1;
        let tried = attempts(&World::default(), retries(max_retries), expected).await;
        assert_eq!(tried.len() as u64, expected);
    }
}

#[tokio::test]
async fn s0_13_a_retry_may_succeed() {
    let world = World::default();
    let flaky = does("flaky", &world.calls, |_: Job, call| async move {
        if call == 1 { Err(anyhow::anyhow!("no such file").into()) } else { Ok(()) }
    });
    let (messenger, queue) =
        messenger(&world, flaky, MultiplierRetryStrategy::new(3, 1000, 2.0, 0, 0.0));
    send(&messenger, "t", jobs([1])).await;

    consume(&messenger, "t").await;
    let retry = queue.waiting()[0].last::<RedeliveryStamp>().copied();
    assert_eq!(retry.map(|stamp| stamp.retry_count), Some(1));
    assert_eq!(consume(&messenger, "t").await, 0, "it is not due yet");
    world.clock.advance(ms(1000));
    assert_eq!(consume(&messenger, "t").await, 1);
    assert!(queue.waiting().is_empty());
}

/// How often a job is tried in a queue with three retries when the configuration says this too.
async fn tried(world: &World, retries_by_message: &str) -> usize {
    let text = format!(
        "[transports.t]\ndsn = \"in-memory://\"\nretry_strategy = {{ delay = 0, jitter = 0 }}\n\
         [retry_strategy]\n{retries_by_message}\n"
    );
    let config = MessengerConfig::parse(&text).expect("the text is right");
    let factory = InMemoryFactory::default();
    let builder =
        world.builder().bus(DEFAULT_BUS, |bus| bus.handler::<Job>(fails("fails", &world.calls)));
    let messenger = built(builder.factory(factory).configured_by(&config));
    send(&messenger, "t", jobs([1])).await;
    while consume(&messenger, "t").await > 0 {
        world.clock.advance(ms(60_000));
    }
    world.calls.seconds_of("fails").len()
}

#[tokio::test]
async fn the_strategy_of_a_message_wins_over_that_of_its_transport() {
    for (by_message, expected) in [
        ("", 4),
        ("Note = { max_retries = 0 }", 4),
        ("Job = { max_retries = 1 }", 2),
        ("'App\\Message\\Job' = { max_retries = 5, max_delay = 1000 }", 6),
        ("Grouped = { max_retries = 0 }", 1),
        ("'App\\Message\\*' = { max_retries = 0 }", 1),
        ("'*' = { max_retries = 0 }\nGrouped = { max_retries = 1 }\nJob = { max_retries = 2 }", 3),
        ("'*' = { max_retries = 0 }\nGrouped = { max_retries = 1 }", 2),
    ] {
        assert_eq!(tried(&World::default(), by_message).await, expected, "{by_message}");
    }
}

#[tokio::test]
async fn the_strategy_of_a_message_can_be_given_in_code() {
    let world = World::default();
    let queue = world.queue();
    let builder =
        world.builder().bus("bus", |bus| bus.handler::<Job>(fails("fails", &world.calls)));
    let builder = builder.transport("t", queue).on_failure("t", retries(3), None);
    let messenger = built(builder.retry::<Job>(retries(1)));
    send(&messenger, "t", jobs([1])).await;
    while consume(&messenger, "t").await > 0 {}
    assert_eq!(world.calls.seconds_of("fails").len(), 2);
}

#[test]
fn a_strategy_for_an_unknown_message_is_refused_with_the_known_ones() {
    let text = "[retry_strategy]\nJobb = { max_retries = 1 }";
    let config = MessengerConfig::parse(text).expect("the text is right");
    let builder = World::default().builder().configured_by(&config);
    let Err(error) = builder.build() else { panic!("there is no such message") };
    assert_eq!(
        error.problems,
        ["messenger.toml:2: retry_strategy.Jobb: unknown message or interface \"Jobb\"; known \
          messages or interfaces: Grouped, Job, Note (did you mean \"Job\"?)"]
    );
}

#[test]
fn a_kind_of_transport_is_its_factorys_and_an_unknown_one_is_refused_with_those_there_are() {
    let lookup = |_: &str| Some("redis://u:hunter2@h".to_owned());
    let text = "[transports]\nqueue = \"${QUEUE_DSN}\"";
    let config =
        ConfigLoader::new(&lookup).text("messenger.toml", text).load().expect("it is right");
    let builder = World::default().builder().configured_by(&config);
    let Err(error) = builder.build() else { panic!("nobody makes such transports") };
    assert_eq!(
        error.problems,
        ["messenger.toml:2: transports.queue (QUEUE_DSN): unknown transport scheme \"redis://\"; \
          known transport schemes: sync://, in-memory://"]
    );
}

/// Counts what it is asked; always says yes, after a second.
#[derive(Debug, Clone, Default)]
struct Asked(Arc<Mutex<Vec<&'static str>>>);

impl RetryStrategy for Asked {
    fn is_retryable(&self, _: &Envelope) -> bool {
        self.0.lock().expect("no panic").push("is_retryable");
        true
    }

    fn waiting_time(&self, _: &Envelope) -> Duration {
        self.0.lock().expect("no panic").push("waiting_time");
        ms(1000)
    }
}

/// What the strategy was asked, and what was sent again.
async fn retried(
    errors: impl Fn() -> HandlerError + Send + Sync + 'static,
) -> (Vec<&'static str>, Envelope) {
    let (world, asked) = (World::default(), Asked::default());
    let handler = fails_with("fails", &world.calls, move |_| errors());
    let (messenger, queue) = messenger(&world, handler, asked.clone());
    send(&messenger, "t", jobs([1])).await;
    consume(&messenger, "t").await;
    let asked = asked.0.lock().expect("no panic").clone();
    (asked, queue.waiting().remove(0))
}

fn delay_and_count(envelope: &Envelope) -> (i64, u32) {
    let delay = envelope.last::<DelayStamp>().expect("it is delayed").delay;
    (delay, envelope.last::<RedeliveryStamp>().expect("it was sent again").retry_count)
}

#[tokio::test]
async fn r6_a_recoverable_error_is_retried_without_asking_whether() {
    let (asked, sent) =
        retried(|| HandlerError::recoverable(anyhow::anyhow!("passes"), None)).await;
    assert_eq!(asked, ["waiting_time"]);
    assert_eq!(delay_and_count(&sent), (1000, 1));
}

#[tokio::test]
async fn r7_a_recoverable_error_with_a_delay_needs_no_strategy() {
    let (asked, sent) =
        retried(|| HandlerError::recoverable(anyhow::anyhow!("passes"), Some(ms(1234)))).await;
    assert_eq!(asked, Vec::<&str>::new());
    assert_eq!(delay_and_count(&sent), (1234, 1));
}

#[tokio::test]
async fn r8_for_an_ordinary_error_the_strategy_is_asked_both() {
    let (asked, sent) = retried(|| anyhow::anyhow!("broken").into()).await;
    assert_eq!(asked, ["is_retryable", "waiting_time"]);
    assert_eq!(delay_and_count(&sent), (1000, 1));
}

#[tokio::test]
async fn r9_the_history_of_retries_is_limited_to_ten() {
    let world = World::default();
    let (messenger, queue) = messenger(&world, fails("fails", &world.calls), retries(9));
    let at = world.clock.now().fixed_offset();
    let mut message = Envelope::new(Job { id: 1 });
    for delay in 0..15 {
        message = message.with(DelayStamp::millis(-delay));
    }
    for retry_count in 1..=3 {
        message = message.with(RedeliveryStamp { retry_count, redelivered_at: at });
    }
    send(&messenger, "t", [message]).await;

    consume(&messenger, "t").await;

    let sent = queue.waiting().remove(0);
    let delays: Vec<i64> = sent.all::<DelayStamp>().map(|stamp| stamp.delay).collect();
    assert_eq!(delays, [0, -7, -8, -9, -10, -11, -12, -13, -14, 0], "the first and the newest");
    assert_eq!(sent.all::<RedeliveryStamp>().count(), 4);
}

#[tokio::test]
async fn r10_a_retry_is_told_as_the_transport_sent_it() {
    let world = World::default();
    let (messenger, _) = messenger(&world, fails("fails", &world.calls), retries(1));
    send(&messenger, "t", jobs([1])).await;
    let worker = worker(&messenger, &["t"], WorkerOptions::default());

    worker.listener(world.events.listener()).run_once().await;

    let retried = world.events.retried();
    assert_eq!(retried.len(), 1);
    let id = retried[0].last::<TransportMessageIdStamp>().map(TransportMessageIdStamp::text);
    assert_eq!(id.as_deref(), Some("2"), "the id of the copy");
}

#[tokio::test]
async fn a_recoverable_error_is_retried_beyond_the_limit() {
    let world = World::default();
    let error = |_| HandlerError::recoverable(anyhow::anyhow!("passes"), Some(ms(500)));
    let handler = fails_with("recoverable", &world.calls, error);
    let (messenger, queue) = messenger(&world, handler, retries(1));
    send(&messenger, "t", jobs([1])).await;

    for expected in 1..=5 {
        consume(&messenger, "t").await;
        assert_eq!(delay_and_count(&queue.waiting()[0]), (500, expected));
        world.clock.advance(ms(500));
    }
}

async fn delay_after(errors: Vec<fn() -> HandlerError>) -> i64 {
    let world = World::default();
    let queue = world.queue();
    let builder = world.builder().bus("bus", |bus| {
        errors.into_iter().zip(["a", "b", "c"]).fold(bus, |bus, (error, name)| {
            bus.handler(fails_with::<Job>(name, &world.calls, move |_| error()))
        })
    });
    let retry = MultiplierRetryStrategy::new(3, 9000, 1.0, 0, 0.0);
    let messenger = built(builder.transport("t", queue.clone()).on_failure("t", retry, None));
    send(&messenger, "t", jobs([1])).await;
    consume(&messenger, "t").await;
    delay_and_count(&queue.waiting()[0]).0
}

#[tokio::test]
async fn of_several_recoverable_errors_the_shortest_delay_counts() {
    let slow = || HandlerError::recoverable(anyhow::anyhow!("slow"), Some(ms(800)));
    let quick = || HandlerError::recoverable(anyhow::anyhow!("quick"), Some(ms(300)));
    let whenever = || HandlerError::recoverable(anyhow::anyhow!("whenever"), None);
    let ordinary = || HandlerError::from(anyhow::anyhow!("ordinary"));
    assert_eq!(delay_after(vec![slow, quick, whenever]).await, 300);
    assert_eq!(delay_after(vec![whenever]).await, 9000);
    assert_eq!(delay_after(vec![ordinary, quick]).await, 300, "also behind an ordinary error");
}

#[tokio::test]
async fn a_count_from_outside_cannot_overflow() {
    let world = World::default();
    let error = |_| HandlerError::recoverable(anyhow::anyhow!("passes"), None);
    let (messenger, queue) =
        messenger(&world, fails_with("fails", &world.calls, error), retries(0));
    let at = world.clock.now().fixed_offset();
    let stamp = RedeliveryStamp { retry_count: u32::MAX, redelivered_at: at };
    send(&messenger, "t", [claimed(1).with(stamp)]).await;

    consume(&messenger, "t").await;

    assert_eq!(delay_and_count(&queue.waiting()[0]), (0, u32::MAX));
}
