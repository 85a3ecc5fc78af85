//! What the commands need to know of the program in which they are.

use std::sync::Arc;

use async_trait::async_trait;
use messenger::config::MessengerConfig;
use messenger::transport::{InMemoryFactory, SyncFactory, TransportFactory};
use messenger::worker::{RestartSignal, Worker};
use messenger::{Messenger, Scope};

use crate::error::BoxError;
use crate::program::program_name;
use crate::shutdown::ShutdownTimeout;

/// A program with a message bus: how the bus is made, and what else the commands show.
#[async_trait]
pub trait Application: Send + Sync {
    /// What handlers share in one dispatch.
    type Scope: Scope;
    /// The bus, and what belongs to it. A [`Messenger`] will do.
    type Bus: Bus<Self::Scope>;

    /// Makes the bus and changes nothing: for commands that look.
    ///
    /// # Errors
    /// What is wrong with the configuration, or cannot be opened.
    async fn assemble(&self) -> Result<Self::Bus, BoxError>;

    /// Makes the bus and brings its storage up to date: for commands that handle messages.
    ///
    /// # Errors
    /// What is wrong with the configuration, or cannot be opened or brought up to date.
    async fn boot(&self) -> Result<Self::Bus, BoxError> {
        self.assemble().await
    }

    /// What `messenger.toml` says; `None` if the bus is configured in code.
    fn config(&self) -> Option<&MessengerConfig> {
        None
    }

    /// The kinds of transports that the configuration may name, for `debug:transports`. They make
    /// nothing.
    fn factories(&self) -> Vec<Box<dyn TransportFactory<Self::Scope>>> {
        vec![Box::new(SyncFactory), Box::new(InMemoryFactory::default())]
    }

    /// Its name and version, such as `Shop 1.2.0`; what it was started as, if nobody says.
    fn name(&self) -> String {
        program_name()
    }

    /// What `APP_ENV` says, such as `dev` or `prod`; `None` if there is only one environment.
    fn environment(&self) -> Option<String> {
        None
    }

    /// How long the program may go on when a signal has asked it to stop.
    fn shutdown_timeout(&self) -> ShutdownTimeout {
        ShutdownTimeout::default()
    }
}

/// A bus with what belongs to it in this program.
#[async_trait]
pub trait Bus<S: Scope>: Send + Sync {
    /// The bus.
    fn messenger(&self) -> &Messenger<S>;

    /// Where `messenger:stop-workers` leaves its request and workers look for it; `None` if they
    /// cannot be stopped so.
    fn restart_signal(&self) -> Option<Arc<dyn RestartSignal>> {
        None
    }

    /// How many messages were dropped since the storage was made, for `messenger:stats`.
    ///
    /// # Errors
    /// When the storage cannot be reached.
    async fn dropped(&self) -> Result<Vec<Dropped>, BoxError> {
        Ok(Vec::new())
    }

    /// Runs the worker of `messenger:consume` until it stops by itself, and beside it whatever this
    /// program does while it works.
    ///
    /// # Errors
    /// When the worker cannot go on.
    async fn work(&self, worker: Worker<S>) -> Result<(), BoxError> {
        worker.run(std::future::pending()).await;
        Ok(())
    }
}

impl<S: Scope> Bus<S> for Messenger<S> {
    fn messenger(&self) -> &Messenger<S> {
        self
    }
}

/// How many messages of one name were dropped that came from one transport.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// The message's wire name.
    pub message: String,
    /// The transport's name.
    pub transport: String,
    /// How many.
    pub count: u64,
}
