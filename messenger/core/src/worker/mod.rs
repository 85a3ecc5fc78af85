//! The worker: receives messages, dispatches them, acknowledges or sets them aside.

mod batch;
mod claiming;
mod decision;
mod event;
mod failure;
mod failure_log;
mod handling;
mod held_back;
mod history;
mod memory;
mod options;
mod outage;
mod restart;
mod restart_signal;
mod round;
mod set_aside;
mod settling;
mod stop;

use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tracing::{info, warn};

use crate::context::Scope;
use crate::envelope::Envelope;
use crate::error::DispatchError;
use crate::messenger::Messenger;
use crate::stamp::TransportMessageIdStamp;
use crate::transport::Transport;

pub use event::{FailedEvent, WorkerEvent, WorkerListener};
pub use memory::resident_bytes;
pub use options::WorkerOptions;
pub use restart_signal::{FileSignal, InMemorySignal, RestartSignal};
pub use stop::StopHandle;

use held_back::HeldBackSource;
use round::Slot;
use set_aside::SetAside;
use stop::Limits;

/// A worker cannot start.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum WorkerError {
    /// A receiver or bus that does not exist.
    #[error(transparent)]
    Unknown(#[from] DispatchError),
    /// The transport handles at once; nothing ever waits in it.
    #[error("cannot receive messages from the transport \"{0}\": it handles messages at once")]
    NotReceivable(String),
    /// `--queues` was asked of a transport that has none.
    #[error("the transport \"{0}\" does not support receiving from named queues")]
    NoQueues(String),
    /// No receiver was named.
    #[error("name at least one transport to receive messages from")]
    NoReceiver,
}

/// Receives messages from transports, in order of priority: after each round that gave messages
/// it starts at the first transport again.
pub struct Worker<S: Scope>(Arc<Shared<S>>);

/// What all slots of a worker share.
pub(crate) struct Shared<S: Scope> {
    messenger: Messenger<S>,
    receivers: Vec<Source<S>>,
    held_back: HeldBackSource<S>,
    options: WorkerOptions,
    listeners: Vec<Arc<dyn WorkerListener>>,
    restart: Option<Arc<dyn RestartSignal>>,
    limits: Limits,
    set_aside: SetAside,
    stop: StopHandle,
}

/// A transport that a worker reads.
pub(crate) struct Source<S: Scope> {
    name: Arc<str>,
    transport: Arc<dyn Transport<S>>,
    /// It is a failure transport: what fails again goes back into it.
    keeps_failures: bool,
}

impl<S: Scope> Clone for Source<S> {
    fn clone(&self) -> Self {
        let (name, transport) = (Arc::clone(&self.name), Arc::clone(&self.transport));
        Self { name, transport, keeps_failures: self.keeps_failures }
    }
}

impl<S: Scope> Worker<S> {
    /// A worker that reads these transports, the most urgent first.
    ///
    /// # Errors
    /// When a transport or the forced bus does not exist, or the transport cannot be received
    /// from as asked.
    pub fn new<N: AsRef<str>>(
        messenger: Messenger<S>,
        receivers: &[N],
        options: WorkerOptions,
    ) -> Result<Self, WorkerError> {
        let mut sources = Vec::with_capacity(receivers.len());
        for name in receivers.iter().map(AsRef::as_ref) {
            let transport = messenger.transport(name)?;
            match transport.receiver() {
                None => return Err(WorkerError::NotReceivable(name.to_owned())),
                Some(receiver) if !options.queues.is_empty() && !receiver.supports_queues() => {
                    return Err(WorkerError::NoQueues(name.to_owned()));
                }
                Some(_) => {
                    let keeps_failures = messenger.is_failure_transport(name);
                    sources.push(Source { name: name.into(), transport, keeps_failures });
                }
            }
        }
        if sources.is_empty() {
            return Err(WorkerError::NoReceiver);
        }
        if let Some(bus) = &options.bus {
            messenger.chain(bus)?;
        }
        let limits = Limits::new(&options);
        let held_back = HeldBackSource::of(&messenger)?;
        Ok(Self(Arc::new(Shared {
            messenger,
            receivers: sources,
            held_back,
            options,
            listeners: Vec::new(),
            restart: None,
            limits,
            set_aside: SetAside::default(),
            stop: StopHandle::default(),
        })))
    }

    /// Adds somebody who is told what the worker does, and may have a say when a message fails.
    ///
    /// # Panics
    /// After the worker was started.
    #[must_use]
    pub fn listener(mut self, listener: impl WorkerListener) -> Self {
        self.shared().listeners.push(Arc::new(listener));
        self
    }

    /// Stops the worker when a restart is requested there after the worker's start. A worker looks every
    /// second.
    ///
    /// # Panics
    /// After the worker was started.
    #[must_use]
    pub fn restart_signal(mut self, signal: impl RestartSignal) -> Self {
        self.shared().restart = Some(Arc::new(signal));
        self
    }

    fn shared(&mut self) -> &mut Shared<S> {
        Arc::get_mut(&mut self.0).expect("a worker is configured before it is started")
    }

    /// Asks the worker to stop once it has finished what it has in hand.
    #[must_use]
    pub fn stop_handle(&self) -> StopHandle {
        self.0.stop.clone()
    }

    /// Works until it is told to stop by `stop`, a limit, a restart signal or its
    /// [`StopHandle`]; messages in hand are finished, claimed ones given back.
    pub async fn run(&self, stop: impl Future<Output = ()>) {
        self.0.limits.started_at(self.0.messenger.clock().elapsed());
        self.0.emit(&mut WorkerEvent::Started);
        let slots = self.run_slots();
        let background = restart::background(&self.0);
        let stop = async {
            stop.await;
            self.0.stop.stop();
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = slots => {}
            () = background => {}
            () = stop => {}
        }
        self.0.close_receivers().await;
        info!(target: "messenger", "Stopping worker.");
        self.0.emit(&mut WorkerEvent::Stopped);
    }

    /// One round: the messages of the first transport that has any. Gives how many were handled.
    /// What tests call; nothing here waits, spawns or listens.
    pub async fn run_once(&self) -> usize {
        let mut slot = Slot::new(Arc::clone(&self.0));
        let handled = slot.round().await;
        slot.settle_all().await;
        handled
    }

    /// Handles one message that was claimed from this worker's first transport; says whether it
    /// failed. What `messenger:failed:retry` calls.
    pub async fn handle_claimed(&self, envelope: crate::Envelope) -> bool {
        let failures = self.0.limits.failures();
        let mut slot = Slot::new(Arc::clone(&self.0));
        slot.handle_claimed(envelope).await;
        slot.settle_all().await;
        self.0.limits.failures() > failures
    }

    async fn run_slots(&self) {
        if self.0.options.concurrency <= 1 {
            Slot::new(Arc::clone(&self.0)).run().await;
            return;
        }
        let mut slots = tokio::task::JoinSet::new();
        for _ in 0..self.0.options.concurrency {
            let mut slot = Slot::new(Arc::clone(&self.0));
            slots.spawn(async move { slot.run().await });
        }
        while let Some(ended) = slots.join_next().await {
            if let Err(error) = ended {
                tracing::error!(target: "messenger", %error, "A slot of the worker ended: {error}");
            }
        }
    }
}

impl<S: Scope> Shared<S> {
    fn emit(&self, event: &mut WorkerEvent<'_>) {
        for listener in &self.listeners {
            listener.on_event(event);
        }
    }

    /// Gives back what the transports fetched ahead.
    async fn close_receivers(&self) {
        for source in &self.receivers {
            let Some(receiver) = source.transport.receiver() else { continue };
            if let Err(error) = receiver.close().await {
                let transport = &*source.name;
                warn!(target: "messenger", transport, "Could not end receiving from \"{transport}\": {error}");
            }
        }
    }

    /// Tells that a message was handled.
    fn handled(&self, envelope: &Envelope, receiver: &str) {
        self.emit(&mut WorkerEvent::MessageHandled { envelope, receiver });
        let class = envelope.name();
        let message_id =
            envelope.last::<TransportMessageIdStamp>().map(TransportMessageIdStamp::text);
        info!(
            target: "messenger", class, message_id,
            "{class} was handled successfully (acknowledging to transport)."
        );
    }

    /// Tells that the worker is alive, and checks whether it should go on.
    fn running(&self, idle: bool) {
        self.emit(&mut WorkerEvent::Running { idle, stop: &self.stop });
        let now = self.messenger.clock().elapsed();
        if !self.stop.is_stopped()
            && let Some(reason) = self.limits.reached(idle, now, resident_bytes)
        {
            info!(target: "messenger", "Stopping worker: {reason}");
            self.stop.stop();
        }
    }

    fn sleep(&self) -> Duration {
        self.options.sleep
    }
}
