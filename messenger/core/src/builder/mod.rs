//! Puts a messenger together and refuses what cannot work.

mod checks;
mod configure;
mod messages;
mod transports;

use std::collections::HashMap;
use std::sync::Arc;

use indexmap::IndexMap;
use thiserror::Error;

use crate::bus::{self, BusBuilder, BusName, KnownMessage, Route, SendersLocator};
use crate::clock::Clock;
use crate::codec::{Codec, JsonCodec};
use crate::config::{DEFAULT_BUS, FailureTransport};
use crate::context::Scope;
use crate::handler::{DataMap, IntoHandler};
use crate::listener::{DispatchListener, GivenUpListener, SendListener};
use crate::message::{Interface, Message};
use crate::messenger::{ConfiguredTransport, Inner, Messenger};
use crate::middleware::Middleware;
use crate::pattern::{self, Pattern};
use crate::retry::{MultiplierRetryStrategy, RetryStrategy};
use crate::stamp::WireStamp;
use crate::transport::{HeldBackTransport, TransportFactory};
use configure::NamedLines;
use transports::PlannedTransport;

/// Everything that is wrong with a configuration, each problem a sentence.
#[derive(Debug, Error)]
#[error("{}", problems.join("\n"))]
pub struct BuildError {
    /// At least one.
    pub problems: Vec<String>,
}

/// Builds a [`Messenger`].
pub struct MessengerBuilder<S: Scope> {
    pub(crate) buses: Vec<BusBuilder<S>>,
    pub(crate) default_bus: Option<BusName>,
    pub(crate) named_middleware: HashMap<&'static str, Arc<dyn Middleware<S>>>,
    pub(crate) messages: Vec<KnownMessage>,
    pub(crate) codec: JsonCodec,
    pub(crate) codecs: HashMap<&'static str, Arc<dyn Codec>>,
    pub(crate) clock: Clock,
    factories: Vec<Arc<dyn TransportFactory<S>>>,
    transports: IndexMap<String, PlannedTransport<S>>,
    /// Lines of configurations that name messages, which may still be registered.
    named: Vec<NamedLines>,
    data: DataMap,
    pub(crate) routes: Vec<Route>,
    pub(crate) retries: Vec<(Pattern, Arc<dyn RetryStrategy>)>,
    pub(crate) discarded_messages: Vec<String>,
    send_listeners: Vec<Arc<dyn SendListener>>,
    dispatch_listeners: Vec<Arc<dyn DispatchListener>>,
    given_up_listeners: Vec<Arc<dyn GivenUpListener<S>>>,
    new_scope: Arc<dyn Fn() -> S + Send + Sync>,
    held_back_retry: Arc<dyn RetryStrategy>,
    held_back_failure_transport: FailureTransport,
    failure_transport: Option<String>,
    pub(crate) problems: Vec<String>,
}

impl<S: Scope> Messenger<S> {
    /// Starts to build a messenger; every root dispatch gets a new scope from `new_scope`.
    pub fn builder(new_scope: impl Fn() -> S + Send + Sync + 'static) -> MessengerBuilder<S> {
        MessengerBuilder {
            buses: Vec::new(),
            default_bus: None,
            named_middleware: HashMap::new(),
            messages: Vec::new(),
            codec: JsonCodec::default(),
            codecs: HashMap::new(),
            clock: Clock::default(),
            factories: Vec::new(),
            transports: IndexMap::new(),
            named: Vec::new(),
            data: DataMap::default(),
            routes: Vec::new(),
            retries: Vec::new(),
            discarded_messages: Vec::new(),
            send_listeners: Vec::new(),
            dispatch_listeners: Vec::new(),
            given_up_listeners: Vec::new(),
            new_scope: Arc::new(new_scope),
            held_back_retry: Arc::new(MultiplierRetryStrategy::default()),
            held_back_failure_transport: FailureTransport::Inherit,
            failure_transport: None,
            problems: Vec::new(),
        }
    }
}

impl<S: Scope> MessengerBuilder<S> {
    /// Adds handlers and middleware to a bus; the first bus is the default one unless another is
    /// named.
    #[must_use]
    pub fn bus(
        mut self,
        name: impl Into<BusName>,
        build: impl FnOnce(BusBuilder<S>) -> BusBuilder<S>,
    ) -> Self {
        let name = name.into();
        let position = self.buses.iter().position(|bus| bus.name == name);
        let bus = position.map_or_else(|| BusBuilder::new(name), |index| self.buses.remove(index));
        let bus = build(bus);
        self.buses.insert(position.unwrap_or(self.buses.len()), bus);
        self
    }

    /// Adds a handler to the bus `messenger.bus.default`: all that an application needs which has
    /// one bus. See [`BusBuilder::handler`].
    #[must_use]
    pub fn handler<Kind>(self, handler: impl IntoHandler<Kind, S>) -> Self {
        self.bus(DEFAULT_BUS, |bus| bus.handler(handler))
    }

    /// The bus of messages that do not say on which one they were dispatched.
    #[must_use]
    pub fn default_bus(mut self, name: impl Into<BusName>) -> Self {
        self.default_bus = Some(name.into());
        self
    }

    /// Makes a middleware available to the configuration under its [`Middleware::name`].
    #[must_use]
    pub fn middleware(mut self, middleware: impl Middleware<S>) -> Self {
        self.named_middleware.insert(bus::step(middleware.name()), Arc::new(middleware));
        self
    }

    /// Gives functions that take [`Data<T>`](crate::Data) this value.
    #[must_use]
    pub fn data<T: Send + Sync + 'static>(mut self, value: T) -> Self {
        self.data.insert(Arc::new(value));
        self
    }

    /// Makes a message known that no handler here names, so that it can be routed and read.
    #[must_use]
    pub fn message<M: Message>(mut self) -> Self {
        self.messages.push(KnownMessage::of::<M>());
        self
    }

    /// Makes a stamp of the application readable.
    #[must_use]
    pub fn stamp<T: WireStamp>(mut self) -> Self {
        self.codec.stamps_mut().register::<T>();
        self
    }

    /// Makes a codec available to transports under the name that their `serializer` gives.
    #[must_use]
    pub fn codec(mut self, name: &'static str, codec: impl Codec) -> Self {
        self.codecs.insert(name, Arc::new(codec));
        self
    }

    /// Sets the clock; the default is the machine's.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Is told before each message is sent.
    #[must_use]
    pub fn send_listener(mut self, listener: impl SendListener) -> Self {
        self.send_listeners.push(Arc::new(listener));
        self
    }

    /// Is told of every dispatch. Without such a listener nothing is measured.
    #[must_use]
    pub fn dispatch_listener(mut self, listener: impl DispatchListener) -> Self {
        self.dispatch_listeners.push(Arc::new(listener));
        self
    }

    /// Is told about each message that a worker gives up.
    #[must_use]
    pub fn given_up_listener(mut self, listener: impl GivenUpListener<S>) -> Self {
        self.given_up_listeners.push(Arc::new(listener));
        self
    }

    /// Sets when a message type is tried again, whatever transport it comes from.
    #[must_use]
    pub fn retry<M: Message>(mut self, strategy: impl RetryStrategy) -> Self {
        self.retries.push((Pattern::Message(M::NAME.to_owned()), Arc::new(strategy)));
        self
    }

    /// Routes a message type to transports.
    #[must_use]
    pub fn route<M: Message>(self, senders: &[&str]) -> Self {
        self.route_pattern(Pattern::Message(M::NAME.to_owned()), senders)
    }

    /// Routes every message of a group.
    #[must_use]
    pub fn route_interface(self, interface: Interface, senders: &[&str]) -> Self {
        self.route_pattern(Pattern::Interface(interface.0.to_owned()), senders)
    }

    /// Routes what nothing more specific routes: a namespace such as `App\Message\*`, or `*`.
    #[must_use]
    pub fn route_wildcard(self, wildcard: &str, senders: &[&str]) -> Self {
        let pattern = match wildcard {
            "*" => Pattern::Any,
            namespace => Pattern::Namespace(pattern::namespace_of(namespace).to_owned()),
        };
        self.route_pattern(pattern, senders)
    }

    fn route_pattern(mut self, pattern: Pattern, senders: &[&str]) -> Self {
        let senders = senders.iter().map(|name| Arc::from(*name)).collect();
        self.routes.push(Route { pattern, senders });
        self
    }

    /// Drops messages of this type instead of keeping them when they fail.
    #[must_use]
    pub fn discard<M: Message>(mut self) -> Self {
        self.discarded_messages.push(M::NAME.to_owned());
        self
    }

    /// Checks everything and builds.
    ///
    /// # Errors
    /// When something cannot work: a route to an unknown transport, two messages with one name, a
    /// bus that cannot hold messages back. All problems are reported together.
    pub fn build(mut self) -> Result<Messenger<S>, BuildError> {
        let mut problems = std::mem::take(&mut self.problems);
        self.apply_named_lines(&mut problems);
        self.check_messages(&mut problems);
        self.check_transports(&mut problems);
        self.check_data(&mut problems);
        let codec = self.finished_codec();
        let transports = self.made_transports(&codec, &mut problems);
        let messages = self.known_messages().copied().collect();
        let default_bus = self.chosen_default_bus(&mut problems);
        let bus_aliases = self.bus_aliases(&default_bus);
        let (named, listeners) = (&self.named_middleware, &self.send_listeners);
        let build = |bus: BusBuilder<S>| bus.build(named, listeners, &mut problems);
        let held_back_failure_transport =
            self.failure_transport_of(&self.held_back_failure_transport).map(str::to_owned);
        let buses = self.buses.into_iter().map(build).collect();
        if !problems.is_empty() {
            return Err(BuildError { problems });
        }
        let (new_scope, held_back_codec) = (Arc::clone(&self.new_scope), Arc::clone(&codec));
        let held_back = ConfiguredTransport {
            transport: Arc::new(HeldBackTransport { new_scope, codec: held_back_codec }),
            retry: self.held_back_retry,
            failure_transport: held_back_failure_transport,
            rate_limit: None,
        };
        Ok(Messenger::new(Inner {
            buses,
            default_bus,
            bus_aliases,
            held_back,
            transports,
            senders: SendersLocator::new(self.routes),
            retries: self.retries,
            codec,
            new_scope: self.new_scope,
            discarded_messages: self.discarded_messages,
            messages,
            dispatch_listeners: self.dispatch_listeners,
            given_up_listeners: self.given_up_listeners,
            clock: self.clock,
            data: self.data,
        }))
    }
}
