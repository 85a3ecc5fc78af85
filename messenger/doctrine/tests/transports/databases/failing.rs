//! What becomes of rows whose message fails: in which queue they are, and what is told of them.

use std::sync::Arc;

use messenger::clock::{Clock, ManualClock};
use messenger::failed::{FailedMessages, Retried};
use messenger::retry::MultiplierRetryStrategy;
use messenger::stamp::{DelayStamp, QueueNameStamp};
use messenger::transport::Waiting;
use messenger::worker::{Worker, WorkerOptions};
use messenger::{Context, Envelope, Handler, HandlerError, Messenger};
use messenger_doctrine::{DoctrineTransport, UnitOfWork};

use crate::fixture::{get, receiver, send, transport};
use crate::message::{Note, id};
use test_database::TestDatabase;

struct Fails;

impl Handler<Note, UnitOfWork> for Fails {
    type Output = ();

    async fn handle(&self, _: &Note, _: &mut Context<UnitOfWork>) -> Result<(), HandlerError> {
        Err(anyhow::anyhow!("it always fails").into())
    }
}

/// The transports `async`, which retries after a minute, and `failed`.
fn messenger(db: &TestDatabase, clock: &ManualClock) -> Messenger<UnitOfWork> {
    let (database, clock) = (db.open(), Clock::Manual(clock.clone()));
    let made = |queue: &str| -> DoctrineTransport { transport(&database, queue, &clock) };
    let (waits, failed) = (made("default"), made("failed"));
    let minute = MultiplierRetryStrategy::new(1, 60_000, 1.0, 0, 0.0);
    let never = MultiplierRetryStrategy::new(0, 0, 1.0, 0, 0.0);
    let opened = database.clone();
    Messenger::builder(move || UnitOfWork::new(opened.clone()))
        .clock(clock)
        .bus("bus", |bus| bus.handler::<Note>(Fails))
        .transport("async", waits)
        .transport("failed", failed)
        .on_failure("async", minute, Some("failed"))
        .on_failure("failed", never, Some("failed"))
        .build()
        .expect("the messenger is complete")
}

fn note() -> Envelope {
    Envelope::new(Note { text: "hello".to_owned() })
}

async fn put(messenger: &Messenger<UnitOfWork>, transport: &str, envelope: Envelope) -> Envelope {
    let transport = messenger.transport(transport).expect("it is configured");
    send(&transport, envelope, &mut messenger.context("bus")).await
}

fn queues(db: &TestDatabase) -> Vec<String> {
    db.values("SELECT queue_name AS value FROM messenger_messages ORDER BY id")
}

pub(super) async fn q4_a_retry_goes_to_the_queue_that_the_message_came_from(db: &TestDatabase) {
    let clock = ManualClock::default();
    let messenger = messenger(db, &clock);
    for queue_name in ["special", "other"] {
        let stamp = QueueNameStamp { queue_name: queue_name.to_owned() };
        put(&messenger, "async", note().with(stamp)).await;
    }
    let queues_read = vec!["special".to_owned(), "other".to_owned()];
    let options = WorkerOptions { queues: queues_read, ..WorkerOptions::default() };
    let worker = Worker::new(messenger.clone(), &["async"], options).expect("a worker");

    assert_eq!((worker.run_once().await, worker.run_once().await), (1, 1));
    assert_eq!(queues(db), ["special", "other"]);

    clock.advance(std::time::Duration::from_secs(61));
    assert_eq!((worker.run_once().await, worker.run_once().await), (1, 1), "it looks there");
    assert_eq!(queues(db), ["failed", "failed"]);
}

pub(super) async fn q1_a_row_that_fails_again_is_replaced_in_one_transaction(db: &TestDatabase) {
    let messenger = messenger(db, &ManualClock::default());
    let first = id(&put(&messenger, "failed", note()).await);
    let failed = FailedMessages::new(messenger, "failed").expect("it can be read");

    let Ok(Retried::FailedAgain { id, error }) = failed.retry(&first).await else {
        panic!("it fails");
    };

    assert_ne!(id, first);
    assert_eq!(error, "it always fails");
    let ids = db.values("SELECT CAST(id AS TEXT) AS value FROM messenger_messages");
    assert_eq!(ids, [id]);
}

pub(super) async fn q3_what_is_delayed_or_in_hand_is_listed_and_counted(db: &TestDatabase) {
    let clock = ManualClock::default();
    let messenger = messenger(db, &clock);
    put(&messenger, "failed", note().with(DelayStamp::millis(90_000))).await;
    put(&messenger, "failed", note()).await;
    put(&messenger, "failed", note()).await;
    let transport = messenger.transport("failed").expect("it is configured");
    get(receiver(&Arc::clone(&transport)), 1).await;

    let counting = receiver(&transport).message_count().expect("it can count");
    let waiting = counting.count().await.expect("it counts");
    assert_eq!(waiting, Waiting { ready: 1, delayed: Some(1), held: Some(1) });
    let failed = FailedMessages::new(messenger.clone(), "failed").expect("it can be read");
    assert_eq!(failed.count().await.expect("it counts"), Some(3));
    let states = |messages: &[messenger::failed::FailedMessage]| -> Vec<(u64, bool)> {
        messages.iter().map(|one| (one.due_in().as_secs(), one.is_held())).collect()
    };
    let listed = failed.all(None).await.expect("it lists");
    assert_eq!(states(&listed), [(0, true), (0, false), (90, false)]);
    let found = failed.find(&listed[2].id()).await.expect("it finds");
    assert_eq!(states(&[found]), [(90, false)]);
}
