//! Dispatches at the same time, and dispatches that are given up.

use std::sync::Arc;

use futures_util::FutureExt;
use messenger::stamp::DispatchAfterCurrentBusStamp as After;
use messenger::{Message, Messenger};
use tokio::sync::{Barrier, Notify};

use crate::after_current_bus::{dispatches_held, two_buses};
use crate::support::{COMMANDS, Command, EVENTS, Event, World, built, call, records};

#[tokio::test]
async fn s2_20_two_roots_at_once_do_not_share_what_is_held_back() {
    let world = World::new();
    let barrier = Arc::new(Barrier::new(2));
    let command = call("command", move |command: &Command, cx| {
        let (barrier, text) = (Arc::clone(&barrier), command.text.clone());
        Box::pin(async move {
            cx.dispatch_on(EVENTS, Event::from(text.as_str()).with(After)).await?;
            barrier.wait().await; // both hold an event back now
            if text == "bad" { Err(anyhow::anyhow!("broke").into()) } else { Ok(()) }
        })
    });
    let messenger = built(two_buses(&world, command, records("event", &world.log)));

    let (good, bad) = tokio::join!(
        messenger.dispatch_on(COMMANDS, Command::from("good")),
        messenger.dispatch_on(COMMANDS, Command::from("bad")),
    );

    assert!(good.is_ok() && bad.is_err());
    assert_eq!(world.log.take(), ["event good"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn s2_20_many_roots_on_many_threads_each_handle_their_own_event_once() {
    let world = World::new();
    let builder = two_buses(&world, dispatches_held(&world, false), records("event", &world.log));
    let messenger = built(builder);
    let roots = (0..50).map(|number| {
        let messenger = Messenger::clone(&messenger);
        tokio::spawn(async move {
            messenger.dispatch_on(COMMANDS, Command::from(number.to_string().as_str())).await
        })
    });
    for root in roots.collect::<Vec<_>>() {
        root.await.expect("no panic").expect("it succeeds");
    }

    let entries = world.log.take();
    for number in 0..50 {
        let event = format!("event {number}");
        assert_eq!(entries.iter().filter(|entry| **entry == event).count(), 1, "{event}");
    }
}

#[tokio::test]
async fn a_dispatch_that_is_abandoned_handles_nothing_that_waited_and_harms_no_other() {
    let world = World::new();
    let (entered, wait) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let inside = Arc::clone(&entered);
    let command = call("command", move |command: &Command, cx| {
        let (inside, wait, text) = (Arc::clone(&inside), Arc::clone(&wait), command.text.clone());
        Box::pin(async move {
            cx.dispatch_on(EVENTS, Event::from(text.as_str()).with(After)).await?;
            inside.notify_one();
            if text == "hangs" {
                wait.notified().await;
            }
            Ok(())
        })
    });
    let messenger = built(two_buses(&world, command, records("event", &world.log)));

    let mut hanging = Box::pin(messenger.dispatch_on(COMMANDS, Command::from("hangs")));
    assert!((&mut hanging).now_or_never().is_none());
    entered.notified().await;
    drop(hanging);
    messenger.dispatch_on(COMMANDS, Command::from("next")).await.expect("it succeeds");

    assert_eq!(world.log.take(), ["event next"]);
}
