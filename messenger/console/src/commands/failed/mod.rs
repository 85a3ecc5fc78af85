//! What the `messenger:failed:*` commands share: which failure transport, and how much is in it.

mod details;
mod php_exception;
mod remove;
mod retry;
mod show;

use clap::Args;
use messenger::failed::FailedMessages;
use messenger::{Messenger, Scope, short_name};

use crate::application::Application;
use crate::error::CommandError;
use crate::terminal::Terminal;

pub(super) use remove::FailedRemove;
pub(super) use retry::FailedRetry;
pub(super) use show::FailedShow;

/// Which failure transport.
#[derive(Args)]
struct FailureTransport {
    /// A failure transport other than the global one; without a name, asks which
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = "")]
    transport: Option<String>,
}

impl FailureTransport {
    /// The messages of the chosen failure transport.
    async fn open<S: Scope>(
        &self,
        app: &impl Application,
        terminal: &Terminal,
        messenger: &Messenger<S>,
    ) -> Result<FailedMessages<S>, CommandError> {
        let known = names(app, messenger);
        let name = match self.transport.as_deref() {
            None => global(app, &known)?,
            Some("") => {
                let names: Vec<&str> = known.iter().map(String::as_str).collect();
                let chosen = terminal.ask.choose("Select failed transport:", &names).await?;
                known.get(chosen).cloned().ok_or_else(|| CommandError::refused(NONE))?
            }
            Some(name) if known.iter().any(|known| known == name) => name.to_owned(),
            Some(name) => {
                return Err(CommandError::Refused(format!(
                    "The failure transport \"{name}\" does not exist. There are: {}.",
                    known.join(", ")
                )));
            }
        };
        if known.len() > 1 && self.transport.is_none() {
            terminal
                .err
                .line(format!("> Loading messages from the global failure transport {name}."));
            terminal.err.line("> To use a different failure transport, pass --transport=.");
            terminal.err.line(format!("> Available failure transports are: {}", known.join(", ")));
        }
        Ok(FailedMessages::new(messenger.clone(), &name)?)
    }
}

const NONE: &str = "No failure transport is configured; see failure_transport in messenger.toml.";

/// The names of all failure transports, the global one first.
fn names<S: Scope>(app: &impl Application, messenger: &Messenger<S>) -> Vec<String> {
    let configured = messenger.transports().values();
    let own = configured.filter_map(|transport| transport.failure_transport.clone());
    let mut names: Vec<String> = Vec::new();
    for name in global_of(app).map(str::to_owned).into_iter().chain(own) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn global_of(app: &impl Application) -> Option<&str> {
    app.config()?.failure_transport.as_ref().map(|name| name.value.as_str())
}

fn global(app: &impl Application, known: &[String]) -> Result<String, CommandError> {
    match (global_of(app), known) {
        (Some(name), _) => Ok(name.to_owned()),
        (None, []) => Err(CommandError::refused(NONE)),
        (None, [only]) => Ok(only.clone()),
        (None, known) => Err(CommandError::Refused(format!(
            "There is no global failure transport; pass --transport with one of: {}.",
            known.join(", ")
        ))),
    }
}

/// Says how many messages wait.
async fn tell_pending<S: Scope>(
    terminal: &Terminal,
    failed: &FailedMessages<S>,
) -> Result<(), CommandError> {
    match failed.count().await? {
        None => {}
        Some(1) => terminal.out.line("There is 1 message pending in the failure transport."),
        Some(count) => terminal
            .out
            .line(format!("There are {count} messages pending in the failure transport.")),
    }
    Ok(())
}

/// Whether a message is of the class that was asked for, by whole or short name.
fn is_of_class(class: &str, wanted: &str) -> bool {
    class == wanted || short_name(class) == wanted
}
