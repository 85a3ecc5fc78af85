//! `debug:config`: the configuration in force.

use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::application::Application;
use crate::error::CommandError;
use crate::terminal::Terminal;

/// Print the configuration in force as TOML, every default written out and every secret masked
#[derive(Args)]
#[command(after_help = "Example: console debug:config messenger --env prod")]
pub(super) struct DebugConfig {
    /// Which part
    #[arg(default_value = "messenger", value_parser = PossibleValuesParser::new(["messenger"]))]
    section: String,
}

impl DebugConfig {
    /// Prints it.
    pub(super) fn run<A: Application>(
        self,
        app: &A,
        terminal: &Terminal,
    ) -> Result<(), CommandError> {
        let Self { section } = self;
        let config = app.config().ok_or_else(|| {
            CommandError::refused("There is no messenger.toml: the bus is configured in code.")
        })?;
        let environment = app.environment().map(|name| format!(", APP_ENV={name}"));
        terminal.out.line(format!("# {section}.toml in force{}", environment.unwrap_or_default()));
        terminal.out.raw(&config.to_toml());
        Ok(())
    }
}
