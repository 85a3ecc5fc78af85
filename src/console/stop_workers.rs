//! `messenger:stop-workers`: ask all workers to stop.

use clap::Args;
use messenger_doctrine::DatabaseSignal;

use super::app::App;

/// Ask all workers on this database to stop after their current message
#[derive(Args)]
#[command(after_help = "Example: console messenger:stop-workers\n\n\
    They are not started again by this; leave that to systemd, Docker or the like.")]
pub(super) struct StopWorkers {}

impl StopWorkers {
    /// Leaves the request; waits for nobody.
    pub(super) async fn run(self, app: &App) -> anyhow::Result<()> {
        DatabaseSignal(app.kernel()?.database).request_restart().await?;
        app.out.success("Signal successfully sent to stop any running workers.");
        Ok(())
    }
}
