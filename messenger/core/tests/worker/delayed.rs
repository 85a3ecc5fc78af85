//! Messages that waited for a root which a worker handled: each has its own fate.

use messenger::stamp::{
    BusNameStamp, DispatchAfterCurrentBusStamp, RedeliveryStamp, SentToFailureTransportStamp,
};
use messenger::transport::{InMemoryTransport, Record};
use messenger::worker::WorkerOptions;
use messenger::{Context, Handler, HandlerError, Message, Messenger};

use crate::support::{
    Counting, Does, Job, Note, World, built, consume, does, fails, jobs, retries, send, worker,
    works,
};

/// Handles a job by dispatching so many notes that wait for it.
struct Root {
    calls: crate::support::Calls,
    notes: u32,
}

impl Handler<Job, Counting> for Root {
    type Output = ();

    async fn handle(&self, _: &Job, cx: &mut Context<Counting>) -> Result<(), HandlerError> {
        self.calls.add("root", cx.messenger().clock().now());
        for id in 1..=self.notes {
            cx.dispatch_on("some.bus", Note { id }.with(DispatchAfterCurrentBusStamp)).await?;
        }
        Ok(())
    }
}

struct Queues {
    messenger: Messenger<Counting>,
    t1: InMemoryTransport,
    failed: InMemoryTransport,
}

async fn with_root(world: &World, notes: u32, handler: Does<Note>) -> Queues {
    let (t1, failed) = (world.queue(), world.queue());
    let root = Root { calls: world.calls.clone(), notes };
    let builder = world
        .builder()
        .bus("default.bus", |bus| bus)
        .bus("some.bus", |bus| {
            bus.handler(root).handler(handler).handler(works::<Note>("good", &world.calls))
        })
        .default_bus("some.bus")
        .transport("t1", t1.clone())
        .transport("failed", failed.clone())
        .on_failure("t1", retries(1), Some("failed"))
        .on_failure("failed", retries(0), Some("failed"));
    let messenger = built(builder);
    send(&messenger, "t1", jobs([1])).await;
    Queues { messenger, t1, failed }
}

#[tokio::test]
async fn fi_3_a_delayed_message_waits_itself_and_is_handled_on_its_retry() {
    let world = World::default();
    let flaky = does("flaky", &world.calls, |_: Note, call| async move {
        if call == 1 { Err(anyhow::anyhow!("not yet").into()) } else { Ok(()) }
    });
    let Queues { messenger, t1, failed } = with_root(&world, 1, flaky).await;
    let worker = worker(&messenger, &["t1"], WorkerOptions::default());
    let worker = worker.listener(world.events.listener());

    worker.run_once().await;

    let waiting = t1.waiting();
    assert_eq!(waiting.len(), 1, "the root is done, the delayed message waits");
    assert!(waiting[0].message::<Note>().is_some());
    let bus = waiting[0].last::<BusNameStamp>().expect("the bus was noted");
    assert_eq!(&*bus.bus_name, "some.bus");
    let retry = waiting[0].last::<RedeliveryStamp>().expect("it was sent again");
    assert_eq!(retry.retry_count, 1);
    assert_eq!(
        world.events.names(),
        ["Received", "Failed", "Handled", "Retried", "Running"],
        "the root was handled, the delayed message failed"
    );
    consume(&messenger, "t1").await;
    assert_eq!(world.calls.all(), ["root", "flaky", "good", "flaky"]);
    assert!(t1.waiting().is_empty() && failed.waiting().is_empty());
}

#[tokio::test]
async fn each_delayed_message_that_fails_has_a_fate_of_its_own() {
    let world = World::default();
    let picky = does("picky", &world.calls, |note: Note, _| async move {
        match note.id {
            1 => Err(HandlerError::unrecoverable(anyhow::anyhow!("never"))),
            2 => Ok(()),
            3 => Err(HandlerError::discard(anyhow::anyhow!("nobody wants it"))),
            _ => Err(anyhow::anyhow!("once more").into()),
        }
    });
    let Queues { messenger, t1, failed } = with_root(&world, 4, picky).await;

    consume(&messenger, "t1").await;

    let number = |queue: &InMemoryTransport| {
        let waiting = queue.waiting();
        waiting.iter().map(|note| note.message::<Note>().expect("a note").id).collect::<Vec<_>>()
    };
    assert_eq!((number(&t1), number(&failed)), (vec![4], vec![1]));
    assert_eq!(world.discards(), [r"App\Message\Note of t1"]);
    assert_eq!(world.calls.of("root"), 1);
}

#[tokio::test]
async fn a_delayed_message_that_fails_for_good_is_kept_and_the_root_is_not() {
    let world = World::default();
    let handler = fails::<Note>("bad", &world.calls);
    let Queues { messenger, t1, failed } = with_root(&world, 1, handler).await;

    consume(&messenger, "t1").await;
    consume(&messenger, "t1").await;

    assert_eq!(world.calls.of("root"), 1);
    assert_eq!(world.calls.of("bad"), 2);
    assert!(t1.waiting().is_empty());
    let kept = failed.waiting();
    assert_eq!(kept.len(), 1);
    assert!(kept[0].message::<Note>().is_some());
    assert!(kept[0].has::<SentToFailureTransportStamp>());
    assert_eq!(failed.recorded(Record::Sent).len(), 1);
}
