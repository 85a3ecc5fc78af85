//! What commands need: configuration, the kernel, and somebody to talk to.

use std::path::Path;

use anyhow::{Context as _, ensure};
use messenger::clock::Clock;
use messenger::config::MessengerConfig;

use super::Globals;
use super::ask::Ask;
use super::output::Output;
use crate::config::Config;
use crate::kernel::{Kernel, Project};
use crate::migrations;
use crate::telemetry::{self, Verbosity};

/// A command was used wrongly: exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Usage(pub(super) String);

/// The error and its causes, without those that only say the same again.
pub(super) fn explain(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if text.contains(cause.trim()) {
            continue;
        }
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(cause.trim());
    }
    text
}

/// What commands need.
pub(super) struct App {
    /// What the environment says.
    pub(super) config: Config,
    /// What `messenger.toml` says.
    pub(super) messenger_config: MessengerConfig,
    /// What time it is.
    pub(super) clock: Clock,
    /// How much is shown.
    pub(super) verbosity: Verbosity,
    /// For results.
    pub(super) out: Output,
    /// For hints and questions.
    pub(super) err: Output,
    /// Asks whoever sits there.
    pub(super) ask: Ask,
    project: Project,
}

impl App {
    /// Reads the configuration of the project in the working directory and starts to log.
    pub(super) fn new(globals: &Globals) -> anyhow::Result<Self> {
        let folder = Path::new(".");
        let project = Project::load(folder, globals.env.as_deref(), None)?;
        let config = project.config()?;
        let verbosity = globals.verbosity();
        let asked_for =
            project.environment.get("RUST_LOG").is_some_and(|filter| !filter.is_empty());
        let log = match verbosity {
            Verbosity::Normal if asked_for => Verbosity::Server,
            verbosity => verbosity,
        };
        telemetry::init(&config.log, log, None)?;
        ensure!(
            folder.join("messenger.toml").exists(),
            "There is no messenger.toml here. Run the console in the project's folder."
        );
        let messenger_config =
            project.messenger_config(&config).context("messenger.toml cannot be used")?;
        Ok(Self {
            config,
            messenger_config,
            clock: Clock::default(),
            verbosity,
            out: Output::stdout().quiet_if(verbosity == Verbosity::Quiet),
            err: Output::stderr().quiet_if(verbosity == Verbosity::Quiet),
            ask: Ask::new(globals.no_interaction),
            project,
        })
    }

    /// The application, its database migrated.
    pub(super) async fn boot(&self) -> anyhow::Result<Kernel> {
        Kernel::boot(&self.project, self.clock.clone()).await
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

    /// Whether the log shows what happens to each message.
    pub(super) fn is_very_verbose(&self) -> bool {
        matches!(self.verbosity, Verbosity::VeryVerbose | Verbosity::Debug)
    }
}
