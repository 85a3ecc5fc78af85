//! Makes transports from the configuration.

use std::sync::Arc;

use super::Transport;
use crate::clock::Clock;
use crate::codec::Codec;
use crate::config::options::{OptionSet, OptionSpec};
use crate::config::{Located, Problem};
use crate::context::Scope;
use crate::dsn::Dsn;

/// Makes the transports of some DSN schemes.
pub trait TransportFactory<S: Scope>: Send + Sync {
    /// The schemes, for example `doctrine`.
    fn schemes(&self) -> &'static [&'static str];

    /// The options of these transports, for `debug:transports`.
    fn options(&self) -> &'static [OptionSpec];

    /// Whether options of other kinds of transports are passed over, so that one environment can
    /// replace a transport's DSN by `sync://` without touching its options. What no kind knows is
    /// an error all the same.
    fn passes_over_foreign_options(&self) -> bool {
        false
    }

    /// Makes a transport.
    ///
    /// # Errors
    /// What is wrong with its DSN or its options.
    fn create(&self, request: TransportRequest<'_>) -> Result<Arc<dyn Transport<S>>, Vec<Problem>>;
}

impl<S: Scope, F: TransportFactory<S> + ?Sized> TransportFactory<S> for Box<F> {
    fn schemes(&self) -> &'static [&'static str] {
        (**self).schemes()
    }

    fn options(&self) -> &'static [OptionSpec] {
        (**self).options()
    }

    fn passes_over_foreign_options(&self) -> bool {
        (**self).passes_over_foreign_options()
    }

    fn create(&self, request: TransportRequest<'_>) -> Result<Arc<dyn Transport<S>>, Vec<Problem>> {
        (**self).create(request)
    }
}

/// What a transport is made from.
pub struct TransportRequest<'a> {
    /// Its name in the configuration.
    pub name: &'a str,
    /// Its DSN.
    pub dsn: &'a Located<Dsn>,
    /// Its options, from the DSN and beside it.
    pub options: OptionSet,
    /// How it writes messages: the finished codec of the messenger, with every message in it, or the
    /// one that the configuration names.
    pub codec: Arc<dyn Codec>,
    /// What time it is.
    pub clock: Clock,
}
