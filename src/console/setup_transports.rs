//! `messenger:setup-transports`: make the tables that transports need.

use anyhow::Context as _;
use clap::Args;

use super::app::App;

/// Make the tables that transports need
#[derive(Args)]
#[command(after_help = "Example: console messenger:setup-transports async")]
pub(super) struct SetupTransports {
    /// Only this transport
    transport: Option<String>,
}

impl SetupTransports {
    /// Sets up one after the other; stops at the first that cannot be set up.
    pub(super) async fn run(self, app: &App) -> anyhow::Result<()> {
        let kernel = app.kernel()?;
        let names: Vec<String> = match self.transport {
            Some(name) => vec![name],
            None => kernel.messenger.transports().keys().cloned().collect(),
        };
        for name in names {
            let transport = kernel.messenger.transport(&name)?;
            let set_up = transport.setup().await;
            if set_up.with_context(|| format!("The \"{name}\" transport could not be set up"))? {
                app.out.success(&format!("The \"{name}\" transport was set up successfully."));
            } else {
                app.out.note(&format!("The \"{name}\" transport does not support setup."));
            }
        }
        Ok(())
    }
}
