//! Looking at messages without taking them, and picking one out.

use messenger::stamp::{DelayStamp, QueueStateStamp};
use messenger::transport::{ById, Waiting};
use messenger::Envelope;

use crate::fixture::Fixture;
use crate::message::{id, message, number, numbers, sorted};
use crate::subject::{Checked, Subject};

const MINUTE: i64 = 60_000;
/// What no transport gives as an id here.
const UNKNOWN: [&str; 4] = ["4711", "", "no-number", "99999999999999999999999"];

/// A message that is held, and one that is due in a minute if the transport can delay.
async fn held_and_delayed<F: Fixture>(f: &Subject<F>) -> (Envelope, Option<Envelope>) {
    f.send(message(1)).await;
    let held = f.get_one().await;
    let delayed = match f.can.delay {
        true => Some(f.send(message(2).with(DelayStamp { delay: MINUTE })).await),
        false => None,
    };
    (held, delayed)
}

pub(super) async fn a_count_knows_where_messages_stand<F: Fixture>(f: &Subject<F>) -> Checked {
    let counting = f.counting()?;
    let (_, delayed) = held_and_delayed(f).await;
    f.send(message(3)).await;
    f.send(message(4)).await;
    let Waiting { ready, delayed: later, held } = counting.count().await.expect("a count");
    assert_eq!(ready, 2);
    assert!(held.is_none_or(|count| count == 1), "{held:?} held");
    assert!(later.is_none_or(|count| count == u64::from(delayed.is_some())), "{later:?} delayed");
    Ok(())
}

pub(super) async fn a_list_claims_nothing_and_can_be_limited<F: Fixture>(
    f: &Subject<F>,
) -> Checked {
    let listable = f.listable()?;
    for number in 1..=3 {
        f.send(message(number)).await;
    }
    assert_eq!(numbers(&listable.all(Some(2)).await.expect("a list")), [1, 2]);
    assert_eq!(numbers(&listable.all(None).await.expect("a list")), [1, 2, 3]);
    assert_eq!(numbers(&f.get(10).await), [1, 2, 3]);
    Ok(())
}

pub(super) async fn what_is_delayed_or_held_is_listed_and_found<F: Fixture>(
    f: &Subject<F>,
) -> Checked {
    let listable = f.listable()?;
    let (held, delayed) = held_and_delayed(f).await;
    let expected: Vec<u64> = if delayed.is_some() { vec![1, 2] } else { vec![1] };
    assert_eq!(sorted(&listable.all(None).await.expect("a list")), expected);
    for (sent, expected) in [(Some(&held), 1), (delayed.as_ref(), 2)] {
        let Some(sent) = sent else { continue };
        let found = listable.find(&id(sent)).await.expect("an answer").expect("it is there");
        assert_eq!(number(&found), expected);
        let state = found.last::<QueueStateStamp>().expect("where it stands");
        assert_eq!((state.held, state.due_in.is_zero()), (expected == 1, expected == 1));
    }
    for unknown in UNKNOWN {
        assert!(listable.find(unknown).await.expect("an answer").is_none(), "{unknown}");
    }
    Ok(())
}

pub(super) async fn a_message_can_be_claimed_by_its_id<F: Fixture>(f: &Subject<F>) -> Checked {
    let claimable = f.claimable()?;
    let (held, delayed) = held_and_delayed(f).await;
    let wanted = match delayed {
        Some(delayed) => delayed,
        None => f.send(message(2)).await,
    };
    let ById::Done(claimed) = claimable.claim(&id(&wanted)).await.expect("an answer") else {
        panic!("it is there and free");
    };
    assert_eq!(number(&claimed), 2);
    for taken in [&held, &claimed] {
        let again = claimable.claim(&id(taken)).await.expect("an answer");
        assert!(matches!(again, ById::Held), "{again:?}");
    }
    assert!(f.rival_gets(10).await.is_empty(), "it is held");
    f.receiver().ack(&[held, claimed]).await.expect("acknowledged");
    for absent in UNKNOWN.into_iter().chain([id(&wanted).as_str()]) {
        let none = claimable.claim(absent).await.expect("an answer");
        assert!(matches!(none, ById::Absent), "{absent}: {none:?}");
    }
    Ok(())
}

pub(super) async fn a_message_can_be_removed_by_its_id<F: Fixture>(f: &Subject<F>) -> Checked {
    let removable = f.removable()?;
    let (held, delayed) = held_and_delayed(f).await;
    let wanted = match delayed {
        Some(delayed) => delayed,
        None => f.send(message(2)).await,
    };
    f.send(message(3)).await;
    let remove = async |id: &str| removable.remove(id).await.expect("an answer");
    assert_eq!(remove(&id(&held)).await, ById::Held);
    assert_eq!(remove(&id(&wanted)).await, ById::Done(()));
    for absent in UNKNOWN.into_iter().chain([id(&wanted).as_str()]) {
        assert_eq!(remove(absent).await, ById::Absent, "{absent}");
    }
    f.receiver().ack(&[held]).await.expect("acknowledged");
    f.let_leases_end().await;
    assert_eq!(numbers(&f.get(10).await), [3]);
    Ok(())
}
