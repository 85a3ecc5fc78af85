//! Puts one bus together: its handlers, and its chain of middleware in the right order.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Bus, BusName, Chain, KnownMessage, chain};
use crate::config::{Located, Origin, Problem};
use crate::context::Scope;
use crate::handler::{
    self, EnvelopeHandler, ErasedHandler, HandlerOptions, HandlersLocator, Handles, IntoHandler,
    Need,
};
use crate::listener::SendListener;
use crate::middleware::{
    AddBusNameStamp, DispatchAfterCurrentBus, FailedMessageProcessing, HandleMessage, Middleware,
    RejectRedelivered, SendMessage,
};

/// Builds one bus.
pub struct BusBuilder<S: Scope> {
    pub(crate) name: BusName,
    pub(crate) aliases: Vec<String>,
    pub(crate) messages: Vec<KnownMessage>,
    pub(crate) never_routed: bool,
    pub(crate) allow_no_handlers: bool,
    pub(crate) allow_no_senders: bool,
    pub(crate) chain: Chain,
    own: HashMap<&'static str, Arc<dyn Middleware<S>>>,
    handlers: HandlersLocator<S>,
    /// What handlers need, by their names.
    pub(crate) needs: Vec<(&'static str, Need)>,
}

impl<S: Scope> BusBuilder<S> {
    pub(crate) fn new(name: BusName) -> Self {
        let key = format!("buses.\"{name}\"");
        let origin = Origin { key, ..Origin::none() };
        Self {
            name,
            aliases: Vec::new(),
            messages: Vec::new(),
            never_routed: false,
            allow_no_handlers: false,
            allow_no_senders: true,
            chain: Chain { origin, own: Vec::new(), with_defaults: true },
            own: HashMap::new(),
            handlers: HandlersLocator::default(),
            needs: Vec::new(),
        }
    }

    /// Gives the bus another name: received messages that carry it are handled here. Another
    /// application names its own buses.
    #[must_use]
    pub fn alias(mut self, name: &str) -> Self {
        self.aliases.push(name.to_owned());
        self
    }

    /// Adds a handler for one message type: an `async fn`, or a type with [`Handler`](crate::Handler).
    #[must_use]
    pub fn handler<Kind>(self, handler: impl IntoHandler<Kind, S>) -> Self {
        self.handler_with(handler, HandlerOptions::default())
    }

    /// Adds a handler for one message type, with a priority or other options.
    #[must_use]
    pub fn handler_with<Kind>(
        mut self,
        handler: impl IntoHandler<Kind, S>,
        options: HandlerOptions,
    ) -> Self {
        let ErasedHandler { message, name, handler, needs } = handler.into_handler();
        let handles = Handles::Message(message.name);
        self.needs.extend(needs.into_iter().map(|need| (name, need)));
        self.handlers.add(&handles, name, options, handler);
        self.messages.push(message);
        self
    }

    /// Adds a handler for every message of a group, a namespace, or for all messages.
    #[must_use]
    pub fn group_handler(
        mut self,
        handles: Handles,
        handler: impl EnvelopeHandler<S>,
        options: HandlerOptions,
    ) -> Self {
        let name = handler.name();
        self.handlers.add(&handles, name, options, handler::erase_group(handler));
        self
    }

    /// Appends a step of the application to the chain. One that is appended twice runs once, at
    /// its first place. A configuration that describes this bus gives the order instead.
    #[must_use]
    pub fn middleware(mut self, middleware: impl Middleware<S>) -> Self {
        let name = middleware.name();
        self.own.insert(chain::step(name), Arc::new(middleware));
        self.chain.own.push(self.listed(name));
        self
    }

    /// A message without handler is a success on this bus: right for events.
    #[must_use]
    pub fn allow_no_handlers(mut self) -> Self {
        self.allow_no_handlers = true;
        self
    }

    /// A message that no transport takes is an error on this bus.
    #[must_use]
    pub fn require_senders(mut self) -> Self {
        self.allow_no_senders = false;
        self
    }

    /// Messages of this bus are asked for an answer: routing one of them is refused at the start.
    #[must_use]
    pub fn never_routed(mut self) -> Self {
        self.never_routed = true;
        self
    }

    /// Replaces the default steps by exactly these names, the built-in ones included.
    #[must_use]
    pub fn whole_chain(mut self, names: &[&str]) -> Self {
        self.chain.own = names.iter().map(|name| self.listed(name)).collect();
        self.chain.with_defaults = false;
        self
    }

    /// The name of a step that code lists.
    fn listed(&self, name: &str) -> Located<String> {
        let key = format!("{}.middleware", self.chain.origin.key);
        Located::new(name.to_owned(), Origin { key, ..Origin::none() })
    }

    pub(crate) fn build(
        self,
        shared: &HashMap<&'static str, Arc<dyn Middleware<S>>>,
        listeners: &[Arc<dyn SendListener>],
        problems: &mut Vec<String>,
    ) -> Bus<S> {
        let names = self.chain.order();
        let mut found: Vec<Problem> = self.chain.problems();
        let known = self.known_middleware(shared);
        let handlers = Arc::new(self.handlers);
        let parts = Parts {
            bus: self.name.as_str(),
            handlers: &handlers,
            listeners,
            allow_no_handlers: self.allow_no_handlers,
            allow_no_senders: self.allow_no_senders,
        };
        let mut steps = Vec::with_capacity(names.len());
        for name in &names {
            let step = chain::step(name);
            let middleware = parts
                .built_in(step)
                .or_else(|| self.own.get(step).cloned())
                .or_else(|| shared.get(step).cloned());
            match middleware {
                Some(middleware) => steps.push(middleware),
                None => found.push(Problem::unknown(name, "middleware", known.iter().copied())),
            }
        }
        problems.extend(found.iter().map(ToString::to_string));
        Bus { name: self.name.clone(), chain: steps.into(), handlers }
    }

    /// The names that this bus's chain may be made of.
    fn known_middleware(
        &self,
        shared: &HashMap<&'static str, Arc<dyn Middleware<S>>>,
    ) -> Vec<&'static str> {
        let registered = shared.keys().chain(self.own.keys()).copied();
        let mut known: Vec<_> = chain::built_in().chain(registered).collect();
        known.sort_unstable();
        known.dedup();
        known
    }
}

/// What the built-in steps of one bus are made from.
struct Parts<'a, S: Scope> {
    bus: &'a str,
    handlers: &'a Arc<HandlersLocator<S>>,
    listeners: &'a [Arc<dyn SendListener>],
    allow_no_handlers: bool,
    allow_no_senders: bool,
}

impl<S: Scope> Parts<'_, S> {
    fn built_in(&self, name: &str) -> Option<Arc<dyn Middleware<S>>> {
        Some(match name {
            "add_bus_name_stamp_middleware" => Arc::new(AddBusNameStamp::new(self.bus)),
            "reject_redelivered_message_middleware" => Arc::new(RejectRedelivered),
            "dispatch_after_current_bus" => Arc::new(DispatchAfterCurrentBus),
            "failed_message_processing_middleware" => Arc::new(FailedMessageProcessing),
            "send_message" => Arc::new(SendMessage {
                allow_no_senders: self.allow_no_senders,
                listeners: self.listeners.to_vec(),
            }),
            "handle_message" => Arc::new(HandleMessage {
                handlers: Arc::clone(self.handlers),
                allow_no_handlers: self.allow_no_handlers,
            }),
            _ => return None,
        })
    }
}
