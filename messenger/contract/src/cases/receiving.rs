//! Who is given which message.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use messenger::stamp::{DeliveryCountStamp, QueueNameStamp};
use messenger::transport::Fetch;

use crate::fixture::{Fixture, OTHER_QUEUE, QUEUE, Skipped};
use crate::message::{id, message, number, numbers};
use crate::subject::{Checked, Shared, Subject, get, receiver};

pub(super) async fn messages_come_in_the_order_in_which_they_were_sent<F: Fixture>(
    f: &Subject<F>,
) -> Checked {
    for number in 1..=3 {
        f.send(message(number)).await;
    }
    f.pass(f.ticks(1)).await;
    f.send(message(4)).await;
    assert_eq!(numbers(&f.get(10).await), [1, 2, 3, 4]);
    Ok(())
}

pub(super) async fn a_fetch_gives_no_more_than_was_asked_for<F: Fixture>(
    f: &Subject<F>,
) -> Checked {
    for number in 1..=5 {
        f.send(message(number)).await;
    }
    assert_eq!(numbers(&f.get(2).await), [1, 2]);
    assert_eq!(numbers(&f.get(2).await), [3, 4]);
    assert_eq!(numbers(&f.get(2).await), [5]);
    assert!(f.get(2).await.is_empty());
    Ok(())
}

pub(super) async fn two_receivers_never_hold_the_same_message<F: Fixture>(
    f: &Subject<F>,
) -> Checked {
    f.send(message(1)).await;
    f.send(message(2)).await;
    assert_eq!(numbers(&f.get(1).await), [1]);
    assert_eq!(numbers(&f.rival_gets(10).await), [2]);
    assert!(f.get(10).await.is_empty());
    assert!(f.rival_gets(10).await.is_empty());
    Ok(())
}

/// Receives until the queue looks empty after `ended`; gives the numbers.
async fn drain<F: Fixture>(transport: Shared<F>, ended: Arc<AtomicBool>) -> Vec<u64> {
    let mut held = Vec::new();
    loop {
        let was_ended = ended.load(Ordering::SeqCst);
        let claimed = get(receiver(&transport), 7).await;
        held.extend(claimed.iter().map(number));
        receiver(&transport).ack(&claimed).await.expect("acknowledged");
        match claimed.is_empty() {
            true if was_ended => return held,
            true => tokio::task::yield_now().await,
            false => {}
        }
    }
}

/// Four receivers at once hold each of these messages once.
async fn each_is_held_once<F: Fixture>(
    f: &Subject<F>,
    messages: u64,
    sending: impl Future<Output = ()>,
) {
    let ended = Arc::new(AtomicBool::new(false));
    let receivers = [&f.transport, &f.rival, &f.transport, &f.rival]
        .map(|transport| tokio::spawn(drain::<F>(Arc::clone(transport), Arc::clone(&ended))));
    sending.await;
    ended.store(true, Ordering::SeqCst);
    let mut held = Vec::new();
    for receiver in receivers {
        held.extend(receiver.await.expect("no panic"));
    }
    // What another receiver was just claiming may have looked like an empty queue.
    held.extend(numbers(&f.get(usize::try_from(messages).expect("small")).await));
    assert_eq!(held.len(), held.iter().collect::<BTreeSet<_>>().len(), "held twice");
    assert_eq!(held.into_iter().collect::<BTreeSet<_>>(), (1..=messages).collect());
}

pub(super) async fn receivers_at_the_same_moment_hold_each_message_once<F: Fixture>(
    f: &Subject<F>,
) -> Checked {
    for number in 1..=120 {
        f.send(message(number)).await;
    }
    each_is_held_once(f, 120, std::future::ready(())).await;
    Ok(())
}

pub(super) async fn messages_sent_while_others_receive_come_once<F: Fixture>(
    f: &Subject<F>,
) -> Checked {
    let sending = async {
        for number in 1..=60 {
            f.send(message(number)).await;
        }
    };
    each_is_held_once(f, 60, sending).await;
    Ok(())
}

pub(super) async fn queues_do_not_see_each_other<F: Fixture>(f: &Subject<F>) -> Checked {
    let ours = f.send(message(1)).await;
    let theirs = f.send_to(&f.other, message(2), &mut f.context()).await;
    assert_eq!(numbers(&f.get(10).await), [1]);
    assert!(f.get(10).await.is_empty());
    if id(&ours) != id(&theirs) {
        assert_ne!(f.is_there(&id(&theirs)).await, Some(true));
    }
    assert_eq!(numbers(&get(receiver(&f.other), 10).await), [2]);
    Ok(())
}

pub(super) async fn named_queues_are_read_in_their_order<F: Fixture>(f: &Subject<F>) -> Checked {
    f.needs_queues()?;
    f.send(message(1)).await;
    f.send_to(&f.other, message(2), &mut f.context()).await;
    let queues = [OTHER_QUEUE.to_owned(), QUEUE.to_owned()];
    let both = Fetch { max: 1, queues: &queues };
    for (expected, queue) in [(2, OTHER_QUEUE), (1, QUEUE)] {
        let got = f.receiver().get(&both).await.expect("read");
        assert_eq!(numbers(&got), [expected]);
        assert_eq!(f.receiver().queue_of(&got[0]).as_deref(), Some(queue));
    }
    assert!(f.receiver().get(&both).await.expect("read").is_empty());
    Ok(())
}

/// A retry goes back to the queue from which it came, whatever the own queue of the transport.
pub(super) async fn a_message_goes_to_the_queue_that_its_stamp_names<F: Fixture>(
    f: &Subject<F>,
) -> Checked {
    f.needs_queues()?;
    let queue_name = OTHER_QUEUE.to_owned();
    f.send(message(1).with(QueueNameStamp { queue_name })).await;
    assert!(f.get(10).await.is_empty(), "it was sent to another queue");
    assert_eq!(numbers(&get(receiver(&f.other), 10).await), [1]);
    Ok(())
}

/// Nobody vanished with a message that is delivered for the first time: a larger count, or a
/// limit below one, would set it aside unhandled.
pub(super) async fn a_first_delivery_is_counted_as_one_or_not_at_all<F: Fixture>(
    f: &Subject<F>,
) -> Checked {
    for number in 1..=3 {
        f.send(message(number)).await;
    }
    let received = [f.get(2).await, f.rival_gets(1).await].concat();
    assert_eq!(received.len(), 3);
    for one in &received {
        if let Some(DeliveryCountStamp { deliveries, max_deliveries }) = one.last().copied() {
            assert_eq!(deliveries, 1, "it is the first delivery");
            assert!(max_deliveries >= 1, "it would never be handled");
        }
    }
    Ok(())
}

pub(super) async fn the_more_urgent_comes_first<F: Fixture>(f: &Subject<F>) -> Checked {
    if !f.can.priorities {
        return Err(Skipped::because("the transport has no priorities"));
    }
    for (number, priority) in [(1, 0), (2, 9), (3, 5), (4, 9)] {
        let prioritized = f.fixture.prioritized(message(number), priority);
        f.send(prioritized.expect("the fixture knows how to write a priority")).await;
    }
    assert_eq!(numbers(&f.get(10).await), [2, 4, 3, 1]);
    Ok(())
}
