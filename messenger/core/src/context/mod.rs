//! The context of one root dispatch: its scope, nested dispatches, and what is held back.

mod dispatch;
mod held_back;
mod kept;
mod outbox;
mod scope;
mod transaction;

use std::collections::VecDeque;
use std::panic::Location;

use crate::bus::BusName;
use crate::envelope::Envelope;
use crate::error::DispatchError;
use crate::messenger::Messenger;

pub(crate) use dispatch::CallSite;
use held_back::HeldBack;
pub(crate) use kept::KeptInOutbox;
use outbox::ToSend;
pub use scope::{HELD_BACK, OUTBOX_LEASE, OutboxEntry, OutboxMessage, Scope, Transactions};

/// What handlers and middleware are given: the scope, and the way to dispatch further messages
/// within it.
pub struct Context<S: Scope> {
    /// State of this root dispatch, typically the unit of work.
    pub scope: S,
    messenger: Messenger<S>,
    call_site: CallSite,
    /// What waits for the root to succeed; `None` while no root is running.
    held_back: Option<VecDeque<HeldBack<S>>>,
    /// How much was held back when the outermost transaction began.
    held_back_before_transaction: usize,
    /// Whether messages are being written as the last step of a transaction.
    capturing: bool,
    /// Written to the outbox, to be sent once the transaction has committed.
    outbox: Vec<ToSend>,
}

impl<S: Scope> Context<S> {
    pub(crate) fn new(messenger: Messenger<S>, bus: BusName, scope: S) -> Self {
        Self {
            scope,
            messenger,
            call_site: CallSite { bus, caller: Location::caller() },
            held_back: None,
            held_back_before_transaction: 0,
            capturing: false,
            outbox: Vec::new(),
        }
    }

    /// The bus on which the current message is dispatched.
    #[must_use]
    pub fn bus(&self) -> BusName {
        self.call_site.bus.clone()
    }

    /// The messenger this context belongs to.
    #[must_use]
    pub fn messenger(&self) -> &Messenger<S> {
        &self.messenger
    }

    /// Dispatches a message on the default bus, within this root dispatch: in its transaction, and
    /// with its list of messages that wait.
    ///
    /// # Errors
    /// Whatever the bus, its middleware and its handlers give.
    // Not an `async fn`: listeners are told the line that calls this.
    #[track_caller]
    pub fn dispatch(
        &mut self,
        message: impl Into<Envelope>,
    ) -> impl Future<Output = Result<Envelope, DispatchError>> + Send {
        self.dispatch_on(self.messenger.default_bus(), message)
    }

    /// Dispatches a message on this bus, within this root dispatch.
    ///
    /// # Errors
    /// As [`dispatch`](Self::dispatch), and when there is no such bus.
    #[track_caller]
    pub fn dispatch_on(
        &mut self,
        bus: impl Into<BusName>,
        message: impl Into<Envelope>,
    ) -> impl Future<Output = Result<Envelope, DispatchError>> + Send {
        let (caller, bus, envelope) = (Location::caller(), bus.into(), message.into());
        self.dispatch_at(CallSite { bus, caller }, envelope)
    }
}
