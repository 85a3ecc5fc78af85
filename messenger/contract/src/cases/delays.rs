//! When a message is due.

use std::time::Duration;

use messenger::stamp::DelayStamp;

use crate::fixture::Fixture;
use crate::message::{message, numbers, sorted};
use crate::subject::{Checked, Subject};

fn by(delay: Duration) -> DelayStamp {
    DelayStamp { delay: i64::try_from(delay.as_millis()).expect("short") }
}

pub(super) async fn what_is_due_earlier_comes_first<F: Fixture>(f: &Subject<F>) -> Checked {
    f.needs_delay()?;
    f.send(message(1).with(by(f.ticks(12)))).await;
    f.send(message(2).with(by(f.ticks(4)))).await;
    f.send(message(3).with(by(f.ticks(8)))).await;
    f.send(message(4)).await;
    f.pass(f.ticks(16)).await;
    assert_eq!(numbers(&f.get(3).await), [4, 2, 3]);
    assert_eq!(numbers(&f.get(3).await), [1]);
    Ok(())
}

pub(super) async fn a_delayed_message_comes_after_its_delay<F: Fixture>(
    f: &Subject<F>,
) -> Checked {
    f.needs_delay()?;
    f.send(message(1).with(by(f.ticks(7)))).await;
    f.pass(f.time.just_before(f.ticks(7))).await;
    assert!(f.get(1).await.is_empty(), "it is not due yet");
    f.pass(f.time.across()).await;
    assert_eq!(numbers(&f.get(1).await), [1]);
    Ok(())
}

pub(super) async fn a_negative_delay_is_due_at_once<F: Fixture>(f: &Subject<F>) -> Checked {
    f.needs_delay()?;
    f.send(message(1)).await;
    f.send(message(2).with(DelayStamp { delay: -5000 })).await;
    f.send(message(3).with(DelayStamp { delay: i64::MIN })).await;
    f.send(message(4).with(DelayStamp { delay: i64::MAX })).await;
    assert_eq!(sorted(&f.get(10).await), [1, 2, 3]);
    Ok(())
}

pub(super) async fn a_message_can_be_released_for_later<F: Fixture>(f: &Subject<F>) -> Checked {
    f.needs_delay()?;
    f.send(message(1)).await;
    let received = f.get(1).await;
    f.receiver().release(&received, f.ticks(7)).await.expect("released");
    f.send(message(2)).await;
    assert_eq!(numbers(&f.get(10).await), [2]);
    f.pass(f.time.just_before(f.ticks(7))).await;
    assert!(f.rival_gets(10).await.is_empty());
    f.pass(f.time.across()).await;
    assert_eq!(numbers(&f.rival_gets(10).await), [1]);
    Ok(())
}
