//! The transports of a builder. They are made when it builds: only then is it known which messages
//! they carry, and each is given the codec that reads them all.

use std::sync::Arc;

use indexmap::IndexMap;

use super::MessengerBuilder;
use crate::codec::Codec;
use crate::config::options::OptionSet;
use crate::config::{FailureTransport, Located, Problem, TransportConfig};
use crate::context::{HELD_BACK, Scope};
use crate::dsn::Dsn;
use crate::messenger::ConfiguredTransport;
use crate::rate_limit::RateLimit;
use crate::retry::{MultiplierRetryStrategy, RetryStrategy};
use crate::transport::{
    InMemoryFactory, SyncFactory, Transport, TransportFactory, TransportRequest,
};

/// A transport that the builder will make.
pub(super) struct PlannedTransport<S: Scope> {
    pub(super) source: Source<S>,
    pub(super) retry: Arc<dyn RetryStrategy>,
    pub(super) failure_transport: FailureTransport,
    pub(super) rate_limit: Option<RateLimit>,
}

/// Where a transport comes from.
pub(super) enum Source<S: Scope> {
    /// The application made it.
    Made(Arc<dyn Transport<S>>),
    /// The factory of its scheme makes it.
    Described(Box<TransportConfig>),
}

impl<S: Scope> PlannedTransport<S> {
    fn new(source: Source<S>) -> Self {
        Self {
            source,
            retry: Arc::new(MultiplierRetryStrategy::default()),
            failure_transport: FailureTransport::Inherit,
            rate_limit: None,
        }
    }
}

impl<S: Scope> MessengerBuilder<S> {
    /// Makes further schemes of DSNs known. `sync://` and `in-memory://` always are; of two
    /// factories for one scheme the first one counts.
    #[must_use]
    pub fn factory(mut self, factory: impl TransportFactory<S> + 'static) -> Self {
        self.factories.push(Arc::new(factory));
        self
    }

    /// Adds a transport that is made from its DSN, with the default retry strategy and no failure
    /// transport. It reads every message that this builder knows.
    #[must_use]
    pub fn transport_dsn(mut self, name: &str, dsn: &str) -> Self {
        match Dsn::parse(dsn) {
            Ok(dsn) => {
                let config = TransportConfig::new(name, dsn);
                let planned = PlannedTransport::new(Source::Described(Box::new(config)));
                self.transports.insert(name.to_owned(), planned);
            }
            Err(error) => self.problems.push(format!("transport {name:?}: {error}")),
        }
        self
    }

    /// Adds a transport that was made by hand, with the default retry strategy and no failure
    /// transport. It reads what its own codec knows.
    #[must_use]
    pub fn transport(mut self, name: &str, transport: impl Transport<S>) -> Self {
        let planned = PlannedTransport::new(Source::Made(Arc::new(transport)));
        self.transports.insert(name.to_owned(), planned);
        self
    }

    /// Sets what happens to messages of a transport that fail. [`HELD_BACK`] stands
    /// for those that a worker takes over because the process that was to handle them died.
    #[must_use]
    pub fn on_failure(
        mut self,
        transport: &str,
        retry: impl RetryStrategy,
        failure_transport: Option<&str>,
    ) -> Self {
        if transport == HELD_BACK {
            self.held_back_retry = Arc::new(retry);
            self.held_back_failure_transport = named(failure_transport);
            return self;
        }
        match self.transports.get_mut(transport) {
            Some(planned) => {
                planned.retry = Arc::new(retry);
                planned.failure_transport = named(failure_transport);
            }
            None => self.problems.push(format!("there is no transport {transport:?}")),
        }
        self
    }

    /// Limits how fast messages of a transport are handled.
    #[must_use]
    pub fn rate_limit(mut self, transport: &str, limit: RateLimit) -> Self {
        match self.transports.get_mut(transport) {
            Some(planned) => planned.rate_limit = Some(limit),
            None => self.problems.push(format!("there is no transport {transport:?}")),
        }
        self
    }

    /// Where failed messages are kept, unless [`on_failure`](Self::on_failure) or a configuration
    /// says otherwise of their transport. Without it they are dropped after their last retry.
    #[must_use]
    pub fn failure_transport(mut self, name: &str) -> Self {
        self.failure_transport = Some(name.to_owned());
        self
    }

    pub(super) fn failure_transport_of<'a>(&'a self, own: &'a FailureTransport) -> Option<&'a str> {
        match own {
            FailureTransport::Inherit => self.failure_transport.as_deref(),
            own => own.name().map(|name| name.as_str()),
        }
    }

    /// Makes all transports, with this codec unless the configuration names another.
    pub(super) fn made_transports(
        &mut self,
        codec: &Arc<dyn Codec>,
        problems: &mut Vec<String>,
    ) -> IndexMap<String, ConfiguredTransport<S>> {
        let built_in: [Arc<dyn TransportFactory<S>>; 2] =
            [Arc::new(SyncFactory), Arc::new(InMemoryFactory::default())];
        self.factories.extend(built_in);
        let mut made = IndexMap::new();
        for (name, planned) in std::mem::take(&mut self.transports) {
            let failure_transport = self.failure_transport_of(&planned.failure_transport);
            let failure_transport = failure_transport.map(str::to_owned);
            let PlannedTransport { source, retry, rate_limit, .. } = planned;
            let transport = match source {
                Source::Made(transport) => Ok(transport),
                Source::Described(config) => self.make(&config, codec),
            };
            match transport {
                Ok(transport) => {
                    let configured =
                        ConfiguredTransport { transport, retry, failure_transport, rate_limit };
                    made.insert(name, configured);
                }
                Err(found) => problems.extend(found.iter().map(ToString::to_string)),
            }
        }
        made
    }

    fn make(
        &self,
        transport: &TransportConfig,
        codec: &Arc<dyn Codec>,
    ) -> Result<Arc<dyn Transport<S>>, Vec<Problem>> {
        let scheme = transport.dsn.scheme();
        let makes_it =
            |factory: &&Arc<dyn TransportFactory<S>>| factory.schemes().contains(&scheme);
        let Some(factory) = self.factories.iter().find(makes_it) else {
            let mut known = Vec::new();
            for scheme in self.factories.iter().flat_map(|factory| factory.schemes()) {
                let scheme = format!("{scheme}://");
                if !known.contains(&scheme) {
                    known.push(scheme);
                }
            }
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
        factory.create(TransportRequest {
            name: &transport.name,
            dsn: &transport.dsn,
            options: self.options_of(transport, &**factory)?,
            codec,
            clock: self.clock.clone(),
        })
    }

    /// The options in force; those that only other kinds of transports have are passed over where
    /// the kind allows it.
    fn options_of(
        &self,
        transport: &TransportConfig,
        factory: &dyn TransportFactory<S>,
    ) -> Result<OptionSet, Vec<Problem>> {
        let knows = |factory: &dyn TransportFactory<S>, name: &str| {
            factory.options().iter().any(|option| option.matches(name))
        };
        let mut options = transport.options.clone();
        if factory.passes_over_foreign_options() {
            options.retain(|option| {
                knows(factory, &option.name)
                    || !self.factories.iter().any(|other| knows(&**other, &option.name))
            });
        }
        OptionSet::merge(factory.options(), &transport.dsn, &options)
    }
}

fn named(failure_transport: Option<&str>) -> FailureTransport {
    failure_transport.map_or(FailureTransport::None, |name| FailureTransport::Named(name.into()))
}
