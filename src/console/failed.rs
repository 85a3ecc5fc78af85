//! What the `messenger:failed:*` commands share: which failure transport, and how much is in it.

use anyhow::{Context as _, bail};
use clap::Args;
use messenger::failed::FailedMessages;
use messenger::short_name;

use super::app::App;
use crate::kernel::Kernel;
use messenger_doctrine::UnitOfWork;

/// The messages of one failure transport.
pub(super) type Failed = FailedMessages<UnitOfWork>;

/// Which failure transport.
#[derive(Args)]
pub(super) struct FailureTransport {
    /// A failure transport other than the global one; without a name, asks which
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = "")]
    transport: Option<String>,
}

impl FailureTransport {
    /// The messages of the chosen failure transport.
    pub(super) async fn open(&self, app: &App, kernel: &Kernel) -> anyhow::Result<Failed> {
        let known = names(app, kernel);
        let name = match self.transport.as_deref() {
            None => global(app, &known)?,
            Some("") => {
                let names: Vec<&str> = known.iter().map(String::as_str).collect();
                let chosen = app.ask.choose("Select failed transport:", &names).await?;
                known.get(chosen).cloned().context(NONE)?
            }
            Some(name) if known.iter().any(|known| known == name) => name.to_owned(),
            Some(name) => bail!(
                "The failure transport \"{name}\" does not exist. There are: {}.",
                known.join(", ")
            ),
        };
        if known.len() > 1 && self.transport.is_none() {
            app.err.line(format!("> Loading messages from the global failure transport {name}."));
            app.err.line("> To use a different failure transport, pass --transport=.");
            app.err.line(format!("> Available failure transports are: {}", known.join(", ")));
        }
        let messages = FailedMessages::new(kernel.messenger.clone(), &name)?;
        Ok(messages)
    }
}

const NONE: &str = "No failure transport is configured; see failure_transport in messenger.toml.";

/// The names of all failure transports, the global one first.
fn names(app: &App, kernel: &Kernel) -> Vec<String> {
    let global = app.messenger_config.failure_transport.iter().map(|name| name.value.clone());
    let configured = kernel.messenger.transports().values();
    let own = configured.filter_map(|transport| transport.failure_transport.clone());
    let mut names: Vec<String> = Vec::new();
    for name in global.chain(own) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn global(app: &App, known: &[String]) -> anyhow::Result<String> {
    match (&app.messenger_config.failure_transport, known) {
        (Some(name), _) => Ok(name.value.clone()),
        (None, []) => bail!(NONE),
        (None, [only]) => Ok(only.clone()),
        (None, known) => bail!(
            "There is no global failure transport; pass --transport with one of: {}.",
            known.join(", ")
        ),
    }
}

/// Says how many messages wait.
pub(super) async fn tell_pending(app: &App, failed: &Failed) -> anyhow::Result<()> {
    match failed.count().await? {
        None => {}
        Some(1) => app.out.line("There is 1 message pending in the failure transport."),
        Some(count) => {
            app.out.line(format!("There are {count} messages pending in the failure transport."))
        }
    }
    Ok(())
}

/// Whether a message is of the class that was asked for, by whole or short name.
pub(super) fn is_of_class(class: &str, wanted: &str) -> bool {
    class == wanted || short_name(class) == wanted
}
