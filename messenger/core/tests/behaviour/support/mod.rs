//! Small messages, recording handlers, a fake unit of work and fake transports for all tests.

mod handlers;
mod messages;
mod scope;
mod transports;

use std::sync::{Arc, Mutex};

use messenger::{
    BuildError, BusBuilder, BusName, DispatchError, Envelope, Messenger, MessengerBuilder,
    TransactionMiddleware,
};

pub(crate) use handlers::{Group, Tap, call, fails, records, records_only};
pub(crate) use messages::{
    AddPonkaToImage, Command, Event, Foreign, Global, Imitation, Other, Payload, Report,
    SmsNotification, Welcome,
};
pub(crate) use scope::{FakeScope, Refuse, Store};
pub(crate) use transports::Probe;

pub(crate) type Cx = messenger::Context<FakeScope>;
pub(crate) type Bus = BusBuilder<FakeScope>;
pub(crate) type Builder = MessengerBuilder<FakeScope>;

pub(crate) const COMMANDS: BusName = BusName::new("command.bus");
pub(crate) const EVENTS: BusName = BusName::new("event.bus");

/// What happened, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub(crate) fn add(&self, entry: impl Into<String>) {
        self.0.lock().expect("no test panics while it logs").push(entry.into());
    }

    /// Gives everything and forgets it.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().expect("no test panics while it logs"))
    }
}

/// What one test observes: a log and the store behind the fake unit of work.
#[derive(Debug, Clone, Default)]
pub(crate) struct World {
    pub(crate) log: Log,
    pub(crate) store: Store,
}

impl World {
    pub(crate) fn new() -> Self {
        let log = Log::default();
        Self { store: Store::new(log.clone()), log }
    }

    /// A builder whose dispatches each get a fake unit of work.
    pub(crate) fn builder(&self) -> Builder {
        let store = self.store.clone();
        Messenger::builder(move || FakeScope::new(store.clone()))
    }

    /// A builder with one bus, [`COMMANDS`].
    pub(crate) fn one_bus(&self, build: impl FnOnce(Bus) -> Bus) -> Builder {
        self.builder().bus(COMMANDS, build)
    }

    /// A builder with two buses, both with the transaction middleware.
    pub(crate) fn transactional(
        &self,
        commands: impl FnOnce(Bus) -> Bus,
        events: impl FnOnce(Bus) -> Bus,
    ) -> Builder {
        self.builder()
            .bus(COMMANDS, |bus| commands(bus.middleware(TransactionMiddleware::default())))
            .bus(EVENTS, |bus| {
                events(bus.middleware(TransactionMiddleware::default()).allow_no_handlers())
            })
    }
}

/// Builds, and shows every problem if that fails.
pub(crate) fn built(builder: Builder) -> Messenger<FakeScope> {
    builder.build().unwrap_or_else(|error| panic!("{error}"))
}

/// The problems of a configuration that must be refused.
pub(crate) fn refused(builder: Builder) -> String {
    let error: BuildError = builder.build().expect_err("this cannot work");
    error.to_string()
}

/// The failures of handlers, `name: text` each.
pub(crate) fn handler_failures(error: &DispatchError) -> Vec<String> {
    let DispatchError::HandlerFailed(failed) = error else { panic!("not HandlerFailed: {error}") };
    let text =
        |failure: &messenger::HandlerFailure| format!("{}: {}", failure.handler, failure.error);
    failed.failures.iter().map(text).collect()
}

/// The names in the `HandledStamp`s.
pub(crate) fn handled_by(envelope: &Envelope) -> Vec<String> {
    let stamps = envelope.all::<messenger::stamp::HandledStamp>();
    stamps.map(|stamp| stamp.handler_name.to_string()).collect()
}

/// The aliases in the `SentStamp`s.
pub(crate) fn sent_to(envelope: &Envelope) -> Vec<String> {
    let stamps = envelope.all::<messenger::stamp::SentStamp>();
    stamps.map(|stamp| stamp.sender_alias.to_string()).collect()
}
