//! Queues in another database than the one that the handlers write to.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use messenger::config::{DEFAULT_BUS, MessengerConfig};
use messenger::stamp::DispatchAfterCurrentBusStamp;
use messenger::worker::{Worker, WorkerOptions};
use messenger::{Context, Envelope, Handler, HandlerError, Messenger, TransactionMiddleware};
use messenger_doctrine::{DoctrineFactory, UnitOfWork};
use test_database::TestDatabase;

use crate::message::{AddPonkaToImage, Note, ponka};

const TOML: &str = r#"
failure_transport = "failed"
[transports]
async = "doctrine://default"
failed = "doctrine://default?queue_name=failed"
[transports.archive]
dsn = "doctrine://archive"
retry_strategy = { max_retries = 0 }
[routing]
Note = "archive"
"#;

/// Sends a note when it has succeeded; photo 0 fails.
struct SendsNote;

impl Handler<AddPonkaToImage, UnitOfWork> for SendsNote {
    type Output = ();

    async fn handle(
        &self,
        photo: &AddPonkaToImage,
        cx: &mut Context<UnitOfWork>,
    ) -> Result<(), HandlerError> {
        let note = Envelope::new(Note { text: "drawn".to_owned() });
        cx.dispatch(note.with(DispatchAfterCurrentBusStamp)).await?;
        match photo.image_post_id {
            0 => Err(std::io::Error::other("there is no photo 0").into()),
            _ => Ok(()),
        }
    }
}

/// Fails the first time.
struct ReadsNote(Arc<AtomicUsize>);

impl Handler<Note, UnitOfWork> for ReadsNote {
    type Output = ();

    async fn handle(&self, _: &Note, _: &mut Context<UnitOfWork>) -> Result<(), HandlerError> {
        match self.0.fetch_add(1, SeqCst) {
            0 => Err(std::io::Error::other("the archive is closed").into()),
            _ => Ok(()),
        }
    }
}

async fn waiting(messenger: &Messenger<UnitOfWork>, name: &str) -> u64 {
    let transport = messenger.transport(name).expect("it is configured");
    let receiver = transport.receiver().expect("it has a queue");
    receiver.message_count().expect("it can count").count().await.expect("counted").total()
}

#[tokio::test]
async fn a_queue_in_another_database_joins_no_transaction_and_loses_nothing() {
    let (photos, archive) = (TestDatabase::sqlite(), TestDatabase::sqlite());
    let database = photos.open();
    let queues = DoctrineFactory::new(database.clone()).connection("archive", archive.open());
    let config = MessengerConfig::parse(TOML).expect("the text is right");
    let read = Arc::new(AtomicUsize::new(0));
    let messenger = Messenger::builder(move || UnitOfWork::new(database.clone()))
        .bus(DEFAULT_BUS, |bus| {
            bus.middleware(TransactionMiddleware::default())
                .handler::<AddPonkaToImage>(SendsNote)
                .handler::<Note>(ReadsNote(Arc::clone(&read)))
        })
        .factory(queues)
        .configured_by(&config)
        .build()
        .expect("the messenger is complete");

    assert!(messenger.dispatch(ponka(0)).await.is_err());
    assert_eq!((waiting(&messenger, "archive").await, waiting(&messenger, "async").await), (0, 0));
    messenger.dispatch(ponka(7)).await.expect("handled");
    assert_eq!((waiting(&messenger, "archive").await, waiting(&messenger, "async").await), (1, 0));

    let work = async |name| {
        let worker = Worker::new(messenger.clone(), &[name], WorkerOptions::default());
        worker.expect("a worker").run_once().await
    };
    assert_eq!(work("archive").await, 1);
    assert_eq!((waiting(&messenger, "archive").await, waiting(&messenger, "failed").await), (0, 1));
    assert_eq!(work("failed").await, 1);
    assert_eq!((waiting(&messenger, "failed").await, read.load(SeqCst)), (0, 2));
}
