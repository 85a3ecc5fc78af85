//! A claim is a lease: it ends, can be renewed, and once lost settles nothing.

use std::time::Duration;

use messenger::Envelope;
use messenger::transport::{ById, Fetch, Waiting};

use crate::fixture::{Fixture, OTHER_QUEUE, QUEUE};
use crate::message::{deliveries, id, message, number, numbers, sorted};
use crate::subject::{Checked, Subject};

/// A message that was claimed by a receiver which then lost it to its rival.
async fn lost_and_taken_over<F: Fixture>(f: &Subject<F>) -> (Envelope, Envelope) {
    f.send(message(1)).await;
    let lost = f.get_one().await;
    f.let_leases_end().await;
    let taken_over = f.rival_gets(1).await.pop().expect("the lease has ended");
    (lost, taken_over)
}

/// A lease ends by itself, not before its time, and a take-over is a new one.
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

/// Renewed in time, a lease lasts as long as its holder wants, and then ends as any other.
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

/// A renewal is of every message that is named, not of the first alone.
pub(super) async fn each_of_several_renewed_leases_keeps_its_message_away<F: Fixture>(
    f: &Subject<F>,
) -> Checked {
    let lease = f.lease()?;
    for number in 1..=3 {
        f.send(message(number)).await;
    }
    let held = f.get(3).await;
    assert_eq!(held.len(), 3);
    for _ in 0..2 {
        f.pass(lease * 2 / 3).await;
        f.receiver().keepalive(&held).await.expect("renewed");
    }
    let taken = numbers(&f.rival_gets(3).await);
    assert!(taken.is_empty(), "their leases were renewed: {taken:?}");
    assert!(held.iter().all(|one| f.receiver().holds(one)));
    f.receiver().ack(&held).await.expect("acknowledged");
    f.let_leases_end().await;
    assert!(f.rival_gets(3).await.is_empty(), "each was settled under its renewed lease");
    Ok(())
}

/// A renewal proves itself to the clones of an envelope too: the worker settles another clone than the
/// one that it renewed.
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

/// Who comes too late removes nothing: the message belongs to the one who took it over.
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

/// The same for a rejection, which says so: the copy in the failure transport is then not sent.
pub(super) async fn a_lost_lease_cannot_reject<F: Fixture>(f: &Subject<F>) -> Checked {
    f.lease()?;
    let (lost, taken_over) = lost_and_taken_over(f).await;
    assert!(!f.reject(&lost).await);
    let rejected = f.rival().reject(&taken_over, &mut f.context()).await;
    assert!(rejected.expect("an answer"));
    Ok(())
}

/// Nor can who comes too late shorten or lengthen the lease of another, and after the renewal the
/// transport knows (`holds`).
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

/// The second delivery is counted as the second, the third as the third; each message has a count of
/// its own.
pub(super) async fn deliveries_are_counted_when_a_lease_is_taken_over<F: Fixture>(
    f: &Subject<F>,
) -> Checked {
    f.lease()?;
    f.needs_counts()?;
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

/// An acknowledgement that came too late leaves the count as it is.
pub(super) async fn a_lost_lease_does_not_reset_the_count<F: Fixture>(f: &Subject<F>) -> Checked {
    f.lease()?;
    f.needs_counts()?;
    let (_, second) = lost_and_taken_over(f).await;
    f.let_leases_end().await;
    assert_eq!(deliveries(&f.get_one().await), Some(3));
    f.rival().ack(&[second]).await.expect("left alone");
    f.let_leases_end().await;
    assert_eq!(deliveries(&f.get_one().await), Some(4));
    Ok(())
}

/// Two workers vanished with the message, and between them one gave it back: that is the third
/// delivery to be counted. Without the memory a message that kills workers would never be set aside.
pub(super) async fn a_release_does_not_reset_the_count<F: Fixture>(f: &Subject<F>) -> Checked {
    f.lease()?;
    f.needs_counts()?;
    let (_, second) = lost_and_taken_over(f).await;
    f.rival().release(&[second], Duration::ZERO).await.expect("released");
    let again = deliveries(&f.get_one().await);
    assert!(again.is_none_or(|count| count == 2), "a release is no delivery: {again:?}");
    f.let_leases_end().await;
    assert_eq!(deliveries(&f.get_one().await), Some(3), "what was counted before stays counted");
    Ok(())
}

/// A claim by id is a claim as any other: who vanishes with it holds the message no longer than its
/// lease.
pub(super) async fn what_was_claimed_by_its_id_comes_back_when_its_lease_ends<F: Fixture>(
    f: &Subject<F>,
) -> Checked {
    let lease = f.lease()?;
    let sent = f.send(message(1)).await;
    let claimed = f.claimable()?.claim(&id(&sent)).await.expect("an answer");
    assert!(matches!(claimed, ById::Done(_)), "{claimed:?}");
    f.pass(f.time.just_before(lease)).await;
    assert!(f.rival_gets(1).await.is_empty(), "it is held");
    f.let_leases_end().await;
    assert_eq!(numbers(&f.rival_gets(1).await), [1], "its lease has ended");
    Ok(())
}

/// Who counts wants to know what is worked on: a message whose holder vanished is not, and the next
/// fetch gives it.
pub(super) async fn what_has_lost_its_lease_is_not_counted_as_held<F: Fixture>(
    f: &Subject<F>,
) -> Checked {
    f.lease()?;
    let counting = f.counting()?;
    f.send(message(1)).await;
    f.get_one().await;
    f.let_leases_end().await;
    let Waiting { ready, held, .. } = counting.count().await.expect("a count");
    assert!(held.is_none_or(|count| count == 0), "{held:?} held with an ended lease");
    assert_eq!(ready, 1);
    Ok(())
}

/// Two who take over at once share the messages: none is given twice, none is forgotten.
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

/// Ended leases are found in every queue that is named. One fetch may give the messages of one queue
/// or of several; the first queue comes first.
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
        let mut got = Vec::new();
        loop {
            let claimed = f.receiver().get(&both).await.expect("read");
            if claimed.is_empty() {
                break;
            }
            got.extend(numbers(&claimed));
        }
        assert_eq!(got, [1, 2]);
        f.let_leases_end().await;
    }
    Ok(())
}
