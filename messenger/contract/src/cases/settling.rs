//! What becomes of a message that was received.

use std::time::Duration;

use crate::fixture::{Fixture, Skipped};
use crate::message::{deliveries, id, message, numbers, sorted};
use crate::subject::{Checked, Subject};

/// Acknowledged is gone, for every receiver and for good; once more, or nothing at all, is no error.
pub(super) async fn acknowledged_messages_are_gone<F: Fixture>(f: &Subject<F>) -> Checked {
    f.send(message(1)).await;
    f.send(message(2)).await;
    let received = f.get(2).await;
    f.receiver().ack(&received).await.expect("acknowledged");
    f.let_leases_end().await;
    assert!(f.get(10).await.is_empty() && f.rival_gets(10).await.is_empty());
    for gone in &received {
        assert_ne!(f.is_there(&id(gone)).await, Some(true));
    }
    f.receiver().ack(&received).await.expect("once more does no harm");
    f.receiver().ack(&[]).await.expect("nothing to do");
    Ok(())
}

/// What came in one fetch is settled one by one.
pub(super) async fn only_acknowledged_messages_are_gone<F: Fixture>(f: &Subject<F>) -> Checked {
    for number in 1..=4 {
        f.send(message(number)).await;
    }
    let received = f.get(3).await;
    f.receiver().ack(&received[1..2]).await.expect("acknowledged");
    assert_ne!(f.is_there(&id(&received[1])).await, Some(true));
    assert_eq!(numbers(&f.get(10).await), [4]);
    let left = [received[0].clone(), received[2].clone()];
    f.receiver().release(&left, Duration::ZERO).await.expect("released");
    assert_eq!(sorted(&f.get(10).await), [1, 3]);
    Ok(())
}

/// A rejection says whether the message was still held: the second time it was not.
pub(super) async fn a_rejected_message_is_gone<F: Fixture>(f: &Subject<F>) -> Checked {
    f.send(message(1)).await;
    f.send(message(2)).await;
    let received = f.get_one().await;
    assert!(f.reject(&received).await, "it was held");
    assert_ne!(f.is_there(&id(&received)).await, Some(true));
    assert!(!f.reject(&received).await, "it is gone already");
    f.let_leases_end().await;
    assert_eq!(numbers(&f.get(10).await), [2]);
    Ok(())
}

/// Released without a delay is due at once, for everybody. Its place among the others is left open.
pub(super) async fn a_released_message_comes_back_at_once<F: Fixture>(f: &Subject<F>) -> Checked {
    for number in 1..=3 {
        f.send(message(number)).await;
    }
    let received = f.get(2).await;
    f.receiver().release(&received, Duration::ZERO).await.expect("released");
    assert_eq!(sorted(&f.rival_gets(10).await), [1, 2, 3]);
    Ok(())
}

/// A worker that stops politely gives back what it has: that says nothing against the message,
/// however often it happens.
pub(super) async fn a_release_is_not_counted_as_a_delivery<F: Fixture>(f: &Subject<F>) -> Checked {
    f.send(message(1)).await;
    for _ in 0..4 {
        let received = f.get_one().await;
        let count = deliveries(&received);
        assert!(count.is_none_or(|count| count == 1), "a release is no delivery: {count:?}");
        f.receiver().release(&[received], Duration::ZERO).await.expect("released");
    }
    if f.receiver().lease().is_some() {
        f.get_one().await;
        f.let_leases_end().await;
        let count = deliveries(&f.get_one().await);
        assert!(count.is_none_or(|count| count == 2), "one worker vanished: {count:?}");
    }
    Ok(())
}

/// After a close only what was given out is held; what was fetched ahead is there for others, in order.
pub(super) async fn after_a_close_the_rest_is_there_for_others<F: Fixture>(
    f: &Subject<F>,
) -> Checked {
    for number in 1..=4 {
        f.send(message(number)).await;
    }
    let held = f.get_one().await;
    f.receiver().close().await.expect("closed");
    assert_eq!(numbers(&f.rival_gets(2).await), [2, 3], "what was given out stays held");
    assert_eq!(numbers(&f.get(10).await), [4], "receiving begins anew");
    f.receiver().ack(&[held]).await.expect("acknowledged");
    f.receiver().close().await.expect("closed once more");
    Ok(())
}

/// Where claims end with a connection: what it held, given out or fetched ahead, is there for others.
pub(super) async fn what_a_dead_process_held_comes_back<F: Fixture>(f: &Subject<F>) -> Checked {
    f.send(message(1)).await;
    f.send(message(2)).await;
    let held = f.get(1).await;
    if !f.fixture.cut_off().await {
        return Err(Skipped::because("the fixture cannot cut a transport off"));
    }
    assert_eq!(sorted(&f.rival_gets(10).await), [1, 2]);
    // Late, over whatever connection is there now: it belongs to somebody else.
    let _ = f.receiver().ack(&held).await;
    f.rival().close().await.expect("closed");
    Ok(())
}
