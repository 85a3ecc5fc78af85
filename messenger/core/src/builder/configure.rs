//! Applies `messenger.toml` to a builder: buses, transports, routes, retries, failures.

use std::sync::Arc;
use std::time::Duration;

use super::MessengerBuilder;
use super::transports::{PlannedTransport, Source};
use crate::bus::{BusBuilder, BusName, Chain, Route};
use crate::config::{
    FailureTransport, Located, MessageRetryConfig, MessengerConfig, Problem, RetryConfig,
    RouteConfig, RouteKey,
};
use crate::context::Scope;
use crate::pattern::Pattern;
use crate::rate_limit::RateLimit;
use crate::retry::{MultiplierRetryStrategy, RetryStrategy};

/// What a configuration says of messages, by their names.
pub(super) struct NamedLines {
    routing: Vec<RouteConfig>,
    retry_strategy: Vec<MessageRetryConfig>,
    discard: Vec<Located<String>>,
}

impl<S: Scope> MessengerBuilder<S> {
    /// Applies a configuration. What it names may be registered before or after; what it says of
    /// buses and transports wins over what was said before.
    #[must_use]
    pub fn configured_by(mut self, config: &MessengerConfig) -> Self {
        self.apply_buses(config);
        for transport in &config.transports {
            let limit = transport.rate_limiter.as_ref();
            let failure_transport = config.failure_transport_of(transport).cloned();
            let planned = PlannedTransport {
                source: Source::Described(Box::new(transport.clone())),
                retry: strategy(&transport.retry_strategy),
                failure_transport: failure_transport
                    .map_or(FailureTransport::None, FailureTransport::Named),
                rate_limit: limit.map(|limit| RateLimit::new(limit.limit, limit.interval)),
            };
            self.transports.insert(transport.name.value.clone(), planned);
        }
        self.named.push(NamedLines {
            routing: config.routing.clone(),
            retry_strategy: config.retry_strategy.clone(),
            discard: config.failure.discard.clone(),
        });
        self
    }

    /// Applies what configurations say of messages, once all are known.
    pub(super) fn apply_named_lines(&mut self, found: &mut Vec<String>) {
        let mut problems = Vec::new();
        for lines in std::mem::take(&mut self.named) {
            for route in &lines.routing {
                match self.pattern(&route.key) {
                    Ok(pattern) => self.routes.push(Route { pattern, senders: senders(route) }),
                    Err(problem) => problems.push(problem),
                }
            }
            for line in &lines.retry_strategy {
                match self.pattern(&line.key) {
                    Ok(pattern) => self.retries.push((pattern, strategy(&line.strategy))),
                    Err(problem) => problems.push(problem),
                }
            }
            for name in &lines.discard {
                match self.message_named(name.value.as_str()) {
                    Some(message) => self.discarded_messages.push(message.to_owned()),
                    None => problems.push(self.unknown_message(name)),
                }
            }
        }
        found.extend(problems.iter().map(ToString::to_string));
    }

    fn apply_buses(&mut self, config: &MessengerConfig) {
        for bus in &config.buses {
            let name = BusName::from(bus.name.as_str());
            let index = self.buses.iter().position(|known| known.name == name);
            let index = index.unwrap_or_else(|| {
                self.buses.push(BusBuilder::new(name));
                self.buses.len() - 1
            });
            let builder = &mut self.buses[index];
            builder.aliases.extend(bus.aliases.iter().map(|alias| alias.value.clone()));
            builder.allow_no_handlers = bus.allow_no_handlers;
            builder.allow_no_senders = bus.allow_no_senders;
            builder.chain = Chain {
                origin: bus.name.origin.clone(),
                own: bus.middleware.clone(),
                with_defaults: bus.default_middleware,
            };
        }
        for builder in &self.buses {
            let name = builder.name.as_str();
            if !config.buses.is_empty() && !config.buses.iter().any(|bus| bus.name.value == name) {
                let known = config.buses.iter().map(|bus| bus.name.as_str());
                let problem = Problem::unknown(&Located::from(name.to_owned()), "bus", known);
                self.problems.push(problem.to_string());
            }
        }
        let failure_transport = config.failure_transport.clone();
        self.held_back_failure_transport =
            failure_transport.map_or(FailureTransport::None, FailureTransport::Named);
        if let Some(default) = config.default_bus_name() {
            self.default_bus = Some(BusName::from(default));
        }
    }

    fn pattern(&self, key: &Located<RouteKey>) -> Result<Pattern, Problem> {
        let name = match &key.value {
            RouteKey::Any => return Ok(Pattern::Any),
            RouteKey::Namespace(prefix) => return Ok(Pattern::Namespace(prefix.clone())),
            RouteKey::Name(name) => name,
        };
        if let Some(message) = self.message_named(name) {
            return Ok(Pattern::Message(message.to_owned()));
        }
        let interfaces = self.known_messages().flat_map(|message| message.interfaces);
        if interfaces.into_iter().any(|interface| interface.0 == name) {
            return Ok(Pattern::Interface(name.clone()));
        }
        Err(self.unknown_message(&Located::new(name.clone(), key.origin.clone())))
    }

    /// The wire name of the message that a short or whole name means.
    fn message_named(&self, key: &str) -> Option<&'static str> {
        let mut known = self.known_messages().map(|message| message.name);
        known.find(|name| Pattern::names_message(key, name))
    }

    fn unknown_message(&self, name: &Located<String>) -> Problem {
        let messages = self.known_messages().map(|message| crate::short_name(message.name));
        let interfaces = self.known_messages().flat_map(|message| message.interfaces);
        let mut known: Vec<&str> =
            messages.chain(interfaces.map(|interface| interface.0)).collect();
        known.sort_unstable();
        known.dedup();
        Problem::unknown(name, "message or interface", known)
    }
}

fn strategy(retry: &RetryConfig) -> Arc<dyn RetryStrategy> {
    let milliseconds = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    Arc::new(MultiplierRetryStrategy::new(
        retry.max_retries,
        milliseconds(retry.delay),
        retry.multiplier,
        milliseconds(retry.max_delay),
        retry.jitter,
    ))
}

fn senders(route: &RouteConfig) -> Vec<Arc<str>> {
    route.senders.iter().map(|sender| Arc::from(sender.value.as_str())).collect()
}
