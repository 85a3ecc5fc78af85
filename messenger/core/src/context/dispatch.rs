//! One dispatch: it enters the chain of its bus, and listeners are told how it ended.

use std::panic::Location;
use std::time::Instant;

use super::{Context, Scope};
use crate::bus::BusName;
use crate::envelope::Envelope;
use crate::error::DispatchError;
use crate::listener::{Dispatch, DispatchListener};

/// Where the current message was dispatched.
#[derive(Debug, Clone)]
pub(crate) struct CallSite {
    pub(crate) bus: BusName,
    /// The line of code.
    pub(crate) caller: &'static Location<'static>,
}

impl<S: Scope> Context<S> {
    /// Dispatches a message in the name of the line that dispatched the current one.
    pub(crate) async fn dispatch_again(
        &mut self,
        bus: BusName,
        envelope: Envelope,
    ) -> Result<Envelope, DispatchError> {
        let caller = self.call_site.caller;
        self.dispatch_at(CallSite { bus, caller }, envelope).await
    }

    pub(crate) async fn dispatch_at(
        &mut self,
        call_site: CallSite,
        envelope: Envelope,
    ) -> Result<Envelope, DispatchError> {
        if !self.is_listened_to() {
            return self.enter(call_site, envelope).await;
        }
        let (from, before, started_at) = (call_site.clone(), envelope.clone(), Instant::now());
        let result = self.enter(call_site, envelope).await;
        self.tell(&from, &before, started_at, &result, DispatchListener::dispatched);
        result
    }

    /// Runs the whole chain of a bus.
    async fn enter(
        &mut self,
        call_site: CallSite,
        envelope: Envelope,
    ) -> Result<Envelope, DispatchError> {
        let next = self.messenger.chain(&call_site.bus)?;
        let outer = std::mem::replace(&mut self.call_site, call_site);
        let result = next.run(envelope, self).await;
        self.call_site = outer;
        result
    }

    /// Whether there is anybody to tell.
    pub(super) fn is_listened_to(&self) -> bool {
        !self.messenger.dispatch_listeners().is_empty()
    }

    pub(super) fn tell(
        &self,
        CallSite { bus, caller }: &CallSite,
        before: &Envelope,
        started_at: Instant,
        result: &Result<Envelope, DispatchError>,
        what: impl Fn(&(dyn DispatchListener + 'static), &Dispatch<'_>),
    ) {
        let (duration, result) = (started_at.elapsed(), result.as_ref());
        let dispatch = Dispatch { bus, caller, before, started_at, duration, result };
        for listener in self.messenger.dispatch_listeners() {
            what(&**listener, &dispatch);
        }
    }
}
