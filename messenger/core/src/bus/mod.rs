//! A bus: its handlers, its chain of middleware, its routes, its names.

mod builder;
mod chain;
mod known_message;
mod lookup;
mod name;
mod routing;

use std::fmt;
use std::sync::Arc;

use crate::context::Scope;
use crate::handler::HandlersLocator;
use crate::middleware::Middleware;

pub use builder::BusBuilder;
pub(crate) use chain::{Chain, step};
pub use known_message::KnownMessage;
pub use name::BusName;
pub(crate) use routing::{Route, SendersLocator};

/// One bus: its chain of middleware and its handlers.
pub(crate) struct Bus<S: Scope> {
    pub(crate) name: BusName,
    pub(crate) chain: Arc<[Arc<dyn Middleware<S>>]>,
    pub(crate) handlers: Arc<HandlersLocator<S>>,
}

impl<S: Scope> fmt::Debug for Bus<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bus").field("name", &self.name).finish_non_exhaustive()
    }
}
