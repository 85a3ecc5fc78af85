//! A claim is a lease: it ends, can be renewed, and once lost settles nothing.

use std::time::Duration;

use messenger::Envelope;
use messenger::stamp::DeliveryCountStamp;
use messenger::transport::Fetch;

use crate::fixture::{Fixture, OTHER_QUEUE, QUEUE};
use crate::message::{id, message, number, numbers, sorted};
use crate::subject::{Checked, Subject};

fn deliveries(envelope: &Envelope) -> Option<u32> {
    envelope.last::<DeliveryCountStamp>().map(|stamp| stamp.deliveries)
}

/// A message that was claimed by a receiver which then lost it to its rival.
async fn lost_and_taken_over<F: Fixture>(f: &Subject<F>) -> (Envelope, Envelope) {
    f.send(message(1)).await;
    let lost = f.get_one().await;
    f.let_leases_end().await;
    let taken_over = f.rival_gets(1).await.pop().expect("the lease has ended");
    (lost, taken_over)
}

pub(super) async fn a_held_message_comes_back_when_its_lease_ends<F: Fixture>(
    f: &Subject<F>,
) -> Checked {
    let lease = f.lease()?;
    f.send(message(1)).await;
    f.get_one().await;
    f.pass(f.time.just_before(lease)).await;
    assert!(f.rival_gets(1).await.is_empty(), "it is held");
    f.let_leases_end().await;
    assert_eq!(numbers(&f.rival_gets(1).await), [1]);
    assert!(f.get(1).await.is_empty(), "the rival has a lease of its own now");
    Ok(())
}

pub(super) async fn a_renewed_lease_keeps_the_message_away<F: Fixture>(
    f: &Subject<F>,
) -> Checked {
    let lease = f.lease()?;
    f.send(message(1)).await;
    let held = f.get(1).await;
    for _ in 0..3 {
        f.pass(lease * 2 / 3).await;
        f.receiver().keepalive(&held).await.expect("renewed");
        assert!(f.rival_gets(1).await.is_empty());
    }
    f.let_leases_end().await;
    assert_eq!(numbers(&f.rival_gets(1).await), [1]);
    Ok(())
}

pub(super) async fn a_renewed_lease_can_still_be_settled<F: Fixture>(f: &Subject<F>) -> Checked {
    let lease = f.lease()?;
    f.send(message(1)).await;
    f.send(message(2)).await;
    let held = f.get(2).await;
    f.pass(lease / 2).await;
    // A clone, as the worker makes them: they share the lease.
    f.receiver().keepalive(&held.clone()).await.expect("renewed");
    f.receiver().ack(&held[..1]).await.expect("acknowledged");
    assert!(f.reject(&held[1]).await);
    f.let_leases_end().await;
    assert!(f.get(10).await.is_empty());
    Ok(())
}

pub(super) async fn a_lost_lease_cannot_acknowledge<F: Fixture>(f: &Subject<F>) -> Checked {
    f.lease()?;
    let (lost, taken_over) = lost_and_taken_over(f).await;
    f.receiver().ack(&[lost]).await.expect("left alone");
    assert_ne!(f.is_there(&id(&taken_over)).await, Some(false), "it belongs to somebody else");
    f.rival().release(&[taken_over], Duration::ZERO).await.expect("released");
    let again = f.rival_gets(1).await;
    assert_eq!(numbers(&again), [1]);
    f.rival().ack(&again).await.expect("acknowledged");
    f.let_leases_end().await;
    assert!(f.get(1).await.is_empty());
    Ok(())
}

pub(super) async fn a_lost_lease_cannot_reject<F: Fixture>(f: &Subject<F>) -> Checked {
    f.lease()?;
    let (lost, taken_over) = lost_and_taken_over(f).await;
    assert!(!f.reject(&lost).await);
    let rejected = f.rival().reject(&taken_over, &mut f.context()).await;
    assert!(rejected.expect("an answer"));
    Ok(())
}

pub(super) async fn a_lost_lease_can_neither_renew_nor_release<F: Fixture>(
    f: &Subject<F>,
) -> Checked {
    let lease = f.lease()?;
    let (lost, taken_over) = lost_and_taken_over(f).await;
    let lost = [lost];
    f.pass(lease / 2).await;
    f.receiver().keepalive(&lost).await.expect("left alone");
    assert!(!f.receiver().holds(&lost[0]), "now the worker need not handle it");
    f.receiver().release(&lost, Duration::ZERO).await.expect("left alone");
    assert!(f.get(1).await.is_empty(), "the rival still holds it");
    f.let_leases_end().await;
    assert_eq!(numbers(&f.get(1).await), [number(&taken_over)]);
    Ok(())
}

pub(super) async fn deliveries_are_counted_when_a_lease_is_taken_over<F: Fixture>(
    f: &Subject<F>,
) -> Checked {
    f.lease()?;
    f.send(message(1)).await;
    let first = f.get_one().await;
    assert!(deliveries(&first).is_none_or(|count| count == 1));
    for expected in 2..=4 {
        f.let_leases_end().await;
        let again = f.rival_gets(1).await.pop().expect("the lease has ended");
        assert_eq!(deliveries(&again), Some(expected));
    }
    f.send(message(2)).await;
    let other = deliveries(&f.get_one().await);
    assert!(other.is_none_or(|count| count == 1), "each message has its own count: {other:?}");
    Ok(())
}

pub(super) async fn a_lost_lease_does_not_reset_the_count<F: Fixture>(f: &Subject<F>) -> Checked {
    f.lease()?;
    let (_, second) = lost_and_taken_over(f).await;
    f.let_leases_end().await;
    assert_eq!(deliveries(&f.get_one().await), Some(3));
    f.rival().ack(&[second]).await.expect("left alone");
    f.let_leases_end().await;
    assert_eq!(deliveries(&f.get_one().await), Some(4));
    Ok(())
}

pub(super) async fn one_of_two_takes_over<F: Fixture>(f: &Subject<F>) -> Checked {
    f.lease()?;
    for number in 1..=20 {
        f.send(message(number)).await;
    }
    assert_eq!(f.get(20).await.len(), 20);
    f.let_leases_end().await;
    let (ours, theirs) = tokio::join!(f.get(20), f.rival_gets(20));
    let rest = f.get(20).await;
    assert_eq!(sorted(&[ours, theirs, rest].concat()), (1..=20).collect::<Vec<_>>());
    Ok(())
}

pub(super) async fn lost_messages_of_every_named_queue_come_back<F: Fixture>(
    f: &Subject<F>,
) -> Checked {
    f.lease()?;
    f.needs_queues()?;
    f.send(message(1)).await;
    f.send_to(&f.other, message(2), &mut f.context()).await;
    let queues = [QUEUE.to_owned(), OTHER_QUEUE.to_owned()];
    let both = Fetch { max: 10, queues: &queues };
    for _ in 0..2 {
        assert_eq!(numbers(&f.receiver().get(&both).await.expect("read")), [1]);
        assert_eq!(numbers(&f.receiver().get(&both).await.expect("read")), [2]);
        assert!(f.receiver().get(&both).await.expect("read").is_empty());
        f.let_leases_end().await;
    }
    Ok(())
}
