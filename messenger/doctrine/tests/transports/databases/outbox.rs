//! The outbox, the counts of dropped messages, and the restart signal.

use messenger::clock::Clock;
use messenger::stamp::DispatchAfterCurrentBusStamp;
use messenger::transport::InMemoryTransport;
use messenger::worker::RestartSignal;
use messenger::{
    Context, Encoded, Handler, HandlerError, Message, Messenger, TransactionMiddleware,
    Transactions,
};
use messenger_doctrine::{DatabaseSignal, Discard, UnitOfWork};

use crate::fixture::{codec, messenger, transport};
use crate::message::{AddPonkaToImage, Note, numbers, ponka};
use test_database::TestDatabase;

async fn unit(db: &TestDatabase) -> UnitOfWork {
    let database = db.open();
    transport(&database, "default", &Clock::System).setup().await.expect("set up");
    UnitOfWork::new(database)
}

fn message() -> Encoded {
    let headers = vec![("type".to_owned(), AddPonkaToImage::NAME.to_owned())];
    Encoded { body: vec![0xFF, 0, b'x'], headers }
}

/// Makes every lease in the outbox older than it lasts.
fn let_leases_end(db: &TestDatabase) {
    db.execute("UPDATE messenger_outbox SET delivered_at = '2026-01-01 00:00:00'");
}

pub(super) async fn what_is_stored_is_kept_or_undone_with_the_transaction(db: &TestDatabase) {
    let mut unit = unit(db).await;
    unit.begin().await.expect("begun");
    unit.store_in_outbox("amqp", message()).await.expect("stored");
    assert_eq!(db.count("messenger_outbox"), 0);
    unit.rollback().await.expect("rolled back");
    assert_eq!(db.count("messenger_outbox"), 0);
    unit.begin().await.expect("begun");
    let entry = unit.store_in_outbox("amqp", message()).await.expect("stored");
    unit.commit().await.expect("committed");
    assert_eq!(db.count("messenger_outbox"), 1);
    unit.remove_from_outbox(entry.expect("there is an outbox")).await.expect("removed");
    assert_eq!(db.count("messenger_outbox"), 0);
}

pub(super) async fn what_a_dead_process_left_is_swept_after_its_lease(db: &TestDatabase) {
    let mut dead = unit(db).await;
    dead.begin().await.expect("begun");
    let entry = dead.store_in_outbox("amqp", message()).await.expect("stored");
    dead.store_in_outbox("redis", message()).await.expect("stored");
    dead.commit().await.expect("committed");
    let_leases_end(db);
    let mut sweeper = unit(db).await;
    let mut swept = sweeper.claim_outbox(10).await.expect("claimed");
    swept.sort_by(|a, b| a.transport.cmp(&b.transport));
    let transports: Vec<_> = swept.iter().map(|message| message.transport.as_str()).collect();
    assert_eq!(transports, ["amqp", "redis"]);
    assert_eq!(swept[0].message, message());
    dead.remove_from_outbox(entry.expect("an entry")).await.expect("its lease is lost");
    assert_eq!(db.count("messenger_outbox"), 2);
    for message in swept {
        sweeper.remove_from_outbox(message.entry).await.expect("removed");
    }
    assert_eq!(db.count("messenger_outbox"), 0);
}

pub(super) async fn what_another_process_is_about_to_send_is_left_alone(db: &TestDatabase) {
    let mut sender = unit(db).await;
    sender.begin().await.expect("begun");
    sender.store_in_outbox("amqp", message()).await.expect("stored");
    sender.commit().await.expect("committed");
    let mut sweeper = unit(db).await;
    assert!(sweeper.claim_outbox(10).await.expect("looked").is_empty());
    db.execute("DELETE FROM messenger_outbox");
    assert!(sweeper.claim_outbox(10).await.expect("looked").is_empty());
    db.execute("DROP TABLE messenger_outbox");
    assert!(sweeper.claim_outbox(10).await.expect("there need not be one").is_empty());
}

struct SendNote;

impl Handler<AddPonkaToImage, UnitOfWork> for SendNote {
    type Output = ();

    async fn handle(
        &self,
        message: &AddPonkaToImage,
        cx: &mut Context<UnitOfWork>,
    ) -> Result<(), HandlerError> {
        let note = Note { text: message.image_post_id.to_string() };
        cx.dispatch_on("bus", note.with(DispatchAfterCurrentBusStamp)).await?;
        if message.image_post_id == 0 {
            return Err(anyhow::anyhow!("on purpose").into());
        }
        Ok(())
    }
}

fn messenger_with(db: &TestDatabase, outside: &InMemoryTransport) -> Messenger<UnitOfWork> {
    let database = db.open();
    Messenger::builder(move || UnitOfWork::new(database.clone()))
        .bus("bus", |bus| bus.middleware(TransactionMiddleware::default()).handler(SendNote))
        .message::<Note>()
        .transport("outside", outside.clone())
        .route::<Note>(&["outside"])
        .build()
        .expect("the messenger is complete")
}

pub(super) async fn a_message_is_sent_after_the_commit_and_the_outbox_is_empty(db: &TestDatabase) {
    let mut unit = unit(db).await;
    let outside = InMemoryTransport::new(Clock::System, Some(codec()));
    let messenger = messenger_with(db, &outside);
    messenger.dispatch_on("bus", ponka(0)).await.expect_err("it fails on purpose");
    assert!(outside.waiting().is_empty());
    messenger.dispatch_on("bus", ponka(7)).await.expect("handled");
    assert_eq!(outside.waiting().len(), 1);
    assert_eq!(db.count("messenger_outbox"), 0);
    unit.begin().await.expect("begun");
    let lost = messenger.codec().encode(&ponka(8).into()).expect("written");
    unit.store_in_outbox("outside", lost).await.expect("stored");
    unit.commit().await.expect("committed");
    let_leases_end(db);
    assert_eq!(messenger.sweep_outbox(10).await.expect("swept"), 1);
    assert_eq!(db.count("messenger_outbox"), 0);
    let last = outside.waiting().pop().expect("it was sent");
    assert_eq!(numbers(&[last]), [8]);
    assert_eq!(outside.waiting().len(), 2);
}

pub(super) async fn dropped_messages_are_counted(db: &TestDatabase) {
    let before = db.open().run(Discard::all).await.expect("read");
    assert!(before.is_empty(), "there is no table yet");
    let mut unit = unit(db).await;
    for (message, transport) in [("A", "async"), ("A", "async"), ("B", "async"), ("A", "slow")] {
        unit.count_discard(message, transport).await.expect("counted");
    }
    unit.count_discard(&"é".repeat(300), "async").await.expect("counted");
    let counts = db.open().run(Discard::all).await.expect("read");
    let counts: Vec<_> = counts.iter().map(|row| (&*row.transport, row.count)).collect();
    assert_eq!(counts, [("async", 2), ("async", 1), ("async", 1), ("slow", 1)]);
}

pub(super) async fn a_restart_is_requested_for_all(db: &TestDatabase) {
    let worker = DatabaseSignal(db.open());
    assert_eq!(worker.last_request().await.expect("asked"), None);
    let console = DatabaseSignal(messenger(&db.open()).context("bus").scope.database().clone());
    let mut last = None;
    for _ in 0..2 {
        console.request().await.expect("requested");
        let requested = worker.last_request().await.expect("asked");
        assert!(requested.is_some() && requested != last, "{requested:?} after {last:?}");
        last = requested;
    }
}

/// Never ends the first time, and then counts.
#[derive(Default)]
struct HangsOnce(std::sync::Arc<std::sync::atomic::AtomicUsize>);

impl Handler<Note, UnitOfWork> for HangsOnce {
    type Output = ();

    async fn handle(&self, _: &Note, _: &mut Context<UnitOfWork>) -> Result<(), HandlerError> {
        match self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
            0 => std::future::pending().await,
            _ => Ok(()),
        }
    }
}

pub(super) async fn r3_what_was_to_be_handled_by_a_dead_process_is_taken_over_after_its_lease(
    db: &TestDatabase,
) {
    let (database, calls) = (db.open(), HangsOnce::default().0);
    let hangs = HangsOnce(calls.clone());
    let called = || calls.load(std::sync::atomic::Ordering::SeqCst);
    let messenger = Messenger::builder(move || UnitOfWork::new(database.clone()))
        .bus("bus", |bus| {
            bus.middleware(TransactionMiddleware::default())
                .handler::<AddPonkaToImage>(SendNote)
                .handler::<Note>(hangs)
        })
        .transport("queue", InMemoryTransport::new(Clock::System, None))
        .build()
        .expect("the messenger is complete");
    let worker = || {
        let options = messenger::worker::WorkerOptions::default();
        messenger::worker::Worker::new(messenger.clone(), &["queue"], options).expect("a worker")
    };
    let began = async {
        while called() == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        _ = messenger.dispatch_on("bus", ponka(7)) => panic!("it never ends"),
        () = began => {}
    }
    assert_eq!(worker().run_once().await, 0, "its process may be alive");
    let_leases_end(db);
    assert_eq!(worker().run_once().await, 1);
    assert_eq!((called(), db.count("messenger_outbox")), (2, 0));
    messenger.dispatch_on("bus", ponka(8)).await.expect("handled at once");
    assert_eq!((called(), db.count("messenger_outbox")), (3, 0));
}

pub(super) async fn r3_an_entry_is_renewed_replaced_and_given_back_only_by_its_owner(
    db: &TestDatabase,
) {
    let mut ours = unit(db).await;
    ours.begin().await.expect("begun");
    let entry = ours.store_in_outbox(messenger::HELD_BACK, message()).await.expect("stored");
    ours.commit().await.expect("committed");
    let entry = entry.expect("there is an outbox");
    let other = Encoded { body: b"other".to_vec(), ..message() };
    ours.update_in_outbox(&entry, other.clone()).await.expect("replaced");
    // So that the new lease differs from the old one.
    db.execute("UPDATE messenger_outbox SET delivered_at = '2026-01-01 00:00:00'");
    assert!(ours.renew_in_outbox(&entry).await.expect("asked").is_none(), "another lease");
    assert!(!ours.remove_from_outbox(entry.clone()).await.expect("asked"));
    let mut theirs = unit(db).await;
    assert!(theirs.claim_outbox(10).await.expect("looked").is_empty(), "not for a transport");
    let claimed = theirs.claim_held_back(10).await.expect("claimed").remove(0);
    assert_eq!((claimed.message, claimed.deliveries), (other, Some(2)));
    ours.release_in_outbox(entry, std::time::Duration::ZERO).await.expect("asked");
    assert!(ours.claim_held_back(10).await.expect("looked").is_empty(), "it is theirs");
    let renewed = theirs.renew_in_outbox(&claimed.entry).await.expect("renewed");
    let renewed = renewed.expect("it is theirs");
    theirs.release_in_outbox(renewed, std::time::Duration::ZERO).await.expect("given back");
    let again = ours.claim_held_back(10).await.expect("claimed").remove(0);
    assert_eq!(again.deliveries, None, "nobody vanished with it");
    assert!(ours.remove_from_outbox(again.entry).await.expect("removed"));
    assert_eq!(db.count("messenger_outbox"), 0);
}
