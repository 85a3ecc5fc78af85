//! Messages that go from one store to another.

use messenger::clock::Clock;
use messenger::retry::MultiplierRetryStrategy;
use messenger::stamp::DispatchAfterCurrentBusStamp;
use messenger::transport::{Receiver, Sender, Transport};
use messenger::worker::{Worker, WorkerOptions};
use messenger::{
    Context, DispatchError, Envelope, Handler, HandlerError, Messenger, TransactionMiddleware,
    TransportError, async_trait,
};
use messenger_doctrine::{Database, DoctrineTransport, UnitOfWork};

use crate::fixture::transport;
use crate::message::{AddPonkaToImage, Note, ponka};
use test_database::TestDatabase;

/// Another store, which needs the database to be written while it is sent to: whoever sends to it
/// with the database locked waits for ever.
#[derive(Debug)]
struct Broker(Database);

impl Transport<UnitOfWork> for Broker {
    fn class(&self) -> &'static str {
        "Broker"
    }

    fn sender(&self) -> &dyn Sender<UnitOfWork> {
        self
    }

    fn receiver(&self) -> Option<&dyn Receiver<UnitOfWork>> {
        None
    }
}

#[async_trait]
impl Sender<UnitOfWork> for Broker {
    async fn send(
        &self,
        envelope: Envelope,
        cx: &mut Context<UnitOfWork>,
    ) -> Result<Envelope, DispatchError> {
        assert_eq!(messenger::Transactions::depth(&cx.scope), 0, "a transaction is open");
        let written = self.0.transaction(|connection| {
            use diesel::RunQueryDsl as _;
            diesel::sql_query("INSERT INTO sent VALUES (1)").execute(connection)
        });
        let refused = |error| TransportError::Configuration(format!("{error}"));
        written.await.map_err(refused)?;
        Ok(envelope)
    }
}

struct Fails;

impl Handler<Note, UnitOfWork> for Fails {
    type Output = ();

    async fn handle(&self, _: &Note, _: &mut Context<UnitOfWork>) -> Result<(), HandlerError> {
        Err("it always fails".into())
    }
}

/// Dispatches a note after its commit, and fails with the number 0.
struct SendNote;

impl Handler<AddPonkaToImage, UnitOfWork> for SendNote {
    type Output = ();

    async fn handle(
        &self,
        message: &AddPonkaToImage,
        cx: &mut Context<UnitOfWork>,
    ) -> Result<(), HandlerError> {
        cx.dispatch_on("bus", note().with(DispatchAfterCurrentBusStamp)).await?;
        if message.image_post_id == 0 { Err("on purpose".into()) } else { Ok(()) }
    }
}

fn note() -> Envelope {
    Envelope::new(Note { text: "hello".to_owned() })
}

/// Messages fail in `t`, a table of this database, and are kept in `failed`.
fn messenger(db: &TestDatabase, failed: impl Transport<UnitOfWork>) -> Messenger<UnitOfWork> {
    let database = db.open();
    let t = transport(&database, "default", &Clock::System);
    let never = MultiplierRetryStrategy::new(0, 0, 1.0, 0, 0.0);
    Messenger::builder(move || UnitOfWork::new(database.clone()))
        .bus("bus", |bus| {
            bus.middleware(TransactionMiddleware::default())
                .handler::<AddPonkaToImage>(SendNote)
                .handler::<Note>(Fails)
        })
        .transport("t", t)
        .transport("failed", failed)
        .on_failure("t", never, Some("failed"))
        .route::<Note>(&["failed"])
        .build()
        .expect("the messenger is complete")
}

async fn put(messenger: &Messenger<UnitOfWork>, name: &str) {
    let transport = messenger.transport(name).expect("it is configured");
    let mut cx = messenger.context("bus");
    transport.sender().send(note(), &mut cx).await.expect("sent");
}

async fn consume(messenger: &Messenger<UnitOfWork>) -> usize {
    let worker = Worker::new(messenger.clone(), &["t"], WorkerOptions::default());
    worker.expect("a worker").run_once().await
}

pub(super) async fn while_a_copy_is_sent_to_another_store_the_database_can_be_written(
    db: &TestDatabase,
) {
    db.execute("CREATE TABLE sent (one INTEGER)");
    let messenger = messenger(db, Broker(db.open()));
    put(&messenger, "t").await;

    assert_eq!(consume(&messenger).await, 1);

    assert_eq!((db.count("sent"), db.count("messenger_messages")), (1, 0));
}

/// The queue `failed` in another database.
fn elsewhere(other: &TestDatabase) -> DoctrineTransport {
    transport(&other.open(), "failed", &Clock::System)
}

pub(super) async fn a_message_that_fails_is_kept_in_another_database(db: &TestDatabase) {
    let other = TestDatabase::of(db.backend).expect("there is one for this test already");
    let messenger = messenger(db, elsewhere(&other));
    put(&messenger, "t").await;

    assert_eq!(consume(&messenger).await, 1);

    assert_eq!((db.count("messenger_messages"), other.count("messenger_messages")), (0, 1));
}

pub(super) async fn what_is_dispatched_in_a_transaction_goes_to_another_database_after_it(
    db: &TestDatabase,
) {
    let other = TestDatabase::of(db.backend).expect("there is one for this test already");
    let failed = elsewhere(&other);
    failed.setup().await.expect("set up");
    let messenger = messenger(db, failed);

    messenger.dispatch_on("bus", ponka(0)).await.expect_err("on purpose");
    assert_eq!(other.count("messenger_messages"), 0);
    messenger.dispatch_on("bus", note()).await.expect("sent at once");
    messenger.dispatch_on("bus", ponka(7)).await.expect("committed");

    let sql = "SELECT body || headers AS value FROM messenger_messages ORDER BY id";
    let rows = other.values(sql);
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0], rows[1], "one wire form, inside and outside of a transaction");
    assert_eq!(db.count("messenger_outbox"), 0);
}
