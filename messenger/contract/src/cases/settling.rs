//! What becomes of a message that was received.

use std::time::Duration;

use crate::fixture::{Fixture, Skipped};
use crate::message::{id, message, numbers, sorted};
use crate::subject::{Checked, Subject};

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

pub(super) async fn a_released_message_comes_back_at_once<F: Fixture>(f: &Subject<F>) -> Checked {
    for number in 1..=3 {
        f.send(message(number)).await;
    }
    let received = f.get(2).await;
    f.receiver().release(&received, Duration::ZERO).await.expect("released");
    assert_eq!(sorted(&f.rival_gets(10).await), [1, 2, 3]);
    Ok(())
}

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
