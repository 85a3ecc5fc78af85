//! What happens in a transaction happens with it or not at all.

use crate::fixture::Fixture;
use crate::message::{message, numbers};
use crate::subject::{Checked, Subject, get, receiver};

pub(super) async fn a_message_sent_in_a_transaction_is_invisible_until_the_commit<F: Fixture>(
    f: &Subject<F>,
) -> Checked {
    f.needs_transactions()?;
    f.transport.setup().await.expect("set up");
    let mut cx = f.context();
    cx.begin().await.expect("begun");
    f.send_to(&f.transport, message(1), &mut cx).await;
    if let Some(counting) = f.rival().message_count() {
        assert_eq!(counting.count().await.expect("a count").total(), 0);
    }
    cx.commit().await.expect("committed");
    assert_eq!(numbers(&f.rival_gets(10).await), [1]);
    Ok(())
}

pub(super) async fn a_message_sent_in_a_transaction_vanishes_with_it<F: Fixture>(
    f: &Subject<F>,
) -> Checked {
    f.needs_transactions()?;
    f.transport.setup().await.expect("set up");
    let mut cx = f.context();
    cx.begin().await.expect("begun");
    f.send_to(&f.transport, message(1), &mut cx).await;
    cx.rollback().await;
    f.send_to(&f.transport, message(2), &mut cx).await;
    assert_eq!(numbers(&f.get(10).await), [2]);
    Ok(())
}

pub(super) async fn a_message_sent_in_a_savepoint_vanishes_with_that_alone<F: Fixture>(
    f: &Subject<F>,
) -> Checked {
    f.needs_transactions()?;
    f.transport.setup().await.expect("set up");
    let mut cx = f.context();
    cx.begin().await.expect("begun");
    f.send_to(&f.transport, message(1), &mut cx).await;
    cx.begin().await.expect("a savepoint");
    f.send_to(&f.transport, message(2), &mut cx).await;
    cx.rollback().await;
    cx.begin().await.expect("a savepoint");
    f.send_to(&f.transport, message(3), &mut cx).await;
    cx.commit().await.expect("released");
    cx.commit().await.expect("committed");
    assert_eq!(numbers(&f.get(10).await), [1, 3]);
    Ok(())
}

pub(super) async fn a_rejection_is_undone_with_its_transaction<F: Fixture>(
    f: &Subject<F>,
) -> Checked {
    f.needs_transactions()?;
    f.send(message(1)).await;
    let received = f.get_one().await;
    let mut cx = f.context();
    for end in ["undone", "kept"] {
        cx.begin().await.expect("begun");
        f.send_to(&f.other, received.clone(), &mut cx).await;
        assert!(f.receiver().reject(&received, &mut cx).await.expect("rejected"), "{end}");
        match end {
            "kept" => cx.commit().await.expect("committed"),
            _ => cx.rollback().await,
        }
    }
    assert_eq!(numbers(&get(receiver(&f.other), 10).await), [1], "one copy");
    f.let_leases_end().await;
    assert!(f.get(10).await.is_empty());
    Ok(())
}

pub(super) async fn the_first_message_of_all_can_be_sent_in_a_transaction<F: Fixture>(
    f: &Subject<F>,
) -> Checked {
    f.needs_transactions()?;
    for end in ["undone", "kept"] {
        let mut cx = f.context();
        cx.begin().await.expect("begun");
        f.send_to(&f.transport, message(1), &mut cx).await;
        match end {
            "kept" => cx.commit().await.expect("committed"),
            _ => cx.rollback().await,
        }
    }
    assert_eq!(numbers(&f.get(10).await), [1]);
    Ok(())
}
