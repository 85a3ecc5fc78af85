//! `messenger:stop-workers`: ask all workers to stop.

use clap::Args;

use crate::application::{Application, Bus as _};
use crate::error::CommandError;
use crate::terminal::Terminal;

/// Ask all workers to stop after their current message
#[derive(Args)]
#[command(after_help = "Example: console messenger:stop-workers\n\n\
    They are not started again by this; leave that to systemd, Docker or the like.")]
pub(super) struct StopWorkers {}

impl StopWorkers {
    /// Leaves the request; waits for nobody.
    pub(super) async fn run<A: Application>(
        self,
        app: &A,
        terminal: &Terminal,
    ) -> Result<(), CommandError> {
        let bus = app.assemble().await?;
        let signal = bus.restart_signal().ok_or_else(|| {
            CommandError::refused(
                "The workers of this program do not listen for a request to stop.",
            )
        })?;
        signal.request().await?;
        terminal.out.success("Signal successfully sent to stop any running workers.");
        Ok(())
    }
}
