//! `migrations:migrate`: bring the database up to date.

use anyhow::Context as _;
use clap::Args;

use super::app::App;
use crate::migrations;

/// Bring the database up to date
#[derive(Args)]
#[command(after_help = "Example: console migrations:migrate --env prod")]
pub(super) struct Migrate {}

impl Migrate {
    /// Applies what is missing.
    pub(super) async fn run(self, app: &App) -> anyhow::Result<()> {
        let kernel = app.kernel()?;
        let applied = migrations::run(&kernel.database).await;
        let applied = applied.context("The database could not be migrated")?;
        for version in &applied {
            app.terminal.out.line(format!(" Applied {version}"));
        }
        match applied.len() {
            0 => app.terminal.out.success("Already at the latest version."),
            1 => app.terminal.out.success("Successfully executed 1 migration."),
            count => {
                app.terminal.out.success(&format!("Successfully executed {count} migrations."))
            }
        }
        Ok(())
    }
}
