//! Makes `in-memory://` transports, and keeps them, so that a test finds the one it means.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::super::{Transport, TransportFactory, TransportRequest};
use super::InMemoryTransport;
use crate::config::Problem;
use crate::config::options::OptionSpec;
use crate::context::Scope;

/// Makes `in-memory://` transports and keeps them, so that a test can ask them what happened.
#[derive(Debug, Clone, Default)]
pub struct InMemoryFactory(Arc<Mutex<HashMap<String, InMemoryTransport>>>);

impl InMemoryFactory {
    /// The transport of this name, once it was made.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<InMemoryTransport> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }
}

static IN_MEMORY_OPTIONS: &[OptionSpec] = &[OptionSpec::new(
    "serialize",
    "false",
    "write and read every message on its way through, as a real transport does",
)];

impl<S: Scope> TransportFactory<S> for InMemoryFactory {
    fn schemes(&self) -> &'static [&'static str] {
        &["in-memory"]
    }

    fn options(&self) -> &'static [OptionSpec] {
        IN_MEMORY_OPTIONS
    }

    fn passes_over_foreign_options(&self) -> bool {
        true
    }

    fn create(&self, request: TransportRequest<'_>) -> Result<Arc<dyn Transport<S>>, Vec<Problem>> {
        let serialize = request.options.bool("serialize").map_err(|error| vec![error.0])?;
        let codec = serialize.then_some(request.codec);
        let transport = InMemoryTransport::new(request.clock, codec);
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        made.insert(request.name.to_owned(), transport.clone());
        Ok(Arc::new(transport))
    }
}
