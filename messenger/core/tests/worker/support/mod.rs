//! Small messages, handlers that do as they are told, scripted transports, and what was observed.

mod events;
mod handlers;
mod log;
mod transports;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use messenger::clock::{Clock, ManualClock};
use messenger::codec::JsonCodec;
use messenger::retry::MultiplierRetryStrategy;
use messenger::stamp::TransportMessageIdStamp;
use messenger::transport::InMemoryTransport;
use messenger::worker::{Worker, WorkerOptions};
use messenger::{
    Envelope, Interface, Message, Messenger, MessengerBuilder, Scope, ScopeError, Transactions,
    async_trait, interfaces,
};
use serde::{Deserialize, Serialize};

pub(crate) use events::{Events, Told};
pub(crate) use handlers::{Calls, Does, does, fails, fails_with, works};
pub(crate) use log::Logs;
pub(crate) use transports::{Faulty, Scripted};

/// What most tests handle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) id: u32,
}

/// The group of jobs.
trait Grouped {}

impl Grouped for Job {}

impl Message for Job {
    const NAME: &'static str = r"App\Message\Job";
    const INTERFACES: &'static [Interface] = interfaces![Self: Grouped];
}

/// Another message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Note {
    pub(crate) id: u32,
}

impl Message for Note {
    const NAME: &'static str = r"App\Message\Note";
}

/// A scope that counts what is dropped.
pub(crate) struct Counting(Arc<Mutex<Vec<String>>>);

impl Scope for Counting {
    fn transactions(&mut self) -> &mut dyn Transactions {
        self
    }
}

#[async_trait]
impl Transactions for Counting {
    async fn count_discard(&mut self, message: &str, transport: &str) -> Result<(), ScopeError> {
        let dropped = format!("{message} of {transport}");
        self.0.lock().expect("no test panics here").push(dropped);
        Ok(())
    }
}

pub(crate) type Builder = MessengerBuilder<Counting>;

/// What one test observes.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) clock: ManualClock,
    pub(crate) calls: Calls,
    pub(crate) events: Events,
    discards: Arc<Mutex<Vec<String>>>,
}

impl Default for World {
    fn default() -> Self {
        log::install();
        Self {
            clock: ManualClock::default(),
            calls: Calls::default(),
            events: Events::default(),
            discards: Arc::default(),
        }
    }
}

impl World {
    /// A messenger with a clock that stands still.
    pub(crate) fn builder(&self) -> Builder {
        let discards = Arc::clone(&self.discards);
        Messenger::builder(move || Counting(Arc::clone(&discards)))
            .clock(Clock::Manual(self.clock.clone()))
            .message::<Job>()
            .message::<Note>()
    }

    /// A queue that tells the time by this world's clock.
    pub(crate) fn queue(&self) -> InMemoryTransport {
        InMemoryTransport::new(Clock::Manual(self.clock.clone()), None)
    }

    /// A queue through which messages go as bytes.
    pub(crate) fn serialising_queue(&self) -> InMemoryTransport {
        let mut codec = JsonCodec::default();
        codec.register::<Job>();
        InMemoryTransport::new(Clock::Manual(self.clock.clone()), Some(Arc::new(codec)))
    }

    /// What was counted as dropped.
    pub(crate) fn discards(&self) -> Vec<String> {
        self.discards.lock().expect("no test panics here").clone()
    }

    /// Seconds since the beginning.
    pub(crate) fn seconds(&self) -> i64 {
        (self.clock.now() - ManualClock::default().now()).num_seconds()
    }
}

/// Builds, and shows every problem if that fails.
pub(crate) fn built(builder: Builder) -> Messenger<Counting> {
    builder.build().unwrap_or_else(|error| panic!("{error}"))
}

/// A worker that reads these transports.
pub(crate) fn worker(
    messenger: &Messenger<Counting>,
    receivers: &[&str],
    options: WorkerOptions,
) -> Worker<Counting> {
    Worker::new(messenger.clone(), receivers, options).unwrap_or_else(|error| panic!("{error}"))
}

/// Handles the next message of a transport.
pub(crate) async fn consume(messenger: &Messenger<Counting>, receiver: &str) -> usize {
    worker(messenger, &[receiver], WorkerOptions::default()).run_once().await
}

/// Options with a limit on the number of messages.
pub(crate) fn limit(limit: u64) -> WorkerOptions {
    WorkerOptions { limit: Some(limit), ..WorkerOptions::default() }
}

/// At most so many retries, all at once.
pub(crate) fn retries(max_retries: u32) -> MultiplierRetryStrategy {
    MultiplierRetryStrategy::new(max_retries, 0, 1.0, 0, 0.0)
}

/// A job as a transport gives it.
pub(crate) fn claimed(id: u32) -> Envelope {
    Job { id }.with(TransportMessageIdStamp { id: id.into() })
}

/// Sends messages to a transport, whatever the routing says.
pub(crate) async fn send(
    messenger: &Messenger<Counting>,
    transport: &str,
    messages: impl IntoIterator<Item = Envelope>,
) {
    let transport = messenger.transport(transport).expect("it was configured");
    let mut cx = messenger.context(messenger.default_bus());
    for message in messages {
        transport.sender().send(message, &mut cx).await.expect("sending works");
    }
}

/// Jobs with these numbers.
pub(crate) fn jobs(ids: impl IntoIterator<Item = u32>) -> Vec<Envelope> {
    ids.into_iter().map(|id| Envelope::new(Job { id })).collect()
}

/// The jobs' numbers.
pub(crate) fn ids<'a>(envelopes: impl IntoIterator<Item = &'a Envelope>) -> Vec<u32> {
    envelopes.into_iter().map(|envelope| envelope.message::<Job>().expect("a job").id).collect()
}

pub(crate) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}
