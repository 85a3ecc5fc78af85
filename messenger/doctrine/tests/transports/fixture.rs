//! What a test of a transport needs: the transport, a rival on the same queue, a neighbour on
//! another queue, and a clock to move.

use std::sync::Arc;
use std::time::Duration;

use messenger::clock::{Clock, ManualClock};
use messenger::codec::{Codec, JsonCodec};
use messenger::transport::{Fetch, InMemoryTransport, Receiver, Transport};
use messenger::{Context, Envelope, Messenger};
use messenger_doctrine::{Backend, Database, DoctrineOptions, DoctrineTransport, UnitOfWork};

use crate::database::TestDatabase;
use crate::message::{AddPonkaToImage, Note};

pub(crate) type SharedTransport = Arc<dyn Transport<UnitOfWork>>;

/// Where messages are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Store {
    InMemory,
    InMemorySerialized,
    Sqlite,
    SqliteSymfony,
    Postgres,
    PostgresSymfony,
}

/// What a case needs that not every transport has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    Nothing,
    Leases,
    Transactions,
}

pub(crate) struct Fixture {
    pub(crate) messenger: Messenger<UnitOfWork>,
    pub(crate) codec: Arc<dyn Codec>,
    pub(crate) clock: ManualClock,
    pub(crate) transport: SharedTransport,
    /// The same queue, seen by another process.
    pub(crate) rival: SharedTransport,
    /// Another queue in the same place.
    pub(crate) neighbour: SharedTransport,
    /// Dates are cut to the second.
    pub(crate) whole_seconds: bool,
    // Declared last: it goes when nobody uses it.
    _database: TestDatabase,
}

impl Store {
    fn backend(self) -> Backend {
        match self {
            Self::Postgres | Self::PostgresSymfony => Backend::Postgres,
            _ => Backend::Sqlite,
        }
    }

    fn has(self, needs: Needs) -> bool {
        needs == Needs::Nothing || !matches!(self, Self::InMemory | Self::InMemorySerialized)
    }

    /// A fixture; `None`, said aloud, when there is no such server or the transport cannot have
    /// what is needed.
    pub(crate) fn start(self, needs: Needs) -> Option<Fixture> {
        if !self.has(needs) {
            println!("skipped: {self:?} has no {needs:?}");
            return None;
        }
        let database = TestDatabase::of(self.backend())?;
        if matches!(self, Self::SqliteSymfony | Self::PostgresSymfony) {
            database.make_symfony_table();
        }
        let clock = ManualClock::default();
        let (ours, theirs) = (database.open(), database.open());
        let in_memory = self.in_memory(&clock);
        let make = |database: &Database, queue: &str| -> SharedTransport {
            match &in_memory {
                Some(shared) if queue == "default" => Arc::new(shared.clone()),
                Some(_) => Arc::new(self.in_memory(&clock).expect("it is one")),
                None => {
                    let options =
                        DoctrineOptions { queue_name: queue.to_owned(), ..self.options() };
                    Arc::new(with_options(database, options, &Clock::Manual(clock.clone())))
                }
            }
        };
        Some(Fixture {
            messenger: messenger(&ours),
            codec: codec(),
            transport: make(&ours, "default"),
            rival: make(&theirs, "default"),
            neighbour: make(&ours, "failed"),
            clock,
            whole_seconds: self == Self::PostgresSymfony,
            _database: database,
        })
    }

    /// Where dates are cut to the second, claims of a PHP worker cannot be told from ours: here
    /// they are all ours.
    fn options(self) -> DoctrineOptions {
        let mut options = DoctrineOptions::default();
        if self == Self::PostgresSymfony {
            options.foreign_redeliver_timeout = options.redeliver_timeout;
        }
        options
    }

    fn in_memory(self, clock: &ManualClock) -> Option<InMemoryTransport> {
        let clock = Clock::Manual(clock.clone());
        match self {
            Self::InMemory => Some(InMemoryTransport::new(clock, None)),
            Self::InMemorySerialized => Some(InMemoryTransport::new(clock, Some(codec()))),
            _ => None,
        }
    }
}

impl Fixture {
    pub(crate) fn receiver(&self) -> &dyn Receiver<UnitOfWork> {
        receiver(&self.transport)
    }

    pub(crate) fn rival(&self) -> &dyn Receiver<UnitOfWork> {
        receiver(&self.rival)
    }

    pub(crate) fn context(&self) -> Context<UnitOfWork> {
        self.messenger.context("bus")
    }

    pub(crate) async fn send(&self, message: impl Into<Envelope>) -> Envelope {
        send(&self.transport, message, &mut self.context()).await
    }

    pub(crate) async fn get(&self, max: usize) -> Vec<Envelope> {
        get(self.receiver(), max).await
    }

    pub(crate) async fn get_one(&self) -> Envelope {
        self.get(1).await.pop().expect("a message is due")
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

/// The message with this id, held or not.
pub(crate) async fn find(receiver: &dyn Receiver<UnitOfWork>, id: &str) -> Option<Envelope> {
    let listable = receiver.listable().expect("it can find");
    listable.find(id).await.expect("an answer")
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
