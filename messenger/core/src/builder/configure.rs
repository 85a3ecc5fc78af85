//! Applies `messenger.toml` to a builder: buses, transports, routes, retries, failures.

use std::sync::Arc;
use std::time::Duration;

use super::MessengerBuilder;
use crate::bus::{BusBuilder, BusName, Chain, Route};
use crate::codec::Codec;
use crate::config::options::OptionSet;
use crate::config::{
    Located, MessengerConfig, Problem, RetryConfig, RouteConfig, RouteKey, TransportConfig,
};
use crate::context::Scope;
use crate::messenger::ConfiguredTransport;
use crate::pattern::Pattern;
use crate::rate_limit::RateLimit;
use crate::retry::{MultiplierRetryStrategy, RetryStrategy};
use crate::transport::{TransportFactory, TransportRequest};

impl<S: Scope> MessengerBuilder<S> {
    /// Applies a configuration. Call it last: what it names must be registered by then.
    #[must_use]
    pub fn configured_by(
        mut self,
        config: &MessengerConfig,
        factories: &[&dyn TransportFactory<S>],
    ) -> Self {
        let mut problems = Vec::new();
        self.apply_buses(config, &mut problems);
        let codec = self.finished_codec();
        for transport in &config.transports {
            match self.make_transport(config, transport, &codec, factories) {
                Ok(made) => {
                    self.transports.insert(transport.name.value.clone(), made);
                }
                Err(found) => problems.extend(found),
            }
        }
        for route in &config.routing {
            match self.pattern(&route.key) {
                Ok(pattern) => self.routes.push(Route { pattern, senders: senders(route) }),
                Err(problem) => problems.push(problem),
            }
        }
        for line in &config.retry_strategy {
            match self.pattern(&line.key) {
                Ok(pattern) => self.retries.push((pattern, strategy(&line.strategy))),
                Err(problem) => problems.push(problem),
            }
        }
        for name in &config.failure.discard {
            match self.message_named(name.value.as_str()) {
                Some(message) => self.discarded_messages.push(message.to_owned()),
                None => problems.push(self.unknown_message(name)),
            }
        }
        self.problems.extend(problems.iter().map(ToString::to_string));
        self
    }

    fn apply_buses(&mut self, config: &MessengerConfig, problems: &mut Vec<Problem>) {
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
                problems.push(Problem::unknown(&Located::from(name.to_owned()), "bus", known));
            }
        }
        let failure_transport = config.failure_transport.as_ref();
        self.held_back_failure_transport = failure_transport.map(|name| name.value.clone());
        if let Some(default) = config.default_bus_name() {
            self.default_bus = Some(BusName::from(default));
        }
    }

    fn make_transport(
        &self,
        config: &MessengerConfig,
        transport: &TransportConfig,
        codec: &Arc<dyn Codec>,
        factories: &[&dyn TransportFactory<S>],
    ) -> Result<ConfiguredTransport<S>, Vec<Problem>> {
        let scheme = transport.dsn.scheme();
        let factory = factories.iter().find(|factory| factory.schemes().contains(&scheme));
        let Some(factory) = factory else {
            let known = factories.iter().flat_map(|factory| factory.schemes());
            let known: Vec<_> = known.map(|scheme| format!("{scheme}://")).collect();
            let scheme = Located::new(format!("{scheme}://"), transport.dsn.origin.clone());
            let known = known.iter().map(String::as_str);
            return Err(vec![Problem::unknown(&scheme, "transport scheme", known)]);
        };
        let codec = match &transport.serializer {
            None => Arc::clone(codec),
            Some(name) => self.codecs.get(name.value.as_str()).cloned().ok_or_else(|| {
                vec![Problem::unknown(name, "serializer", self.codecs.keys().copied())]
            })?,
        };
        let made = factory.create(TransportRequest {
            name: &transport.name,
            dsn: &transport.dsn,
            options: options_of(transport, *factory, factories)?,
            codec,
            clock: self.clock.clone(),
        })?;
        Ok(ConfiguredTransport {
            transport: made,
            retry: strategy(&transport.retry_strategy),
            failure_transport: config
                .failure_transport_of(transport)
                .map(|name| name.value.clone()),
            rate_limit: transport
                .rate_limiter
                .as_ref()
                .map(|limit| RateLimit::new(limit.limit, limit.interval)),
        })
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

/// The options in force; those that only other kinds of transports have are passed over where the
/// kind allows it.
fn options_of<S: Scope>(
    transport: &TransportConfig,
    factory: &dyn TransportFactory<S>,
    factories: &[&dyn TransportFactory<S>],
) -> Result<OptionSet, Vec<Problem>> {
    let knows = |factory: &dyn TransportFactory<S>, name: &str| {
        factory.options().iter().any(|option| option.matches(name))
    };
    let mut options = transport.options.clone();
    if factory.passes_over_foreign_options() {
        options.retain(|option| {
            knows(factory, &option.name)
                || !factories.iter().any(|other| knows(*other, &option.name))
        });
    }
    OptionSet::merge(factory.options(), &transport.dsn, &options)
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
