//! What a process that died left in the outbox is sent by another one.

use messenger::transport::Delivery;

use crate::outbox::{command, routed};
use crate::support::{COMMANDS, Command, Event, Probe, World, built};

#[tokio::test]
async fn s0_6b_what_was_left_in_the_outbox_is_sent_and_removed_by_the_next_sweep() {
    let world = World::new();
    let queue = Probe::outside("queue", &world);
    let messenger = routed(&world, &queue, false);
    queue.set_down();
    for _ in 0..3 {
        messenger.dispatch_on(COMMANDS, Command::from("c")).await.expect("committed");
    }
    assert_eq!(world.store.outbox().len(), 3);

    assert_eq!(messenger.sweep_outbox(10).await.expect("it can be read"), 0, "still down");
    assert_eq!(world.store.outbox().len(), 3);
    queue.set_up();
    assert_eq!(messenger.sweep_outbox(2).await.expect("it can be read"), 2);
    assert_eq!(messenger.sweep_outbox(2).await.expect("it can be read"), 1);

    assert!(world.store.outbox().is_empty());
    assert_eq!(queue.sent().len(), 3);
    assert_eq!(queue.sent()[2].message(), Some(&Event::from("e")));
}

#[tokio::test]
async fn a_message_for_two_transports_goes_to_each_in_its_own_way() {
    let world = World::new();
    let broker = Probe::outside("broker", &world);
    let table = Probe::new("table", Delivery::WithTransaction, &world);
    let builder = world
        .transactional(|bus| bus.handler::<Command>(command(&world, false)), |bus| bus)
        .message::<Event>()
        .transport("broker", broker.clone())
        .transport("table", table.clone())
        .route::<Event>(&["broker", "table"]);

    built(builder).dispatch_on(COMMANDS, Command::from("c")).await.expect("sent");

    let inside = ["outbox broker at 2", "send table at 2", "COMMIT 2", "COMMIT 1"];
    let after = ["send broker at 0", "outbox emptied at 0"];
    assert_eq!(world.log.take()[3..], [&inside[..], &after[..]].concat());
    assert_eq!((broker.sent().len(), table.sent().len()), (1, 1));
}

/// What is routed to a transport and to `sync` is handled here, so all of it waits.
#[tokio::test]
async fn a_message_that_is_also_handled_at_once_waits_for_the_commit() {
    let world = World::new();
    let table = Probe::new("table", Delivery::WithTransaction, &world);
    let builder = world
        .transactional(|bus| bus.handler::<Command>(command(&world, false)), |bus| bus)
        .message::<Event>()
        .transport("now", messenger::transport::SyncTransport)
        .transport("table", table)
        .route::<Event>(&["table", "now"]);

    built(builder).dispatch_on(COMMANDS, Command::from("c")).await.expect("sent");

    let root = ["BEGIN 1", "command", "COMMIT 1"];
    let waiting = ["BEGIN 1", "send table at 1", "BEGIN 2", "COMMIT 2", "COMMIT 1"];
    assert_eq!(world.log.take(), [&root[..], &waiting[..]].concat());
}
