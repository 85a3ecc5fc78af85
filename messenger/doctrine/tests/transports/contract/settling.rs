//! What becomes of a message that was received.

use std::time::Duration;

use messenger::Envelope;

use crate::fixture::{Fixture, get};
use crate::message::{id, numbers, ponka};

const LATER: u64 = 24 * 3600 * 1000;

async fn is_there(f: &Fixture, envelope: &Envelope) -> bool {
    f.receiver().find(&id(envelope)).await.expect("an answer").is_some()
}

pub(super) async fn acknowledged_messages_are_gone(f: &Fixture) {
    f.send(ponka(1)).await;
    f.send(ponka(2)).await;
    let received = f.get(2).await;
    f.receiver().ack(&received).await.expect("acknowledged");
    f.advance(LATER);
    assert!(f.get(10).await.is_empty());
    assert!(!is_there(f, &received[0]).await && !is_there(f, &received[1]).await);
    f.receiver().ack(&received).await.expect("once more does no harm");
    f.receiver().ack(&[]).await.expect("nothing to do");
}

pub(super) async fn only_acknowledged_messages_are_gone(f: &Fixture) {
    for number in 1..=4 {
        f.send(ponka(number)).await;
    }
    let received = f.get(3).await;
    f.receiver().ack(&received[1..2]).await.expect("acknowledged");
    assert!(is_there(f, &received[0]).await && is_there(f, &received[2]).await);
    assert!(!is_there(f, &received[1]).await);
    assert_eq!(numbers(&f.get(10).await), [4]);
}

pub(super) async fn a_rejected_message_is_gone(f: &Fixture) {
    f.send(ponka(1)).await;
    f.send(ponka(2)).await;
    let received = f.get_one().await;
    let held = f.receiver().reject(&received, &mut f.context()).await.expect("rejected");
    assert!(held, "the lease was held");
    assert!(!is_there(f, &received).await);
    let again = f.receiver().reject(&received, &mut f.context()).await.expect("an answer");
    assert!(!again, "it is gone already");
    f.advance(LATER);
    assert_eq!(numbers(&f.get(10).await), [2]);
}

pub(super) async fn a_found_message_can_be_rejected(f: &Fixture) {
    let sent = f.send(ponka(1)).await;
    let found = f.receiver().find(&id(&sent)).await.expect("an answer").expect("it is there");
    let held = f.receiver().reject(&found, &mut f.context()).await.expect("rejected");
    assert!(held, "nobody claimed it meanwhile");
    assert!(f.get(1).await.is_empty());
}

pub(super) async fn a_released_message_comes_back_at_once(f: &Fixture) {
    for number in 1..=3 {
        f.send(ponka(number)).await;
    }
    let received = f.get(2).await;
    f.receiver().release(&received, Duration::ZERO).await.expect("released");
    assert_eq!(numbers(&get(f.rival(), 10).await), [1, 2, 3]);
}

pub(super) async fn a_message_can_be_released_for_later(f: &Fixture) {
    f.send(ponka(1)).await;
    let received = f.get(1).await;
    f.receiver().release(&received, Duration::from_secs(2)).await.expect("released");
    f.send(ponka(2)).await;
    assert_eq!(numbers(&f.get(10).await), [2]);
    f.advance(1999);
    assert!(get(f.rival(), 10).await.is_empty());
    f.advance(1);
    assert_eq!(numbers(&get(f.rival(), 10).await), [1]);
}
