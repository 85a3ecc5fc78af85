//! What commands need: configuration, the kernel, and somebody to talk to.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use messenger::async_trait;
use messenger::clock::Clock;
use messenger::config::MessengerConfig;
use messenger::transport::{InMemoryFactory, TransportFactory};
use messenger::worker::{RestartSignal, Worker};
use messenger_console::{
    Application, BoxError, Bus, Dropped, ShutdownTimeout, Terminal, Verbosity,
};
use messenger_doctrine::{DatabaseSignal, Discard, DoctrineFactory, UnitOfWork};
use tracing_subscriber::layer::Identity;

use super::Globals;
use crate::config::Config;
use crate::embedded_worker::upkeep_of;
use crate::kernel::{AppMessenger, Kernel, Project, transport_factories};
use crate::migrations;
use crate::telemetry;

pub(super) struct App {
    /// What the environment says.
    pub(super) config: Config,
    /// What `messenger.toml` says.
    pub(super) messenger_config: MessengerConfig,
    /// What time it is.
    pub(super) clock: Clock,
    /// Somebody to talk to.
    pub(super) terminal: Terminal,
    project: Project,
}

impl App {
    /// Reads the configuration of the project in the working directory and starts to log.
    pub(super) fn new(globals: &Globals) -> anyhow::Result<Self> {
        let folder = Path::new(".");
        let project = Project::load(folder, globals.env.as_deref(), None)?;
        let config = project.config()?;
        let terminal = Terminal::new(&globals.terminal);
        let asked_for =
            project.environment.get("RUST_LOG").is_some_and(|filter| !filter.is_empty());
        let log = match terminal.verbosity {
            Verbosity::Normal if asked_for => None,
            verbosity => Some(verbosity),
        };
        telemetry::init(&config.log, log, None::<Identity>)?;
        ensure!(
            folder.join("messenger.toml").exists(),
            "There is no messenger.toml here. Run the console in the project's folder."
        );
        let messenger_config =
            project.messenger_config(&config).context("messenger.toml cannot be used")?;
        Ok(Self { config, messenger_config, clock: Clock::default(), terminal, project })
    }

    /// The application, its database as it is.
    pub(super) fn kernel(&self) -> anyhow::Result<Kernel> {
        let (config, messenger_config) = (self.config.clone(), self.messenger_config.clone());
        Kernel::assemble(config, messenger_config, self.clock.clone())
    }

    /// The application, if its database is up to date.
    pub(super) async fn current_kernel(&self) -> anyhow::Result<Kernel> {
        let kernel = self.kernel()?;
        ensure!(
            migrations::are_applied(&kernel.database).await?,
            "The database is not up to date; run \"console migrations:migrate\" first."
        );
        Ok(kernel)
    }
}

#[async_trait]
impl Application for App {
    type Scope = UnitOfWork;
    type Bus = Kernel;

    async fn assemble(&self) -> Result<Kernel, BoxError> {
        Ok(self.kernel()?)
    }

    async fn boot(&self) -> Result<Kernel, BoxError> {
        Ok(Kernel::boot(&self.project, self.clock.clone()).await?)
    }

    fn config(&self) -> Option<&MessengerConfig> {
        Some(&self.messenger_config)
    }

    fn factories(&self) -> Vec<Box<dyn TransportFactory<UnitOfWork>>> {
        transport_factories(DoctrineFactory::default(), InMemoryFactory::default())
    }

    fn name(&self) -> String {
        concat!("Ponka ", env!("CARGO_PKG_VERSION")).to_owned()
    }

    fn environment(&self) -> Option<String> {
        Some(self.config.app_env.to_string())
    }

    fn shutdown_timeout(&self) -> ShutdownTimeout {
        self.config.shutdown_timeout
    }
}

#[async_trait]
impl Bus<UnitOfWork> for Kernel {
    fn messenger(&self) -> &AppMessenger {
        &self.messenger
    }

    fn restart_signal(&self) -> Option<Arc<dyn RestartSignal>> {
        Some(Arc::new(DatabaseSignal(self.database.clone())))
    }

    async fn dropped(&self) -> Result<Vec<Dropped>, BoxError> {
        let discards = self.database.run(Discard::all).await?;
        let dropped = |discard: Discard| Dropped {
            message: discard.message,
            transport: discard.transport,
            count: discard.count.unsigned_abs(),
        };
        Ok(discards.into_iter().map(dropped).collect())
    }

    async fn work(&self, worker: Worker<UnitOfWork>) -> Result<(), BoxError> {
        let (worker, tracing) = match &self.developer {
            Some(developer) => {
                let (worker, tracing) = developer.watch(worker);
                (worker, Some(tracing))
            }
            None => (worker, None),
        };
        let upkeep = upkeep_of(self);
        tokio::select! {
            () = worker.run(async move { match upkeep.run().await {} }) => {}
            error = self.database.file_lost() => return Err(error.into()),
        }
        drop(worker);
        if let Some(tracing) = tracing {
            tracing.await?;
        }
        Ok(())
    }
}
