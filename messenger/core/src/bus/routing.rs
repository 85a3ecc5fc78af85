//! Which transports a message is sent to. The precedence is that of Symfony's `SendersLocator`.

use std::sync::Arc;

use crate::envelope::Envelope;
use crate::message::Interface;
use crate::pattern::Pattern;
use crate::stamp::TransportNamesStamp;

/// One line of the routing.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    pub(crate) pattern: Pattern,
    pub(crate) senders: Vec<Arc<str>>,
}

/// All lines of the routing.
#[derive(Debug, Default)]
pub(crate) struct SendersLocator {
    routes: Vec<Route>,
}

impl SendersLocator {
    pub(crate) fn new(routes: Vec<Route>) -> Self {
        Self { routes }
    }

    /// The transports of a message, in order. A `TransportNamesStamp` overrides the routing.
    pub(crate) fn senders(&self, envelope: &Envelope) -> Vec<Arc<str>> {
        if let Some(stamp) = envelope.last::<TransportNamesStamp>() {
            return stamp.transport_names.iter().map(|name| Arc::from(name.as_str())).collect();
        }
        self.routed(envelope.name(), envelope.interfaces())
    }

    /// The type's line and those of its groups all count, each transport once. Namespaces and `*`
    /// are fallbacks: the most specific one counts, and only if nothing was found before.
    pub(crate) fn routed(&self, name: &str, interfaces: &[Interface]) -> Vec<Arc<str>> {
        let mut found: Vec<Arc<str>> = Vec::new();
        let matching = |route: &&Route| route.pattern.matches(name, interfaces);
        let mut routes: Vec<_> = self.routes.iter().filter(matching).collect();
        routes.sort_by_key(|route| (route.pattern.rank(), route.pattern.position(interfaces)));
        for route in routes {
            if route.pattern.is_wildcard() && !found.is_empty() {
                break;
            }
            for sender in &route.senders {
                if !found.contains(sender) {
                    found.push(Arc::clone(sender));
                }
            }
        }
        found
    }
}
