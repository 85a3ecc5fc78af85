//! A claim is a lease: it ends, can be renewed, and once lost settles nothing.

use std::time::Duration;

use messenger::Envelope;
use messenger::stamp::DeliveryCountStamp;
use messenger::transport::Fetch;

use crate::fixture::{Fixture, find, get, ready, send};
use crate::message::{id, number, numbers, ponka};

/// The default `redeliver_timeout`, and a little.
const LEASE: u64 = 60_000;
const LEASE_IS_OVER: u64 = LEASE + 1000;

fn deliveries(envelope: &Envelope) -> Option<u32> {
    envelope.last::<DeliveryCountStamp>().map(|stamp| stamp.deliveries)
}

/// A message that was claimed by a receiver which then lost it to its rival.
async fn lost_and_taken_over(f: &Fixture) -> (Envelope, Envelope) {
    f.send(ponka(1)).await;
    let lost = f.get_one().await;
    f.advance(LEASE_IS_OVER);
    let taken_over = get(f.rival(), 1).await.pop().expect("the lease has ended");
    (lost, taken_over)
}

pub(super) async fn s3_11_a_claimed_message_comes_back_when_its_lease_ends(f: &Fixture) {
    f.send(ponka(1)).await;
    f.get_one().await;
    f.advance(LEASE - 1);
    assert!(get(f.rival(), 1).await.is_empty());
    assert_eq!(ready(f.receiver()).await, 0);
    f.advance(LEASE_IS_OVER - LEASE + 1);
    assert_eq!(ready(f.receiver()).await, 1);
    assert_eq!(numbers(&get(f.rival(), 1).await), [1]);
    assert!(f.get(1).await.is_empty(), "the rival has a lease of its own now");
}

pub(super) async fn a_renewed_lease_keeps_the_message_away(f: &Fixture) {
    f.send(ponka(1)).await;
    let held = f.get(1).await;
    for _ in 0..3 {
        f.advance(LEASE - 1000);
        f.receiver().keepalive(&held).await.expect("renewed");
        assert!(get(f.rival(), 1).await.is_empty());
    }
    f.advance(LEASE_IS_OVER);
    assert_eq!(numbers(&get(f.rival(), 1).await), [1]);
}

pub(super) async fn a_renewed_lease_can_still_be_settled(f: &Fixture) {
    f.send(ponka(1)).await;
    f.send(ponka(2)).await;
    let held = f.get(2).await;
    f.advance(LEASE / 2);
    // A clone, as the worker makes them: they share the lease.
    f.receiver().keepalive(&held.clone()).await.expect("renewed");
    f.receiver().ack(&held[..1]).await.expect("acknowledged");
    let rejected = f.receiver().reject(&held[1], &mut f.context()).await.expect("an answer");
    assert!(rejected);
    f.advance(LEASE_IS_OVER);
    assert!(f.get(10).await.is_empty());
}

pub(super) async fn a_lost_lease_cannot_acknowledge(f: &Fixture) {
    let (lost, taken_over) = lost_and_taken_over(f).await;
    f.receiver().ack(&[lost]).await.expect("left alone");
    let found = find(f.receiver(), &id(&taken_over)).await;
    assert!(found.is_some(), "the message belongs to somebody else");
    f.rival().ack(&[taken_over]).await.expect("acknowledged");
    f.advance(LEASE_IS_OVER);
    assert!(f.get(1).await.is_empty());
}

pub(super) async fn a_lost_lease_cannot_reject(f: &Fixture) {
    let (lost, taken_over) = lost_and_taken_over(f).await;
    assert!(!f.receiver().reject(&lost, &mut f.context()).await.expect("an answer"));
    assert!(f.rival().reject(&taken_over, &mut f.context()).await.expect("an answer"));
}

pub(super) async fn a_lost_lease_can_neither_renew_nor_release(f: &Fixture) {
    let (lost, taken_over) = lost_and_taken_over(f).await;
    let lost = [lost];
    f.advance(LEASE / 2);
    assert!(f.receiver().holds(&lost[0]), "nobody has looked yet");
    f.receiver().keepalive(&lost).await.expect("left alone");
    assert!(!f.receiver().holds(&lost[0]), "now the worker need not handle it");
    f.receiver().release(&lost, Duration::ZERO).await.expect("left alone");
    assert!(f.get(1).await.is_empty());
    f.advance(LEASE_IS_OVER - LEASE / 2);
    assert_eq!(numbers(&f.get(1).await), [number(&taken_over)]);
}

pub(super) async fn deliveries_are_counted_when_a_lease_is_taken_over(f: &Fixture) {
    f.send(ponka(1)).await;
    let first = f.get_one().await;
    assert_eq!(deliveries(&first), None);
    for expected in 2..=5 {
        f.advance(LEASE_IS_OVER);
        let again = get(f.rival(), 1).await.pop().expect("the lease has ended");
        assert_eq!(deliveries(&again), Some(expected));
        assert_eq!(again.last::<DeliveryCountStamp>().map(|stamp| stamp.max_deliveries), Some(3));
    }
    f.send(ponka(2)).await;
    assert_eq!(deliveries(&f.get_one().await), None, "each message has its own count");
}

pub(super) async fn a_lost_lease_does_not_reset_the_count(f: &Fixture) {
    let (_, second) = lost_and_taken_over(f).await;
    f.advance(LEASE_IS_OVER);
    assert_eq!(deliveries(&f.get_one().await), Some(3));
    f.rival().ack(&[second]).await.expect("left alone");
    f.advance(LEASE_IS_OVER);
    assert_eq!(deliveries(&f.get_one().await), Some(4));
}

pub(super) async fn one_of_two_takes_over(f: &Fixture) {
    for number in 1..=20 {
        f.send(ponka(number)).await;
    }
    assert_eq!(f.get(20).await.len(), 20);
    f.advance(LEASE_IS_OVER);
    let (ours, theirs) = tokio::join!(f.get(20), get(f.rival(), 20));
    let mut all = numbers(&[ours, theirs].concat());
    all.extend(numbers(&f.get(20).await));
    all.sort_unstable();
    assert_eq!(all, (1..=20).collect::<Vec<_>>());
}

pub(super) async fn lost_messages_of_every_queue_come_back(f: &Fixture) {
    f.send(ponka(1)).await;
    send(&f.neighbour, ponka(2), &mut f.context()).await;
    let queues = ["default".to_owned(), "failed".to_owned()];
    let both = Fetch { max: 10, queues: &queues };
    for _ in 0..2 {
        assert_eq!(numbers(&f.receiver().get(&both).await.expect("read")), [1]);
        assert_eq!(numbers(&f.receiver().get(&both).await.expect("read")), [2]);
        assert!(f.receiver().get(&both).await.expect("read").is_empty());
        f.advance(LEASE_IS_OVER);
    }
}

/// Workers vanish with the first one. What stands behind it was claimed along with it once, but is
/// not counted along for ever.
pub(super) async fn what_was_lost_before_is_delivered_alone(f: &Fixture) {
    for number in 1..=3 {
        f.send(ponka(number)).await;
    }
    assert_eq!(numbers(&f.get(10).await), [1, 2, 3]);
    f.advance(LEASE_IS_OVER);
    assert_eq!(numbers(&f.get(10).await), [1, 2, 3], "nobody knows yet which of them it was");
    f.advance(LEASE_IS_OVER);
    for (expected, count) in [(1, 3), (2, 3), (3, 3)] {
        let alone = f.get(10).await;
        assert_eq!(numbers(&alone), [expected]);
        assert_eq!(deliveries(&alone[0]), Some(count));
    }
}
