//! Who is given which message, and when.

use std::collections::BTreeSet;
use std::sync::Arc;

use messenger::Message;
use messenger::stamp::{DelayStamp, TransportMessageIdStamp};

use crate::fixture::{Fixture, find, get, ready, receiver, send};
use crate::message::{id, number, numbers, ponka};

pub(super) async fn messages_come_in_the_order_in_which_they_were_sent(f: &Fixture) {
    for number in 1..=3 {
        f.send(ponka(number)).await;
    }
    f.advance(1);
    f.send(ponka(4)).await;
    assert_eq!(numbers(&f.get(10).await), [1, 2, 3, 4]);
}

pub(super) async fn what_is_due_earlier_comes_first(f: &Fixture) {
    f.send(ponka(1).with(DelayStamp::millis(3000))).await;
    f.send(ponka(2).with(DelayStamp::millis(1000))).await;
    f.send(ponka(3).with(DelayStamp::millis(2000))).await;
    f.send(ponka(4)).await;
    f.advance(5000);
    assert_eq!(numbers(&f.get(3).await), [4, 2, 3]);
    assert_eq!(numbers(&f.get(3).await), [1]);
}

pub(super) async fn a_delay_is_counted_in_milliseconds(f: &Fixture) {
    f.send(ponka(1).with(DelayStamp::millis(1500))).await;
    f.advance(if f.whole_seconds { 999 } else { 1499 });
    assert!(f.get(1).await.is_empty());
    f.advance(1);
    assert_eq!(numbers(&f.get(1).await), [1]);
}

pub(super) async fn a_negative_delay_is_due_at_once(f: &Fixture) {
    f.send(ponka(1)).await;
    f.send(ponka(2).with(DelayStamp::millis(-5000))).await;
    f.send(ponka(3).with(DelayStamp::millis(i64::MIN))).await;
    f.send(ponka(4).with(DelayStamp::millis(i64::MAX))).await;
    let mut due = numbers(&f.get(10).await);
    due.sort_unstable();
    assert_eq!(due, [1, 2, 3]);
}

pub(super) async fn a_fetch_gives_no_more_than_was_asked_for(f: &Fixture) {
    for number in 1..=5 {
        f.send(ponka(number)).await;
    }
    assert_eq!(numbers(&f.get(2).await), [1, 2]);
    assert_eq!(numbers(&f.get(2).await), [3, 4]);
    assert_eq!(numbers(&f.get(2).await), [5]);
    assert!(f.get(2).await.is_empty());
}

pub(super) async fn two_receivers_never_hold_the_same_message(f: &Fixture) {
    f.send(ponka(1)).await;
    f.send(ponka(2)).await;
    assert_eq!(numbers(&f.get(1).await), [1]);
    assert_eq!(numbers(&get(f.rival(), 10).await), [2]);
    assert!(f.get(10).await.is_empty());
    assert!(get(f.rival(), 10).await.is_empty());
}

pub(super) async fn receivers_at_the_same_moment_never_hold_the_same_message(f: &Fixture) {
    const MESSAGES: u64 = 120;
    for number in 1..=MESSAGES {
        f.send(ponka(number)).await;
    }
    let receivers = [&f.transport, &f.rival, &f.transport, &f.rival].map(|transport| {
        let transport = Arc::clone(transport);
        tokio::spawn(async move {
            let mut held = Vec::new();
            loop {
                let claimed = get(receiver(&transport), 7).await;
                if claimed.is_empty() {
                    return held;
                }
                held.extend(claimed.iter().map(number));
            }
        })
    });
    let mut held = Vec::new();
    for receiver in receivers {
        held.extend(receiver.await.expect("no panic"));
    }
    // Rows that another receiver was just claiming may have looked like an empty queue.
    held.extend(numbers(&f.get(usize::try_from(MESSAGES).expect("small")).await));
    assert_eq!(held.len(), held.iter().collect::<BTreeSet<_>>().len(), "held twice");
    assert_eq!(held.into_iter().collect::<BTreeSet<_>>(), (1..=MESSAGES).collect());
}

pub(super) async fn s3_7_queues_do_not_see_each_other(f: &Fixture) {
    f.send(ponka(1)).await;
    let sent = send(&f.neighbour, ponka(2), &mut f.context()).await;
    let neighbour = receiver(&f.neighbour);
    assert_eq!(ready(neighbour).await, 1);
    assert_eq!(numbers(&f.get(10).await), [1]);
    assert!(f.get(10).await.is_empty());
    if id(&sent) != "1" {
        assert!(find(f.receiver(), &id(&sent)).await.is_none());
    }
    assert_eq!(numbers(&get(neighbour, 10).await), [2]);
}

pub(super) async fn a_count_leaves_out_what_is_delayed_or_in_flight_and_a_list_does_not(
    f: &Fixture,
) {
    f.send(ponka(1)).await;
    f.get_one().await;
    f.send(ponka(2).with(DelayStamp::millis(60_000))).await;
    f.send(ponka(3)).await;
    f.send(ponka(4)).await;
    let receiver = f.receiver();
    assert_eq!(ready(receiver).await, 2);
    let listable = receiver.listable().expect("it can list");
    let mut listed = numbers(&listable.all(None).await.expect("a list"));
    listed.sort_unstable();
    assert_eq!(listed, [1, 2, 3, 4]);
    f.advance(60_000);
    assert_eq!(ready(receiver).await, 3);
}

pub(super) async fn a_list_can_be_limited_and_claims_nothing(f: &Fixture) {
    for number in 1..=3 {
        f.send(ponka(number)).await;
    }
    let listable = f.receiver().listable().expect("it can list");
    let listed = listable.all(Some(2)).await.expect("a list");
    assert_eq!(numbers(&listed), [1, 2]);
    assert_eq!(numbers(&f.get(10).await), [1, 2, 3]);
}

pub(super) async fn find_sees_what_is_delayed_or_in_flight(f: &Fixture) {
    let claimed = f.send(ponka(1)).await;
    f.get_one().await;
    let delayed = f.send(ponka(2).with(DelayStamp::millis(60_000))).await;
    for (sent, expected) in [(&claimed, 1), (&delayed, 2)] {
        let found = find(f.receiver(), &id(sent)).await;
        assert_eq!(number(&found.expect("it is there")), expected);
    }
    for unknown in ["4711", "", "no-number", "99999999999999999999999"] {
        assert!(find(f.receiver(), unknown).await.is_none(), "{unknown}");
    }
}

pub(super) async fn a_message_carries_one_id(f: &Fixture) {
    let first = f.send(ponka(1)).await;
    let again = f.send(f.get_one().await).await;
    assert_eq!(again.all::<TransportMessageIdStamp>().count(), 1);
    assert_ne!(id(&first), id(&again));
    let received = f.get_one().await;
    assert_eq!(received.all::<TransportMessageIdStamp>().count(), 1);
    assert_eq!(id(&received), id(&again));
}
