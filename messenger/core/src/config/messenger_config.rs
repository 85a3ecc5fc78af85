//! The whole configuration, and how it is read from the tree of the files.

use super::{
    BusConfig, DEFAULT_BUS, FailureTransport, Located, MessageRetryConfig, RetryConfig,
    RouteConfig, RouteKey, Signal, TransportConfig, check,
    node::Node,
    problem::Problems,
    section::{Section, entries},
};
use crate::message::Interface;
use crate::pattern::{self, Pattern};

const KEYS: [&str; 8] = [
    "default_bus",
    "failure_transport",
    "buses",
    "transports",
    "routing",
    "retry_strategy",
    "failure",
    "stop_worker_on_signals",
];

/// Everything `messenger.toml` can say.
#[derive(Clone, Debug, PartialEq)]
pub struct MessengerConfig {
    /// The bus used where none is named; must be given when there is more than one.
    pub default_bus: Option<Located<String>>,
    /// Where rejected messages go, unless their transport says otherwise; `None` by default.
    /// Written `"none"` it is `None` too, so that an overlay can switch it off.
    pub failure_transport: Option<Located<String>>,
    /// The buses in written order; a single [`DEFAULT_BUS`] when none is written.
    pub buses: Vec<BusConfig>,
    /// The transports in written order.
    pub transports: Vec<TransportConfig>,
    /// The routes in written order.
    pub routing: Vec<RouteConfig>,
    /// The messages with a retry strategy of their own, in written order; none by default.
    pub retry_strategy: Vec<MessageRetryConfig>,
    /// What is kept out of the failure transport.
    pub failure: FailureConfig,
    /// Signals that stop a worker; empty (the default) = the worker's built-in ones.
    pub stop_worker_on_signals: Vec<Located<Signal>>,
}

/// What is kept out of the failure transport, `[failure]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FailureConfig {
    /// Messages by short name, full wire name or interface: dropped with a log line when they
    /// would go to the failure transport; empty by default.
    pub discard: Vec<Located<String>>,
}

/// One bus with every default, and nothing else.
impl Default for MessengerConfig {
    fn default() -> Self {
        Self {
            default_bus: None,
            failure_transport: None,
            buses: vec![BusConfig::new(DEFAULT_BUS)],
            transports: Vec::new(),
            routing: Vec::new(),
            retry_strategy: Vec::new(),
            failure: FailureConfig::default(),
            stop_worker_on_signals: Vec::new(),
        }
    }
}

impl MessengerConfig {
    /// Name of the bus used where none is named: the default bus, or the only one.
    #[must_use]
    pub fn default_bus_name(&self) -> Option<&str> {
        match (&self.default_bus, self.buses.as_slice()) {
            (Some(name), _) => Some(name.as_str()),
            (None, [only]) => Some(only.name.as_str()),
            (None, _) => None,
        }
    }

    /// Name of the failure transport that counts for a transport, if there is one.
    #[must_use]
    pub fn failure_transport_of<'a>(
        &'a self,
        transport: &'a TransportConfig,
    ) -> Option<&'a Located<String>> {
        match &transport.failure_transport {
            FailureTransport::Inherit => self.failure_transport.as_ref(),
            FailureTransport::None => None,
            FailureTransport::Named(name) => Some(name),
        }
    }

    /// The retry strategy that counts for a message of this wire name and these groups when it
    /// fails in a transport: its own, or else the transport's.
    #[must_use]
    pub fn retry_strategy_of<'a>(
        &'a self,
        transport: &'a TransportConfig,
        name: &str,
        interfaces: &[Interface],
    ) -> &'a RetryConfig {
        let own = self.retry_strategy.iter().map(|one| {
            let pattern = match &one.key.value {
                RouteKey::Any => Pattern::Any,
                RouteKey::Namespace(prefix) => Pattern::Namespace(prefix.clone()),
                RouteKey::Name(key) if Pattern::names_message(key, name) => {
                    Pattern::Message(name.to_owned())
                }
                RouteKey::Name(key) => Pattern::Interface(key.clone()),
            };
            (pattern, &one.strategy)
        });
        pattern::most_specific(own, name, interfaces).unwrap_or(&transport.retry_strategy)
    }

    /// Reads the tree of the files; what cannot be read is noted and left out.
    pub(super) fn read(tree: &Node, problems: &Problems) -> Self {
        let mut config = Self::default();
        let Some(top) = Section::open(tree, &KEYS, problems) else {
            return config;
        };
        let table = |key| top.get(key).and_then(|node| entries(node, problems)).unwrap_or(&[]);
        config.default_bus = top.string("default_bus");
        config.failure_transport = top
            .string("failure_transport")
            .and_then(|name| FailureTransport::from_name(name).name().cloned());
        let buses = table("buses");
        if !buses.is_empty() {
            config.buses = read_each(buses, BusConfig::read, problems);
        }
        let transports = table("transports");
        config.transports = read_each(transports, TransportConfig::read, problems);
        config.routing = read_each(table("routing"), RouteConfig::read, problems);
        let retries = table("retry_strategy");
        config.retry_strategy = read_each(retries, MessageRetryConfig::read, problems);
        if let Some(failure) =
            top.get("failure").and_then(|node| Section::open(node, &["discard"], problems))
        {
            config.failure.discard = failure.strings("discard").unwrap_or_default();
        }
        config.stop_worker_on_signals = top
            .get("stop_worker_on_signals")
            .map_or_else(Vec::new, |node| Signal::read_list(node, problems));
        let known = check::Names { buses: names(buses), transports: names(transports) };
        check::check(&config, &known, problems);
        config
    }
}

/// Reads the entries of a table by name, leaving out those that cannot be read.
fn read_each<T>(
    entries: &[(String, Node)],
    read: impl Fn(&str, &Node, &Problems) -> Option<T>,
    problems: &Problems,
) -> Vec<T> {
    entries.iter().filter_map(|(name, node)| read(name, node, problems)).collect()
}

fn names(entries: &[(String, Node)]) -> Vec<String> {
    entries.iter().map(|(name, _)| name.clone()).collect()
}
