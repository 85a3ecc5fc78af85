//! Makes `doctrine://` transports from the configuration.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::database::Database;
use super::options::{DOCTRINE_OPTIONS, DoctrineOptions};
use super::transport::DoctrineTransport;
use super::unit_of_work::UnitOfWork;
use messenger::Scope;
use messenger::config::Problem;
use messenger::config::options::OptionSpec;
use messenger::transport::{Transport, TransportFactory, TransportRequest};

/// Makes `doctrine://NAME` transports, where NAME is one of these connections.
#[derive(Debug, Clone, Default)]
pub struct DoctrineFactory {
    connections: BTreeMap<String, Database>,
}

impl DoctrineFactory {
    /// A factory whose `doctrine://default` is this database.
    #[must_use]
    pub fn new(default: Database) -> Self {
        Self { connections: BTreeMap::from([("default".to_owned(), default)]) }
    }

    /// The same, and `doctrine://NAME` is this database. Queues in another database than that of the
    /// unit of work join no transaction of handlers: what is sent there stays sent.
    #[must_use]
    pub fn connection(mut self, name: impl Into<String>, database: Database) -> Self {
        self.connections.insert(name.into(), database);
        self
    }
}

impl<S: Scope + AsMut<UnitOfWork>> TransportFactory<S> for DoctrineFactory {
    fn schemes(&self) -> &'static [&'static str] {
        &["doctrine"]
    }

    fn options(&self) -> &'static [OptionSpec] {
        DOCTRINE_OPTIONS
    }

    fn create(&self, request: TransportRequest<'_>) -> Result<Arc<dyn Transport<S>>, Vec<Problem>> {
        let origin = &request.dsn.origin;
        let name = request.dsn.host().unwrap_or("default");
        let Some(database) = self.connections.get(name) else {
            let known = self.connections.keys().cloned().collect::<Vec<_>>().join(", ");
            let message =
                format!("unknown database connection \"{name}\"; known connections: {known}");
            return Err(vec![Problem::new(origin, message)]);
        };
        let options = DoctrineOptions::from_set(&request.options).map_err(|error| vec![error.0])?;
        let made = DoctrineTransport::new(
            request.name,
            database.clone(),
            options,
            request.codec,
            request.clock,
        );
        match made {
            Ok(transport) => Ok(Arc::new(transport)),
            Err(error) => Err(vec![Problem::new(origin, error.to_string())]),
        }
    }
}
