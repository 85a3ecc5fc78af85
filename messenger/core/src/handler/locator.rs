//! Which handlers a bus has for a message.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::sync::Arc;

use super::AnyHandler;
use crate::context::Scope;
use crate::envelope::Envelope;
use crate::message::Interface;
use crate::pattern::{self, Pattern};
use crate::stamp::ReceivedStamp;

/// What a handler handles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Handles {
    /// One message type, by its wire name.
    Message(&'static str),
    /// Every message of a group.
    Interface(Interface),
    /// Every message below a namespace, for example `App\Message\*`.
    Namespace(&'static str),
    /// Every message.
    Any,
}

/// How a handler is registered.
#[derive(Debug, Clone, Default)]
pub struct HandlerOptions {
    priority: i32,
    from_transport: Option<&'static str>,
    alias: Option<&'static str>,
    name: Option<&'static str>,
}

impl HandlerOptions {
    /// Higher runs first; the default is 0, ties run in the order of registration.
    #[must_use]
    pub fn priority(mut self, priority: i32) -> Self {
        self.priority = priority;
        self
    }

    /// A received message reaches the handler only from this transport. It does not restrict
    /// messages that are handled without having travelled.
    #[must_use]
    pub fn from_transport(mut self, name: &'static str) -> Self {
        self.from_transport = Some(name);
        self
    }

    /// The name kept in `HandledStamp`, instead of the path of the function or of what
    /// [`Handler::name`](super::Handler::name) says. Set it to the old path before you rename a function: a retry
    /// under another name runs the handler again.
    #[must_use]
    pub fn name(mut self, name: &'static str) -> Self {
        self.name = Some(name);
        self
    }

    /// Tells two handlers of one type apart.
    #[must_use]
    pub fn alias(mut self, alias: &'static str) -> Self {
        self.alias = Some(alias);
        self
    }
}

/// A handler and when it applies.
pub(crate) struct HandlerDescriptor<S: Scope> {
    pub(crate) name: Arc<str>,
    pub(crate) handler: Arc<dyn AnyHandler<S>>,
    handles: Pattern,
    options: HandlerOptions,
}

/// A handler as `debug:messenger` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandlerDescription {
    /// The wire name, interface, namespace or `*`.
    pub handles: String,
    /// The handler's name.
    pub name: String,
    /// Higher runs first.
    pub priority: i32,
    /// The transport it is restricted to.
    pub from_transport: Option<String>,
}

/// The handlers of one bus.
pub(crate) struct HandlersLocator<S: Scope> {
    descriptors: Vec<Arc<HandlerDescriptor<S>>>,
}

impl<S: Scope> HandlersLocator<S> {
    pub(crate) fn add(
        &mut self,
        handles: &Handles,
        name: &str,
        options: HandlerOptions,
        handler: Arc<dyn AnyHandler<S>>,
    ) {
        let name = options.name.unwrap_or(name);
        let name = match options.alias {
            Some(alias) => format!("{name}@{alias}"),
            None => name.to_owned(),
        };
        let handles = Pattern::from(handles);
        let descriptor = HandlerDescriptor { name: name.into(), handler, handles, options };
        self.descriptors.push(Arc::new(descriptor));
        // Specific before general, then by priority; the sort is stable, so ties keep their order.
        self.descriptors.sort_by_key(|descriptor| {
            (descriptor.handles.rank(), Reverse(descriptor.options.priority))
        });
    }

    /// The handlers that apply, each name once: for the type itself, then for its groups, then
    /// for namespaces and `*`. Unlike in routing, everything accumulates.
    pub(crate) fn handlers<'a>(
        &'a self,
        envelope: &'a Envelope,
    ) -> impl Iterator<Item = &'a Arc<HandlerDescriptor<S>>> {
        let interfaces = envelope.interfaces();
        let from = envelope.last::<ReceivedStamp>().map(|stamp| &*stamp.transport_name);
        let applies = move |descriptor: &HandlerDescriptor<S>| {
            descriptor.handles.matches(envelope.name(), envelope.interfaces())
                && match (descriptor.options.from_transport, from) {
                    (Some(wanted), Some(actual)) => wanted == actual,
                    _ => true,
                }
        };
        let mut found: Vec<_> = self.descriptors.iter().filter(|one| applies(one)).collect();
        found.sort_by_key(|one| (one.handles.rank(), one.handles.position(interfaces)));
        let mut names = HashSet::with_capacity(found.len());
        found.retain(|one| names.insert(&*one.name));
        found.into_iter()
    }

    pub(crate) fn describe(&self) -> impl Iterator<Item = HandlerDescription> {
        self.descriptors.iter().map(|descriptor| HandlerDescription {
            handles: descriptor.handles.to_string(),
            name: descriptor.name.to_string(),
            priority: descriptor.options.priority,
            from_transport: descriptor.options.from_transport.map(str::to_owned),
        })
    }
}

impl<S: Scope> Default for HandlersLocator<S> {
    fn default() -> Self {
        Self { descriptors: Vec::new() }
    }
}

impl From<&Handles> for Pattern {
    fn from(handles: &Handles) -> Self {
        match handles {
            Handles::Message(name) => Self::Message((*name).to_owned()),
            Handles::Interface(interface) => Self::Interface(interface.0.to_owned()),
            Handles::Namespace(wildcard) => {
                Self::Namespace(pattern::namespace_of(wildcard).to_owned())
            }
            Handles::Any => Self::Any,
        }
    }
}
