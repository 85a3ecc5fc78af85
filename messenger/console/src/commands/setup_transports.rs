//! `messenger:setup-transports`: make the tables that transports need.

use clap::Args;

use crate::application::{Application, Bus as _};
use crate::error::CommandError;
use crate::terminal::Terminal;

/// Make the tables that transports need
#[derive(Args)]
#[command(after_help = "Example: console messenger:setup-transports async")]
pub(super) struct SetupTransports {
    /// Only this transport
    transport: Option<String>,
}

impl SetupTransports {
    /// Sets up one after the other; stops at the first that cannot be set up.
    pub(super) async fn run<A: Application>(
        self,
        app: &A,
        terminal: &Terminal,
    ) -> Result<(), CommandError> {
        let bus = app.assemble().await?;
        let names: Vec<String> = match self.transport {
            Some(name) => vec![name],
            None => bus.messenger().transports().keys().cloned().collect(),
        };
        for name in names {
            let transport = bus.messenger().transport(&name)?;
            let what = format!("The \"{name}\" transport could not be set up");
            let set_up = transport.setup().await;
            if set_up.map_err(|error| CommandError::during(what)(error.into()))? {
                terminal.out.success(&format!("The \"{name}\" transport was set up successfully."));
            } else {
                terminal.out.note(&format!("The \"{name}\" transport does not support setup."));
            }
        }
        Ok(())
    }
}
