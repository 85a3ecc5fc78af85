//! `debug:config`: the configuration in force.

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::app::App;

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
    pub(super) fn run(self, app: &App) -> anyhow::Result<()> {
        let Self { section } = self;
        app.out.line(format!("# {section}.toml in force, APP_ENV={}", app.config.app_env));
        app.out.raw(&app.messenger_config.to_toml());
        Ok(())
    }
}
