//! What happens in a transaction happens with it or not at all.

use crate::fixture::{Fixture, get, ready, send};
use crate::message::{numbers, ponka};

pub(super) async fn a_message_sent_in_a_transaction_is_invisible_until_the_commit(f: &Fixture) {
    f.transport.setup().await.expect("set up");
    let mut cx = f.context();
    cx.begin().await.expect("begun");
    send(&f.transport, ponka(1), &mut cx).await;
    assert_eq!(ready(f.rival()).await, 0);
    cx.commit().await.expect("committed");
    assert_eq!(numbers(&get(f.rival(), 10).await), [1]);
}

pub(super) async fn a_message_sent_in_a_transaction_vanishes_with_it(f: &Fixture) {
    f.transport.setup().await.expect("set up");
    let mut cx = f.context();
    cx.begin().await.expect("begun");
    send(&f.transport, ponka(1), &mut cx).await;
    cx.rollback().await;
    send(&f.transport, ponka(2), &mut cx).await;
    assert_eq!(numbers(&f.get(10).await), [2]);
}

pub(super) async fn a_message_sent_in_a_savepoint_vanishes_with_that_alone(f: &Fixture) {
    f.transport.setup().await.expect("set up");
    let mut cx = f.context();
    cx.begin().await.expect("begun");
    send(&f.transport, ponka(1), &mut cx).await;
    cx.begin().await.expect("a savepoint");
    send(&f.transport, ponka(2), &mut cx).await;
    cx.rollback().await;
    cx.begin().await.expect("a savepoint");
    send(&f.transport, ponka(3), &mut cx).await;
    cx.commit().await.expect("released");
    cx.commit().await.expect("committed");
    assert_eq!(numbers(&f.get(10).await), [1, 3]);
}

pub(super) async fn a_rejection_is_undone_with_its_transaction(f: &Fixture) {
    f.send(ponka(1)).await;
    let received = f.get_one().await;
    let mut cx = f.context();
    cx.begin().await.expect("begun");
    send(&f.neighbour, received.clone(), &mut cx).await;
    assert!(f.receiver().reject(&received, &mut cx).await.expect("rejected"));
    cx.rollback().await;
    assert_eq!(ready(crate::fixture::receiver(&f.neighbour)).await, 0);
    cx.begin().await.expect("begun");
    send(&f.neighbour, received.clone(), &mut cx).await;
    assert!(f.receiver().reject(&received, &mut cx).await.expect("still held"));
    cx.commit().await.expect("committed");
    assert_eq!(numbers(&get(crate::fixture::receiver(&f.neighbour), 10).await), [1]);
}

pub(super) async fn the_first_message_of_all_can_be_sent_in_a_transaction(f: &Fixture) {
    for end in ["undone", "kept"] {
        let mut cx = f.context();
        cx.begin().await.expect("begun");
        send(&f.transport, ponka(1), &mut cx).await;
        match end {
            "kept" => cx.commit().await.expect("committed"),
            _ => cx.rollback().await,
        }
    }
    assert_eq!(numbers(&f.get(10).await), [1]);
}
