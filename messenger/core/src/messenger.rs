//! The messenger: all buses, transports and routes of an application.

use std::collections::HashMap;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::bus::{Bus, BusName, KnownMessage, SendersLocator};
use crate::clock::Clock;
use crate::codec::Codec;
use crate::context::{CallSite, Context, HELD_BACK, Scope};
use crate::envelope::Envelope;
use crate::error::DispatchError;
use crate::handler::{Data, DataMap, HandlerDescription};
use crate::listener::{DispatchListener, GivenUpListener};
use crate::middleware::Next;
use crate::pattern::{self, Pattern};
use crate::retry::RetryStrategy;
use crate::stamp::{HandledStamp, ReceivedStamp, SentToFailureTransportStamp};
use crate::transport::{Delivery, Sender, Transport};

/// Dispatches messages. Cheap to clone; made by [`MessengerBuilder`](crate::MessengerBuilder).
pub struct Messenger<S: Scope>(pub(crate) Arc<Inner<S>>);

pub(crate) struct Inner<S: Scope> {
    pub(crate) buses: Vec<Bus<S>>,
    pub(crate) default_bus: BusName,
    /// Other names of buses, in messages from outside.
    pub(crate) bus_aliases: HashMap<String, BusName>,
    pub(crate) transports: IndexMap<String, ConfiguredTransport<S>>,
    pub(crate) senders: SendersLocator,
    pub(crate) retries: Vec<(Pattern, Arc<dyn RetryStrategy>)>,
    pub(crate) codec: Arc<dyn Codec>,
    /// What was to be handled in a process that died; every worker reads it.
    pub(crate) held_back: ConfiguredTransport<S>,
    pub(crate) new_scope: Arc<dyn Fn() -> S + Send + Sync>,
    pub(crate) discarded_messages: Vec<String>,
    pub(crate) dispatch_listeners: Vec<Arc<dyn DispatchListener>>,
    pub(crate) given_up_listeners: Vec<Arc<dyn GivenUpListener<S>>>,
    pub(crate) messages: Vec<KnownMessage>,
    pub(crate) clock: Clock,
    pub(crate) data: DataMap,
}

/// A transport and what the configuration says about its failures.
pub struct ConfiguredTransport<S: Scope> {
    /// The transport itself.
    pub transport: Arc<dyn Transport<S>>,
    /// When a failed message is tried again that has no strategy of its own.
    pub retry: Arc<dyn RetryStrategy>,
    /// Where messages go that are not tried again; `None`: they are dropped.
    pub failure_transport: Option<String>,
    /// At most so many messages in so much time.
    pub rate_limit: Option<crate::rate_limit::RateLimit>,
}

impl<S: Scope> Messenger<S> {
    pub(crate) fn new(inner: Inner<S>) -> Self {
        Self(Arc::new(inner))
    }

    /// Dispatches a message in a scope of its own, on the default bus.
    ///
    /// # Errors
    /// Whatever the bus, its middleware and its handlers give.
    // Not an `async fn`: listeners are told the line that calls this.
    #[track_caller]
    pub fn dispatch(
        &self,
        message: impl Into<Envelope>,
    ) -> impl Future<Output = Result<Envelope, DispatchError>> + Send {
        self.dispatch_on(self.default_bus(), message)
    }

    /// Dispatches a message in a scope of its own, on this bus.
    ///
    /// # Errors
    /// As [`dispatch`](Self::dispatch), and when there is no such bus.
    #[track_caller]
    pub fn dispatch_on(
        &self,
        bus: impl Into<BusName>,
        message: impl Into<Envelope>,
    ) -> impl Future<Output = Result<Envelope, DispatchError>> + Send {
        let (caller, bus, envelope) = (Location::caller(), bus.into(), message.into());
        async move {
            let call_site = CallSite { bus, caller };
            self.context(call_site.bus.clone()).dispatch_at(call_site, envelope).await
        }
    }

    /// Dispatches a query on the default bus and gives the answer of its one handler.
    ///
    /// # Errors
    /// As [`dispatch`](Self::dispatch), and [`DispatchError::NoAnswer`] if not exactly one handler
    /// answered with an `A`.
    #[track_caller]
    pub fn ask<A: Clone + 'static>(
        &self,
        query: impl Into<Envelope>,
    ) -> impl Future<Output = Result<A, DispatchError>> + Send {
        self.ask_on(self.default_bus(), query)
    }

    /// Dispatches a query on this bus and gives the answer of its one handler.
    ///
    /// # Errors
    /// As [`ask`](Self::ask), and when there is no such bus.
    #[track_caller]
    pub fn ask_on<A: Clone + 'static>(
        &self,
        bus: impl Into<BusName>,
        query: impl Into<Envelope>,
    ) -> impl Future<Output = Result<A, DispatchError>> + Send {
        let dispatched = self.dispatch_on(bus, query);
        async move { answer(&dispatched.await?) }
    }

    /// A scope of its own for several dispatches, for example in one transaction.
    pub fn context(&self, bus: impl Into<BusName>) -> Context<S> {
        Context::new(self.clone(), bus.into(), self.new_scope())
    }

    pub(crate) fn new_scope(&self) -> S {
        (self.0.new_scope)()
    }

    /// The names of all buses.
    pub fn buses(&self) -> impl Iterator<Item = &BusName> {
        self.0.buses.iter().map(|bus| &bus.name)
    }

    /// The bus of messages that do not say on which one they were dispatched.
    #[must_use]
    pub fn default_bus(&self) -> BusName {
        self.0.default_bus.clone()
    }

    /// The handlers of a bus, for `debug:messenger`.
    ///
    /// # Errors
    /// When there is no such bus.
    pub fn handlers(&self, bus: &BusName) -> Result<Vec<HandlerDescription>, DispatchError> {
        Ok(self.bus(bus)?.handlers.describe().collect())
    }

    /// The middleware of a bus in their order.
    ///
    /// # Errors
    /// When there is no such bus.
    pub fn middleware(&self, bus: &BusName) -> Result<Vec<&'static str>, DispatchError> {
        Ok(self.bus(bus)?.chain.iter().map(|middleware| middleware.name()).collect())
    }

    /// All transports in the order of the configuration.
    #[must_use]
    pub fn transports(&self) -> &IndexMap<String, ConfiguredTransport<S>> {
        &self.0.transports
    }

    /// A transport by its name.
    ///
    /// # Errors
    /// When there is no such transport; the error lists those there are.
    pub fn transport(&self, name: &str) -> Result<Arc<dyn Transport<S>>, DispatchError> {
        self.configured(name).map(|configured| Arc::clone(&configured.transport))
    }

    /// A transport with its failure settings.
    ///
    /// # Errors
    /// As [`transport`](Self::transport).
    pub fn configured(&self, name: &str) -> Result<&ConfiguredTransport<S>, DispatchError> {
        if name == HELD_BACK {
            return Ok(&self.0.held_back);
        }
        self.0.transports.get(name).ok_or_else(|| DispatchError::UnknownTransport {
            name: name.to_owned(),
            known: self.0.transports.keys().cloned().collect::<Vec<_>>().join(", "),
        })
    }

    /// The transports a message would be sent to, by name.
    #[must_use]
    pub fn route(&self, envelope: &Envelope) -> Vec<Arc<str>> {
        self.0.senders.senders(envelope)
    }

    /// When a message that failed is tried again, if it has a strategy of its own; otherwise that
    /// of its transport counts, and for a message that comes from a failure transport always.
    #[must_use]
    pub fn retry_strategy(&self, envelope: &Envelope) -> Option<&dyn RetryStrategy> {
        if envelope.has::<SentToFailureTransportStamp>() {
            return None;
        }
        let own = self.0.retries.iter().map(|(pattern, strategy)| (pattern, &**strategy));
        pattern::most_specific(own, envelope.name(), envelope.interfaces())
    }

    /// The message types that are registered, for `debug:routing`; one that several buses handle
    /// is there several times.
    #[must_use]
    pub fn messages(&self) -> &[KnownMessage] {
        &self.0.messages
    }

    /// The transports the routing gives for a wire name with these groups.
    #[must_use]
    pub fn route_of(&self, name: &str, interfaces: &[crate::Interface]) -> Vec<Arc<str>> {
        self.0.senders.routed(name, interfaces)
    }

    /// The clock of this messenger.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The codec with which this transport writes.
    pub(crate) fn codec_of<'a>(&'a self, sender: &'a dyn Sender<S>) -> &'a dyn Codec {
        sender.codec().unwrap_or(&*self.0.codec)
    }

    /// The codec of this messenger.
    #[must_use]
    pub fn codec(&self) -> &Arc<dyn Codec> {
        &self.0.codec
    }

    /// Whether messages of this name are dropped rather than kept when they fail.
    #[must_use]
    pub fn is_discarded(&self, name: &str) -> bool {
        self.0.discarded_messages.iter().any(|discarded| discarded == name)
    }

    /// What the application gave its handlers of this type.
    #[must_use]
    pub fn data<T: Send + Sync + 'static>(&self) -> Option<Data<T>> {
        self.0.data.get()
    }

    pub(crate) fn dispatch_listeners(&self) -> &[Arc<dyn DispatchListener>] {
        &self.0.dispatch_listeners
    }

    pub(crate) fn given_up_listeners(&self) -> &[Arc<dyn GivenUpListener<S>>] {
        &self.0.given_up_listeners
    }

    /// Whether the message would leave this process through a transport.
    pub(crate) fn is_sent_away(&self, envelope: &Envelope) -> bool {
        let senders = self.route(envelope);
        !envelope.has::<ReceivedStamp>()
            && !senders.is_empty()
            && senders.iter().all(|name| {
                self.transport(name)
                    .is_ok_and(|transport| transport.sender().delivery() != Delivery::InProcess)
            })
    }

    pub(crate) fn chain(&self, bus: &BusName) -> Result<Next<S>, DispatchError> {
        Ok(Next::new(Arc::clone(&self.bus(bus)?.chain)))
    }
}

/// What the one handler of a query answered.
fn answer<A: Clone + 'static>(envelope: &Envelope) -> Result<A, DispatchError> {
    let mut answers = envelope.all::<HandledStamp>();
    let answer = answers.next().and_then(|stamp| stamp.result.get::<A>().cloned());
    match (answer, answers.next()) {
        (Some(answer), None) => Ok(answer),
        _ => Err(DispatchError::NoAnswer {
            message: envelope.name().to_owned(),
            handlers: envelope.all::<HandledStamp>().count(),
        }),
    }
}

impl<S: Scope> Clone for Messenger<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S: Scope> fmt::Debug for Messenger<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Messenger")
            .field("buses", &self.buses().collect::<Vec<_>>())
            .field("transports", &self.0.transports.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
