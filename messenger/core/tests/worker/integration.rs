//! Symfony's end-to-end tests of failure transports.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use messenger::stamp::{BusNameStamp, ErrorDetailsStamp, SentToFailureTransportStamp};
use messenger::transport::InMemoryTransport;
use messenger::{
    Context, DispatchError, Envelope, HandlerOptions, Messenger, Middleware, Next, async_trait,
};

use crate::support::{
    Counting, Job, World, built, claimed, consume, does, fails, retries, send, works,
};

fn from(transport: &'static str) -> HandlerOptions {
    HandlerOptions::default().from_transport(transport)
}

/// The transports t1 and t2, their failure transport, and whether X works by now.
struct Requeue {
    messenger: Messenger<Counting>,
    queues: [InMemoryTransport; 3],
    mended: Arc<AtomicBool>,
}

impl Requeue {
    fn new(world: &World) -> Self {
        let [t1, t2, failed] = [world.queue(), world.queue(), world.queue()];
        let mended = Arc::new(AtomicBool::new(false));
        let is_mended = Arc::clone(&mended);
        let x = does("X", &world.calls, move |_: Job, call| {
            let mended = is_mended.load(SeqCst);
            async move {
                if mended {
                    Ok(())
                } else {
                    Err(anyhow::anyhow!("Failure from call {call}").into())
                }
            }
        });
        let builder = world.builder().bus("bus", |bus| {
            bus.handler_with(x, from("t1"))
                .handler(works::<Job>("Y", &world.calls))
                .handler_with(works::<Job>("Z", &world.calls), from("t2"))
        });
        let builder = builder
            .transport("t1", t1.clone())
            .transport("t2", t2.clone())
            .transport("failed", failed.clone())
            .on_failure("t1", retries(1), Some("failed"))
            .on_failure("t2", retries(0), Some("failed"))
            .on_failure("failed", retries(1), Some("failed"))
            .route::<Job>(&["t1", "t2"]);
        Self { messenger: built(builder), queues: [t1, t2, failed], mended }
    }

    fn waiting(&self) -> [usize; 3] {
        self.queues.each_ref().map(|queue| queue.waiting().len())
    }
}

#[tokio::test]
async fn fi_1_q1_a_message_of_two_transports_is_retried_and_kept_until_it_is_handled() {
    let world = World::default();
    let requeue = Requeue::new(&world);
    let messenger = &requeue.messenger;
    let waiting = || requeue.waiting();
    let calls = || ["X", "Y", "Z"].map(|name| world.calls.of(name));

    messenger.dispatch_on("bus", Job { id: 1 }).await.expect("it is sent");
    assert_eq!(waiting(), [1, 1, 0]);
    consume(messenger, "t1").await;
    assert_eq!((calls(), waiting()), ([1, 1, 0], [1, 1, 0]));
    consume(messenger, "t1").await;
    assert_eq!((calls(), waiting()), ([2, 1, 0], [0, 1, 1]));
    let kept = requeue.queues[2].waiting().remove(0);
    assert_eq!(original_receivers(&kept), ["t1"]);
    let details = kept.last::<ErrorDetailsStamp>().expect("why it failed");
    assert_eq!(details.exception_message, "Failure from call 2");
    consume(messenger, "failed").await;
    assert_eq!((calls(), waiting()), ([3, 1, 0], [0, 1, 1]));
    consume(messenger, "failed").await;
    assert_eq!((calls(), waiting()), ([4, 1, 0], [0, 1, 1]));
    consume(messenger, "t2").await;
    assert_eq!((calls(), waiting()), ([4, 2, 1], [0, 0, 1]));

    messenger.dispatch_on("bus", Job { id: 2 }).await.expect("it is sent");
    consume(messenger, "t1").await;
    consume(messenger, "t1").await;
    assert_eq!(waiting(), [0, 1, 2]);
    requeue.mended.store(true, SeqCst);
    consume(messenger, "failed").await;
    consume(messenger, "failed").await;
    assert_eq!((calls(), waiting()), ([8, 3, 1], [0, 1, 0]));
}

fn original_receivers(envelope: &Envelope) -> Vec<&str> {
    let stamps = envelope.all::<SentToFailureTransportStamp>();
    stamps.map(|stamp| stamp.original_receiver_name.as_str()).collect()
}

#[tokio::test]
async fn fi_2_and_f5_each_transport_has_its_own_failure_transport() {
    let world = World::default();
    let (f1, f2) = (world.queue(), world.queue());
    let builder = world.builder().bus("bus", |bus| {
        bus.handler_with(fails::<Job>("A", &world.calls), from("t1"))
            .handler_with(fails::<Job>("B", &world.calls), from("t2"))
    });
    let builder = builder
        .transport("t1", world.queue())
        .transport("t2", world.queue())
        .transport("f1", f1.clone())
        .transport("f2", f2.clone())
        .on_failure("t1", retries(0), Some("f1"))
        .on_failure("t2", retries(0), Some("f2"))
        .on_failure("f1", retries(0), None)
        .on_failure("f2", retries(0), None)
        .route::<Job>(&["t1", "t2"]);
    let messenger = built(builder);
    messenger.dispatch_on("bus", Job { id: 1 }).await.expect("it is sent");
    let kept = || [f1.waiting().len(), f2.waiting().len()];
    let calls = || ["A", "B"].map(|name| world.calls.of(name));

    consume(&messenger, "t1").await;
    assert_eq!((calls(), kept()), ([1, 0], [1, 0]));
    consume(&messenger, "f1").await;
    assert_eq!((calls(), kept()), ([2, 0], [1, 0]));
    consume(&messenger, "t2").await;
    assert_eq!((calls(), kept()), ([2, 1], [1, 1]));
    consume(&messenger, "f2").await;
    assert_eq!((calls(), kept()), ([2, 2], [1, 1]));
}

/// Refuses everything.
struct Validation(crate::support::Calls);

#[async_trait]
impl Middleware<Counting> for Validation {
    async fn handle(
        &self,
        envelope: Envelope,
        cx: &mut Context<Counting>,
        _next: Next<Counting>,
    ) -> Result<Envelope, DispatchError> {
        self.0.add("validation", cx.messenger().clock().now());
        Err(DispatchError::middleware(envelope, anyhow::anyhow!("1 violation")))
    }

    fn name(&self) -> &'static str {
        "validation"
    }
}

#[tokio::test]
async fn fi_4_stamps_survive_a_refusing_middleware() {
    let world = World::default();
    let t1 = world.queue();
    let builder = world.builder().bus("some.bus", |bus| {
        bus.middleware(Validation(world.calls.clone()))
            .handler(works::<Job>("handler", &world.calls))
    });
    let builder = builder.transport("t1", t1.clone()).on_failure("t1", retries(1), None);
    let messenger = built(builder);
    send(&messenger, "t1", [claimed(1)]).await;

    consume(&messenger, "t1").await;

    assert_eq!(world.calls.all(), ["validation"]);
    let waiting = t1.waiting();
    assert_eq!(waiting.len(), 1);
    let bus = waiting[0].last::<BusNameStamp>().expect("the bus was noted");
    assert_eq!(&*bus.bus_name, "some.bus");
}
