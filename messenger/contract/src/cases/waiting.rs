//! Waiting for messages: it ends, and it may be dropped at any moment.

use std::time::Duration;

use futures_util::FutureExt as _;
use messenger::stamp::DelayStamp;
use messenger::transport::Fetch;

use crate::fixture::{Fixture, OTHER_QUEUE, Skipped};
use crate::message::{message, numbers};
use crate::subject::{Checked, Subject};

/// No wait here lasts so long unless it missed what it waited for.
const FOR_EVER: Duration = Duration::from_secs(600);
/// A wait that has something to tell ends within this, on a busy machine too.
const SOON: Duration = Duration::from_secs(30);

async fn ends_soon<T>(wait: impl Future<Output = T>) -> T {
    tokio::time::timeout(SOON, wait).await.expect("the wait does not end")
}

/// Waits for the transport's own queue, over a connection that holds.
async fn wait<F: Fixture>(f: &Subject<F>, at_most: Duration) {
    f.receiver().wait(&[], at_most).await.expect("the connection holds");
}

pub(super) async fn a_wait_ends_when_a_message_is_sent<F: Fixture>(f: &Subject<F>) -> Checked {
    assert!(f.get(1).await.is_empty());
    let sending = async {
        // Whether the wait has begun by now or not: both must end.
        tokio::task::yield_now().await;
        f.send_to(&f.rival, message(1), &mut f.context()).await;
    };
    let wait_until_sent = async {
        while f.get(1).await.is_empty() {
            wait(f, FOR_EVER).await;
        }
    };
    ends_soon(async { tokio::join!(wait_until_sent, sending).0 }).await;
    Ok(())
}

pub(super) async fn a_wait_ends_when_a_delayed_message_is_due<F: Fixture>(
    f: &Subject<F>,
) -> Checked {
    f.needs_delay()?;
    if f.time.is_manual() {
        return Err(Skipped::because("time passes by a clock that is moved by hand"));
    }
    let delay = i64::try_from(f.ticks(4).as_millis()).expect("short");
    f.send(message(1).with(DelayStamp { delay })).await;
    let wait_until_due = async {
        while f.get(1).await.is_empty() {
            wait(f, FOR_EVER).await;
        }
    };
    ends_soon(wait_until_due).await;
    Ok(())
}

pub(super) async fn a_wait_for_nothing_ends_in_time<F: Fixture>(f: &Subject<F>) -> Checked {
    assert!(f.get(1).await.is_empty());
    ends_soon(wait(f, Duration::ZERO)).await;
    ends_soon(wait(f, f.ticks(1).min(Duration::from_millis(100)))).await;
    Ok(())
}

/// What was sent after the last look ends the next wait, whoever was told of it in between.
pub(super) async fn a_dropped_wait_uses_up_no_news<F: Fixture>(f: &Subject<F>) -> Checked {
    assert!(f.get(1).await.is_empty());
    for number in 1..=5 {
        let mut begun = f.receiver().wait(&[], FOR_EVER);
        let _ = (&mut begun).now_or_never();
        f.send_to(&f.rival, message(number), &mut f.context()).await;
        // News of the message may reach a wait that is already dropped.
        drop(begun);
        for _ in 0..3 {
            let _ = f.receiver().wait(&[], FOR_EVER).now_or_never();
            tokio::task::yield_now().await;
        }
        let wait_until_sent = async {
            wait(f, FOR_EVER).await;
            loop {
                let claimed = f.get(10).await;
                if !claimed.is_empty() {
                    assert_eq!(numbers(&claimed), [number]);
                    return;
                }
                wait(f, FOR_EVER).await;
            }
        };
        ends_soon(wait_until_sent).await;
        assert!(f.get(1).await.is_empty());
    }
    Ok(())
}

/// A worker that reads another queue than the transport's own is told of its messages.
pub(super) async fn a_wait_ends_when_a_message_is_sent_to_a_named_queue<F: Fixture>(
    f: &Subject<F>,
) -> Checked {
    f.needs_queues()?;
    let queues = [OTHER_QUEUE.to_owned()];
    let fetch = Fetch { max: 1, queues: &queues };
    assert!(f.receiver().get(&fetch).await.expect("read").is_empty());
    // What was read last need not be what is waited for next.
    assert!(f.get(1).await.is_empty());
    let sending = async {
        tokio::task::yield_now().await;
        f.send_to(&f.other, message(1), &mut f.context()).await;
    };
    let wait_until_sent = async {
        loop {
            f.receiver().wait(&queues, FOR_EVER).await.expect("the connection holds");
            if !f.receiver().get(&fetch).await.expect("read").is_empty() {
                return;
            }
        }
    };
    ends_soon(async { tokio::join!(wait_until_sent, sending).0 }).await;
    Ok(())
}

pub(super) async fn a_wait_dropped_at_any_moment_claims_nothing<F: Fixture>(
    f: &Subject<F>,
) -> Checked {
    const MESSAGES: u64 = 20;
    assert!(f.get(1).await.is_empty());
    for number in 1..=MESSAGES {
        let mut wait = f.receiver().wait(&[], FOR_EVER);
        let mut has_ended = (&mut wait).now_or_never().is_some();
        f.send_to(&f.rival, message(number), &mut f.context()).await;
        for _ in 0..number {
            has_ended = has_ended || (&mut wait).now_or_never().is_some();
            tokio::task::yield_now().await;
        }
        drop(wait);
    }
    let expected: Vec<u64> = (1..=MESSAGES).collect();
    assert_eq!(numbers(&f.rival_gets(100).await), expected);
    assert!(f.get(1).await.is_empty());
    Ok(())
}
