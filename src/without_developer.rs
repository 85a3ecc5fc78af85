//! The door to the developers' tools in a build without them: there is never a [`Developer`].

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, web};
use messenger::MessengerBuilder;
use messenger::clock::Clock;
use messenger::worker::Worker;
use messenger_doctrine::{Database, UnitOfWork};
use tokio::task::JoinHandle;
use tracing_subscriber::layer::Identity;

use crate::config::{AppEnv, Config};
use crate::mailer::Composer;

/// The tools of which this build has none.
#[derive(Debug, Clone)]
pub enum Developer {}

impl Developer {
    /// Always `None`.
    #[must_use]
    pub fn of(_: &Config, _: &Database, _: &Composer, _: &Clock) -> Option<Self> {
        None
    }

    /// Never called.
    pub fn routes(&self, _: &mut web::ServiceConfig) {
        match *self {}
    }

    /// Never called.
    #[must_use]
    pub fn watch(&self, _: Worker<UnitOfWork>) -> (Worker<UnitOfWork>, JoinHandle<()>) {
        match *self {}
    }
}

/// The database as it is.
#[must_use]
pub fn observed(database: Database, _: AppEnv) -> Database {
    database
}

/// The builder as it is.
#[must_use]
pub fn listening(builder: MessengerBuilder<UnitOfWork>, _: AppEnv) -> MessengerBuilder<UnitOfWork> {
    builder
}

/// Always `None`.
#[must_use]
pub fn log_layer(_: AppEnv) -> Option<Identity> {
    None
}

/// Only answers the request.
///
/// # Errors
/// Only what the inner service returns.
pub async fn profile_requests<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    next.call(request).await
}
