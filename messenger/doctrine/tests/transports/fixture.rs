//! What a test of a queue in a database needs: the queue, a rival on it, and a clock to move.

use std::sync::Arc;
use std::time::Duration;

use messenger::clock::{Clock, ManualClock};
use messenger::codec::{Codec, JsonCodec};
use messenger::transport::{Fetch, Receiver, Transport};
use messenger::{Context, Envelope, Messenger};
use messenger_contract::Time;
use messenger_doctrine::{Backend, Database, DoctrineOptions, DoctrineTransport, UnitOfWork};

use crate::message::{AddPonkaToImage, Note};
use test_database::TestDatabase;

pub(crate) type SharedTransport = Arc<dyn Transport<UnitOfWork>>;

/// Where messages are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Store {
    Sqlite,
    SqliteSymfony,
    Postgres,
    PostgresSymfony,
}

pub(crate) struct Fixture {
    pub(crate) store: Store,
    pub(crate) clock: ManualClock,
    messenger: Messenger<UnitOfWork>,
    transport: SharedTransport,
    /// The same queue, seen by another process.
    rival: SharedTransport,
    // Declared last: it goes when nobody uses it.
    _database: TestDatabase,
}

/// Runs a case on a queue of each kind.
pub(crate) fn on_each(case: impl AsyncFn(&Fixture)) {
    for store in [Store::Sqlite, Store::SqliteSymfony, Store::Postgres, Store::PostgresSymfony] {
        if let Some(fixture) = store.start() {
            crate::databases::block_on(case(&fixture));
        }
    }
}

impl Store {
    /// A database with or without the tables of Symfony; `None`, said aloud, without a server.
    pub(crate) fn database(self) -> Option<TestDatabase> {
        let database = TestDatabase::of(match self {
            Self::Sqlite | Self::SqliteSymfony => Backend::Sqlite,
            Self::Postgres | Self::PostgresSymfony => Backend::Postgres,
        })?;
        if matches!(self, Self::SqliteSymfony | Self::PostgresSymfony) {
            database.make_symfony_table();
        }
        Some(database)
    }

    /// Where dates are cut to the second, claims of a PHP worker cannot be told from ours: here
    /// they are all ours.
    pub(crate) fn options(self) -> DoctrineOptions {
        let mut options = DoctrineOptions::default();
        if self == Self::PostgresSymfony {
            options.foreign_redeliver_timeout = options.redeliver_timeout;
        }
        options
    }

    /// The moments that the columns can hold.
    pub(crate) fn cut(self, time: Time) -> Time {
        match self {
            Self::PostgresSymfony => time.cut_to(Duration::from_secs(1)),
            _ => time,
        }
    }

    fn start(self) -> Option<Fixture> {
        let database = self.database()?;
        let clock = ManualClock::default();
        let (ours, theirs) = (database.open(), database.open());
        let make = |database: &Database| -> SharedTransport {
            Arc::new(with_options(database, self.options(), &Clock::Manual(clock.clone())))
        };
        Some(Fixture {
            store: self,
            messenger: messenger(&ours),
            transport: make(&ours),
            rival: make(&theirs),
            clock,
            _database: database,
        })
    }
}

impl Fixture {
    pub(crate) fn receiver(&self) -> &dyn Receiver<UnitOfWork> {
        receiver(&self.transport)
    }

    pub(crate) fn rival(&self) -> &dyn Receiver<UnitOfWork> {
        receiver(&self.rival)
    }

    fn context(&self) -> Context<UnitOfWork> {
        self.messenger.context("bus")
    }

    pub(crate) async fn send(&self, message: impl Into<Envelope>) -> Envelope {
        send(&self.transport, message, &mut self.context()).await
    }

    pub(crate) async fn get(&self, max: usize) -> Vec<Envelope> {
        get(self.receiver(), max).await
    }

    pub(crate) fn advance(&self, milliseconds: u64) {
        self.clock.advance(Duration::from_millis(milliseconds));
    }
}

pub(crate) fn receiver(transport: &SharedTransport) -> &dyn Receiver<UnitOfWork> {
    transport.receiver().expect("the transport can be received from")
}

/// How many messages are due and not held.
pub(crate) async fn ready(receiver: &dyn Receiver<UnitOfWork>) -> u64 {
    let counting = receiver.message_count().expect("it can count");
    counting.count().await.expect("a count").ready
}

pub(crate) async fn get(receiver: &dyn Receiver<UnitOfWork>, max: usize) -> Vec<Envelope> {
    receiver.get(&Fetch::up_to(max)).await.expect("the transport can be read")
}

pub(crate) async fn send(
    transport: &SharedTransport,
    message: impl Into<Envelope>,
    cx: &mut Context<UnitOfWork>,
) -> Envelope {
    transport.sender().send(message.into(), cx).await.expect("the message can be sent")
}

pub(crate) fn codec() -> Arc<dyn Codec> {
    let mut codec = JsonCodec::default();
    codec.register::<AddPonkaToImage>();
    codec.register::<Note>();
    Arc::new(codec)
}

pub(crate) fn messenger(database: &Database) -> Messenger<UnitOfWork> {
    let database = database.clone();
    Messenger::builder(move || UnitOfWork::new(database.clone()))
        .bus("bus", |bus| bus)
        .build()
        .expect("the messenger is complete")
}

pub(crate) fn transport(database: &Database, queue: &str, clock: &Clock) -> DoctrineTransport {
    let options = DoctrineOptions { queue_name: queue.to_owned(), ..DoctrineOptions::default() };
    with_options(database, options, clock)
}

pub(crate) fn with_options(
    database: &Database,
    options: DoctrineOptions,
    clock: &Clock,
) -> DoctrineTransport {
    DoctrineTransport::new("async", database.clone(), options, codec(), clock.clone())
        .expect("the options are right")
}
