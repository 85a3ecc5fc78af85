//! A worker that waits is woken in time, whoever sends.

use std::sync::Arc;
use std::time::{Duration, Instant};

use messenger::clock::Clock;
use messenger::stamp::DelayStamp;
use messenger::{Envelope, Message};
use messenger_doctrine::DoctrineOptions;

use crate::fixture::{SharedTransport, get, messenger, receiver, send, with_options};
use crate::message::{numbers, ponka};
use test_database::TestDatabase;

const LONG: Duration = Duration::from_secs(10);

pub(crate) fn options(db: &TestDatabase) -> DoctrineOptions {
    // Notifications are heard by everybody on the server: this name is ours alone.
    let table_name = db.unique.clone();
    let redeliver_timeout = Duration::from_secs(1);
    DoctrineOptions { table_name, redeliver_timeout, ..DoctrineOptions::default() }
}

pub(crate) fn waiting(db: &TestDatabase) -> SharedTransport {
    Arc::new(with_options(&db.open(), options(db), &Clock::System))
}

/// Gets until nothing more happens by itself: the watcher has started.
pub(crate) async fn become_idle(transport: &SharedTransport) {
    let quiet = Duration::from_millis(150);
    loop {
        assert!(get(receiver(transport), 1).await.is_empty());
        let began = Instant::now();
        receiver(transport).wait(&[], quiet).await.expect("waited");
        if began.elapsed() >= quiet {
            return;
        }
    }
}

/// Waits until somebody listens for notifications (PostgreSQL), of whom a worker has begun to wait.
pub(crate) async fn is_listened_to(db: &TestDatabase) {
    let listens = format!(
        "SELECT CAST(count(*) AS TEXT) AS value FROM pg_stat_activity WHERE query = 'LISTEN \"{}\"'",
        db.unique
    );
    let began = Instant::now();
    while db.value(&listens) == "0" {
        assert!(began.elapsed() < LONG, "nobody listens");
        tokio::task::yield_now().await;
    }
}

/// As a worker does: looks, waits, looks again. Gives what came, how long it took, and how often
/// it looked.
pub(crate) async fn work(transport: &SharedTransport) -> (Vec<Envelope>, Duration, u32) {
    let began = Instant::now();
    for looks in 1.. {
        let claimed = get(receiver(transport), 10).await;
        if !claimed.is_empty() {
            return (claimed, began.elapsed(), looks);
        }
        assert!(began.elapsed() < LONG, "nothing came");
        receiver(transport).wait(&[], LONG).await.expect("waited");
    }
    unreachable!("the loop ends with a return")
}

/// The machine may be busy: the best of a few tries counts.
async fn assert_wakes_within_50_ms(db: &TestDatabase, mut send_one: impl AsyncFnMut()) {
    let transport = waiting(db);
    let mut best = LONG;
    for _ in 0..10 {
        become_idle(&transport).await;
        let worker = tokio::spawn({
            let transport = Arc::clone(&transport);
            async move {
                let (claimed, ..) = work(&transport).await;
                (claimed, Instant::now())
            }
        });
        send_one().await;
        // Whoever sends may have had to connect first.
        let sent_at = Instant::now();
        let (claimed, woken_at) = worker.await.expect("no panic");
        receiver(&transport).ack(&claimed).await.expect("acknowledged");
        best = best.min(woken_at.saturating_duration_since(sent_at));
        if best < Duration::from_millis(50) {
            return;
        }
    }
    panic!("woken after {best:?} at best");
}

pub(super) async fn a_message_of_this_process_wakes_a_worker(db: &TestDatabase) {
    let sender = waiting(db);
    let messenger = messenger(&db.open());
    assert_wakes_within_50_ms(db, async || {
        send(&sender, ponka(1), &mut messenger.context("bus")).await;
    })
    .await;
}

/// What another program does to send: a row, and nothing else.
pub(crate) fn insert_by_hand(db: &TestDatabase) {
    let table = &db.unique;
    let past = "'2026-01-01 00:00:00'";
    db.execute(&format!(
        "INSERT INTO {table} (body, headers, queue_name, created_at, available_at) VALUES \
         ('{{\"imagePostId\":1}}', '{{\"type\":\"App\\\\Message\\\\AddPonkaToImage\"}}', 'default', \
         {past}, {past})"
    ));
}

pub(super) async fn a_message_of_another_process_wakes_a_worker(db: &TestDatabase) {
    assert_wakes_within_50_ms(db, async || insert_by_hand(db)).await;
}

pub(super) async fn a_delayed_message_wakes_a_worker_when_it_is_due(db: &TestDatabase) {
    let (transport, sender) = (waiting(db), waiting(db));
    become_idle(&transport).await;
    let messenger = messenger(&db.open());
    let delayed = ponka(1).with(DelayStamp::millis(300));
    send(&sender, delayed, &mut messenger.context("bus")).await;
    let (claimed, elapsed, looks) = work(&transport).await;
    assert_eq!(numbers(&claimed), [1]);
    assert!(elapsed > Duration::from_millis(200), "{elapsed:?}");
    assert!(elapsed < Duration::from_secs(3), "{elapsed:?}");
    assert!(looks < 20, "looked {looks} times");
}

pub(super) async fn a_lease_that_ends_wakes_a_worker(db: &TestDatabase) {
    let (transport, other) = (waiting(db), waiting(db));
    let messenger = messenger(&db.open());
    send(&other, ponka(1), &mut messenger.context("bus")).await;
    assert_eq!(get(receiver(&other), 1).await.len(), 1);
    let (claimed, elapsed, looks) = work(&transport).await;
    assert_eq!(numbers(&claimed), [1]);
    assert!(elapsed > Duration::from_millis(700), "{elapsed:?}");
    assert!(elapsed < Duration::from_secs(5), "{elapsed:?}");
    assert!(looks < 20, "looked {looks} times");
}

pub(super) async fn a_released_message_wakes_a_worker(db: &TestDatabase) {
    let hour = Duration::from_secs(3600);
    let options = || DoctrineOptions { redeliver_timeout: hour, ..options(db) };
    let make =
        || -> SharedTransport { Arc::new(with_options(&db.open(), options(), &Clock::System)) };
    let (transport, other) = (make(), make());
    let messenger = messenger(&db.open());
    send(&other, ponka(1), &mut messenger.context("bus")).await;
    let held = get(receiver(&other), 1).await;
    become_idle(&transport).await;
    receiver(&other).release(&held, Duration::ZERO).await.expect("released");
    let (claimed, elapsed, _) = work(&transport).await;
    assert_eq!(numbers(&claimed), [1]);
    assert!(elapsed < Duration::from_secs(3), "{elapsed:?}");
}
