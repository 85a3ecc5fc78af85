//! The context of one root dispatch: its scope, nested dispatches, and what is held back.

use std::collections::VecDeque;

use crate::bus::{BusName, Messenger};
use crate::codec::Encoded;
use crate::envelope::Envelope;
use crate::error::{DelayedFailure, DelayedMessageHandling, DispatchError};
use crate::middleware::Next;
use crate::scope::OutboxEntry;

pub use crate::scope::Scope;

/// What handlers and middleware are given: the scope, and the way to dispatch further messages
/// within it.
pub struct Context<S: Scope> {
    /// State of this root dispatch, typically the unit of work.
    pub scope: S,
    messenger: Messenger<S>,
    bus: BusName,
    /// What waits for the root to succeed; `None` while no root is running.
    held_back: Option<VecDeque<HeldBack<S>>>,
    /// How much was held back when the outermost transaction began.
    held_back_before_transaction: usize,
    /// Whether messages are being written as the last step of a transaction.
    capturing: bool,
    /// Written to the outbox, to be sent once the transaction has committed.
    outbox: Vec<ToSend>,
}

/// A message that waits, and the rest of its bus's chain.
struct HeldBack<S: Scope> {
    envelope: Envelope,
    next: Next<S>,
    bus: BusName,
}

/// A message that this process sends itself once the transaction has committed.
struct ToSend {
    /// Its place in the outbox; `None` if the scope has none.
    entry: Option<OutboxEntry>,
    transport: String,
    message: Encoded,
}

/// Where something began that may be left half-way: by a panic, or by a future that is dropped.
pub(crate) struct Mark {
    depth: usize,
    bus: BusName,
    capturing: bool,
}

impl<S: Scope> Context<S> {
    pub(crate) fn new(messenger: Messenger<S>, bus: BusName, scope: S) -> Self {
        Self {
            scope,
            messenger,
            bus,
            held_back: None,
            held_back_before_transaction: 0,
            capturing: false,
            outbox: Vec::new(),
        }
    }

    /// The bus on which the current message is dispatched.
    #[must_use]
    pub fn bus(&self) -> BusName {
        self.bus.clone()
    }

    /// The messenger this context belongs to.
    #[must_use]
    pub fn messenger(&self) -> &Messenger<S> {
        &self.messenger
    }

    /// Dispatches a message within this root dispatch: in its transaction, and with its list of
    /// messages that wait.
    ///
    /// # Errors
    /// Whatever the bus, its middleware and its handlers give.
    pub async fn dispatch(
        &mut self,
        bus: impl Into<BusName>,
        message: impl Into<Envelope>,
    ) -> Result<Envelope, DispatchError> {
        let bus = bus.into();
        let next = self.messenger.chain(&bus)?;
        let outer = std::mem::replace(&mut self.bus, bus);
        let result = next.run(message.into(), self).await;
        self.bus = outer;
        result
    }

    /// Runs `work` in a transaction and commits it; messages held back inside are handled after
    /// the commit. An error undoes everything.
    ///
    /// # Errors
    /// The error of `work`, or why the transaction could not begin or commit. A
    /// [`DispatchError::Delayed`] says that the transaction **is** committed and that a message
    /// that waited for it failed.
    pub async fn transaction<T, E: From<DispatchError>>(
        &mut self,
        work: impl AsyncFnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let is_root = self.begin_root();
        let result = match self.begin().await {
            Ok(()) => self.complete(work).await,
            Err(error) => Err(error.into()),
        };
        if !is_root {
            return result;
        }
        match result {
            Ok(value) => match self.finish_root().await {
                failures if failures.is_empty() => Ok(value),
                failures => {
                    let root = Envelope::new(crate::bus::Transaction);
                    Err(DispatchError::from(Box::new(DelayedMessageHandling { root, failures })).into())
                }
            },
            Err(error) => {
                self.abandon_root();
                Err(error)
            }
        }
    }

    /// Runs `work` in the transaction that was just opened, and commits it or undoes it.
    async fn complete<T, E: From<DispatchError>>(
        &mut self,
        work: impl AsyncFnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let mark = self.mark();
        let result = work(self).await;
        self.undo_since(mark).await;
        match result {
            Ok(value) => self.commit().await.map(|()| value).map_err(E::from),
            Err(error) => {
                self.rollback().await;
                Err(error)
            }
        }
    }

    /// Opens a transaction, or a savepoint inside the open one.
    ///
    /// # Errors
    /// When the scope refuses.
    pub async fn begin(&mut self) -> Result<(), DispatchError> {
        if self.scope.depth() == 0 {
            self.held_back_before_transaction = self.held_back.as_ref().map_or(0, VecDeque::len);
        }
        Ok(self.scope.begin().await?)
    }

    /// Commits what the last [`begin`](Self::begin) opened. As the last step inside an outermost
    /// transaction, messages that were held back and are routed to a transport are written, so
    /// that no crash can come between the commit and them. On an error everything is undone.
    ///
    /// # Errors
    /// When a message cannot be written or the commit is refused.
    pub async fn commit(&mut self) -> Result<(), DispatchError> {
        let outermost = self.scope.depth() == 1;
        let result = if outermost { self.capture().await } else { Ok(()) };
        if let Err(error) = result {
            self.rollback().await;
            return Err(error);
        }
        let result = self.scope.commit().await;
        if outermost && result.is_err() {
            self.outbox.clear();
        }
        Ok(result?)
    }

    /// Undoes everything since the last [`begin`](Self::begin). A failure to do so is logged: the
    /// database undoes the work of a connection that is gone.
    pub async fn rollback(&mut self) {
        if self.scope.depth() == 1 {
            self.outbox.clear();
        }
        if let Err(error) = self.scope.rollback().await {
            tracing::error!(target: "messenger", %error, "Could not roll back: {error}");
        }
    }

    /// Notes what is open before something is called that may leave more open behind it.
    pub(crate) fn mark(&self) -> Mark {
        Mark { depth: self.scope.depth(), bus: self.bus(), capturing: self.capturing }
    }

    /// Undoes what was left open since the mark.
    pub(crate) async fn undo_since(&mut self, mark: Mark) {
        self.bus = mark.bus;
        self.capturing = mark.capturing;
        for _ in mark.depth..self.scope.depth() {
            self.rollback().await;
        }
    }

    /// Starts a root dispatch unless one is running; says whether it did.
    pub(crate) fn begin_root(&mut self) -> bool {
        let starts = self.held_back.is_none();
        if starts {
            self.held_back = Some(VecDeque::new());
        }
        starts
    }

    /// Forgets the running root and everything that waited for it.
    pub(crate) fn abandon_root(&mut self) {
        self.held_back = None;
        self.outbox.clear();
    }

    /// Whether a root dispatch is running.
    pub(crate) fn is_root_running(&self) -> bool {
        self.held_back.is_some()
    }

    /// Keeps a message until the root has succeeded.
    pub(crate) fn hold_back(&mut self, envelope: Envelope, next: Next<S>) {
        let bus = self.bus.clone();
        self.held_back.get_or_insert_default().push_back(HeldBack { envelope, next, bus });
    }

    /// Handles what was held back, in order. Messages that are held back meanwhile go to the end
    /// of the queue; those held back by a message that fails are dropped with it.
    pub(crate) async fn finish_root(&mut self) -> Vec<DelayedFailure> {
        let mut failures = self.send_outbox().await;
        while let Some(item) = self.held_back.as_mut().and_then(VecDeque::pop_front) {
            let waiting = self.held_back.as_ref().map_or(0, VecDeque::len);
            let envelope = item.envelope.clone();
            if let Err(error) = self.run(item).await {
                if let Some(queue) = self.held_back.as_mut() {
                    queue.truncate(waiting);
                }
                self.outbox.clear();
                failures.push(failure(envelope, error));
            }
            failures.extend(self.send_outbox().await);
        }
        self.held_back = None;
        failures
    }

    async fn run(&mut self, item: HeldBack<S>) -> Result<Envelope, DispatchError> {
        let outer = std::mem::replace(&mut self.bus, item.bus);
        let result = item.next.run(item.envelope, self).await;
        self.bus = outer;
        result
    }

    /// Writes what waits and is routed to a transport, as the last step of the transaction.
    async fn capture(&mut self) -> Result<(), DispatchError> {
        let mut index = self.held_back_before_transaction;
        while let Some(item) = self.held_back.as_ref().and_then(|queue| queue.get(index)) {
            if !self.messenger.is_sent_away(&item.envelope) {
                index += 1;
                continue;
            }
            let item = self.held_back.as_mut().and_then(|queue| queue.remove(index));
            let item = item.expect("the item was found at this index");
            self.capturing = true;
            let result = self.run(item).await;
            self.capturing = false;
            result?;
        }
        Ok(())
    }

    /// Keeps a message until the transaction that is being completed has committed: in the
    /// outbox of the scope if it has one, otherwise only in memory.
    pub(crate) async fn send_after_commit(
        &mut self,
        transport: &str,
        message: Encoded,
    ) -> Result<(), DispatchError> {
        let entry = self.scope.store_in_outbox(transport, message.clone()).await?;
        self.outbox.push(ToSend { entry, transport: transport.to_owned(), message });
        Ok(())
    }

    /// Whether messages are being written as the last step of a transaction.
    pub(crate) fn is_capturing(&self) -> bool {
        self.capturing
    }

    /// Sends what waited for the commit. What cannot be sent now stays in the outbox: a worker
    /// sends it later. Without an outbox it is given back as a failure.
    async fn send_outbox(&mut self) -> Vec<DelayedFailure> {
        let mut failures = Vec::new();
        for ToSend { entry, transport, message } in std::mem::take(&mut self.outbox) {
            let sent = self.send_from_outbox(&transport, message.clone()).await;
            match (sent, entry) {
                (Ok(()), None) => {}
                (Ok(()), Some(entry)) => self.remove_from_outbox(entry).await,
                (Err(error), None) => {
                    let envelope = self.messenger.codec().decode(message);
                    failures.push(DelayedFailure { envelope, error });
                }
                (Err(error), Some(_)) => tracing::warn!(
                    target: "messenger", %error, transport,
                    "Could not send a message to \"{transport}\"; a worker will send it from the outbox: {error}"
                ),
            }
        }
        failures
    }

    async fn remove_from_outbox(&mut self, entry: OutboxEntry) {
        if let Err(error) = self.scope.remove_from_outbox(entry).await {
            tracing::warn!(target: "messenger", %error, "A message may be sent twice: {error}");
        }
    }

    /// Sends a message that was kept in the outbox to its transport.
    pub(crate) async fn send_from_outbox(
        &mut self,
        transport: &str,
        message: Encoded,
    ) -> Result<(), DispatchError> {
        let transport = self.messenger.transport(transport)?;
        let envelope = self.messenger.codec().decode(message);
        transport.sender().send(envelope, self).await.map(|_| ())
    }
}

/// The fate of a message that was held back: its own stamps, those of handlers that succeeded
/// included.
fn failure(envelope: Envelope, error: DispatchError) -> DelayedFailure {
    let envelope = error.envelope_of(&envelope).cloned().unwrap_or(envelope);
    DelayedFailure { envelope, error }
}
