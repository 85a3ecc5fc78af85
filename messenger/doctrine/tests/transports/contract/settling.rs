//! What becomes of a message that was received.

use std::time::Duration;

use messenger::stamp::DelayStamp;
use messenger::transport::ById;
use messenger::{Envelope, Message as _};

use crate::fixture::{Fixture, find, get};
use crate::message::{id, numbers, ponka};

const LATER: u64 = 24 * 3600 * 1000;

async fn is_there(f: &Fixture, envelope: &Envelope) -> bool {
    find(f.receiver(), &id(envelope)).await.is_some()
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

pub(super) async fn a_message_can_be_claimed_by_its_id(f: &Fixture) {
    let claimable = f.receiver().claimable().expect("it can claim by id");
    f.send(ponka(1)).await;
    let held = f.get_one().await;
    let delayed = f.send(ponka(2).with(DelayStamp::millis(60_000))).await;
    let ById::Done(claimed) = claimable.claim(&id(&delayed)).await.expect("an answer") else {
        panic!("it is there and free");
    };
    assert_eq!(numbers(std::slice::from_ref(&claimed)), [2]);
    for in_hand in [&held, &claimed] {
        let again = claimable.claim(&id(in_hand)).await.expect("an answer");
        assert!(matches!(again, ById::InHand), "{again:?}");
    }
    f.receiver().ack(&[held, claimed]).await.expect("acknowledged");
    for absent in [id(&delayed).as_str(), "4711", "", "no-number"] {
        let none = claimable.claim(absent).await.expect("an answer");
        assert!(matches!(none, ById::Absent), "{absent}: {none:?}");
    }
}

pub(super) async fn a_message_can_be_removed_by_its_id(f: &Fixture) {
    let removable = f.receiver().removable().expect("it can remove by id");
    f.send(ponka(1)).await;
    let held = f.get_one().await;
    let delayed = f.send(ponka(2).with(DelayStamp::millis(60_000))).await;
    f.send(ponka(3)).await;
    let remove = async |id: &str| removable.remove(id).await.expect("an answer");
    assert_eq!(remove(&id(&held)).await, ById::InHand);
    assert_eq!(remove(&id(&delayed)).await, ById::Done(()));
    for absent in [id(&delayed).as_str(), "4711", "", "no-number"] {
        assert_eq!(remove(absent).await, ById::Absent, "{absent}");
    }
    f.receiver().ack(&[held]).await.expect("acknowledged");
    f.advance(LATER);
    assert_eq!(numbers(&f.get(10).await), [3]);
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
