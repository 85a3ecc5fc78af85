//! The commands. One command, one file.

mod banner;
mod consume;
mod debug_config;
mod debug_messenger;
mod debug_routing;
mod debug_transports;
mod failed;
mod receivers;
mod setup_transports;
mod stats;
mod stop_workers;

use std::process::ExitCode;

use clap::{ArgMatches, FromArgMatches, Subcommand};

use crate::application::Application;
use crate::error::CommandError;
use crate::terminal::Terminal;

/// Symfony's commands for a message bus. For `#[command(flatten)]` in a program's own subcommands,
/// or to be a program's subcommands.
pub struct Commands(Box<Command>);

#[derive(Subcommand)]
enum Command {
    #[command(name = "messenger:consume")]
    Consume(consume::Consume),
    #[command(name = "messenger:failed:show")]
    FailedShow(failed::FailedShow),
    #[command(name = "messenger:failed:retry")]
    FailedRetry(failed::FailedRetry),
    #[command(name = "messenger:failed:remove")]
    FailedRemove(failed::FailedRemove),
    #[command(name = "messenger:stats")]
    Stats(stats::Stats),
    #[command(name = "messenger:setup-transports")]
    SetupTransports(setup_transports::SetupTransports),
    #[command(name = "messenger:stop-workers")]
    StopWorkers(stop_workers::StopWorkers),
    #[command(name = "debug:messenger")]
    DebugMessenger(debug_messenger::DebugMessenger),
    #[command(name = "debug:config")]
    DebugConfig(debug_config::DebugConfig),
    #[command(name = "debug:routing")]
    DebugRouting(debug_routing::DebugRouting),
    #[command(name = "debug:transports")]
    DebugTransports(debug_transports::DebugTransports),
}

impl Subcommand for Commands {
    fn augment_subcommands(command: clap::Command) -> clap::Command {
        Command::augment_subcommands(command)
    }

    fn augment_subcommands_for_update(command: clap::Command) -> clap::Command {
        Command::augment_subcommands_for_update(command)
    }

    fn has_subcommand(name: &str) -> bool {
        Command::has_subcommand(name)
    }
}

impl FromArgMatches for Commands {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Command::from_arg_matches(matches).map(|command| Self(Box::new(command)))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.0.update_from_arg_matches(matches)
    }
}

impl Commands {
    /// Runs the command that was asked for.
    ///
    /// # Errors
    /// Why it failed; [`fail`](crate::fail) says so and gives the exit code.
    pub async fn run<A: Application>(
        self,
        app: &A,
        terminal: &Terminal,
    ) -> Result<ExitCode, CommandError> {
        match *self.0 {
            Command::Consume(command) => command.run(app, terminal).await,
            Command::FailedShow(command) => command.run(app, terminal).await,
            Command::FailedRetry(command) => return command.run(app, terminal).await,
            Command::FailedRemove(command) => return command.run(app, terminal).await,
            Command::Stats(command) => command.run(app, terminal).await,
            Command::SetupTransports(command) => command.run(app, terminal).await,
            Command::StopWorkers(command) => command.run(app, terminal).await,
            Command::DebugMessenger(command) => command.run(app, terminal).await,
            Command::DebugConfig(command) => command.run(app, terminal),
            Command::DebugRouting(command) => command.run(app, terminal).await,
            Command::DebugTransports(command) => command.run(app, terminal).await,
        }?;
        Ok(ExitCode::SUCCESS)
    }
}
