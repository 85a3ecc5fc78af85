//! `debug:routing`: where a message goes, and what happens when it fails there.

use clap::Args;
use messenger::{KnownMessage, Messenger, Scope, short_name};

use super::debug_transports::{IN_CODE, NOWHERE, retry};
use crate::application::{Application, Bus as _};
use crate::error::CommandError;
use crate::terminal::Terminal;

/// Show to which transports a message is sent, and what happens when it fails there
#[derive(Args)]
#[command(after_help = "Example: console debug:routing SendEmailMessage")]
pub(super) struct DebugRouting {
    /// The message, by short name or full wire name; without it, all
    message: Option<String>,
}

impl DebugRouting {
    /// Prints one row for each transport.
    pub(super) async fn run<A: Application>(
        self,
        app: &A,
        terminal: &Terminal,
    ) -> Result<(), CommandError> {
        let bus = app.assemble().await?;
        let messenger = bus.messenger();
        let mut rows = Vec::new();
        let mut seen = Vec::new();
        for known in messenger.messages() {
            let wanted = self.message.as_deref();
            let matches = |name| name == known.name || name == short_name(known.name);
            if wanted.is_none_or(matches) && !seen.contains(&known.name) {
                seen.push(known.name);
                rows.extend(routes(app, messenger, known));
            }
        }
        let known = || {
            let mut names: Vec<_> =
                messenger.messages().iter().map(|one| short_name(one.name)).collect();
            names.sort_unstable();
            names.dedup();
            names.join(", ")
        };
        if rows.is_empty() {
            return Err(CommandError::Refused(format!(
                "There is no message \"{}\". Known messages are: {}.",
                self.message.unwrap_or_default(),
                known()
            )));
        }
        terminal.out.table(&["Message", "Transport", "Retries", "Then to"], &rows);
        Ok(())
    }
}

fn routes<S: Scope>(
    app: &impl Application,
    messenger: &Messenger<S>,
    message: &KnownMessage,
) -> Vec<Vec<String>> {
    let routed = messenger.route_of(message.name, message.interfaces);
    if routed.is_empty() {
        let at_once = "(none: handled at once)".to_owned();
        return vec![vec![message.name.to_owned(), at_once, "-".to_owned(), "-".to_owned()]];
    }
    let row = |transport: &std::sync::Arc<str>| {
        let (retry, failure) = on_failure(app, messenger, transport, message);
        vec![message.name.to_owned(), transport.to_string(), retry, failure]
    };
    routed.iter().map(row).collect()
}

/// The retries of a message in a transport, and where it goes after them.
fn on_failure<S: Scope>(
    app: &impl Application,
    messenger: &Messenger<S>,
    transport: &str,
    message: &KnownMessage,
) -> (String, String) {
    let nowhere = || NOWHERE.to_owned();
    let found = app.config().and_then(|config| {
        let found = config.transports.iter().find(|one| one.name.value == transport)?;
        Some((config, found))
    });
    let Some((config, found)) = found else {
        let configured = messenger.transports().get(transport);
        let failure = configured.and_then(|configured| configured.failure_transport.clone());
        return (IN_CODE.to_owned(), failure.unwrap_or_else(nowhere));
    };
    let failure = config.failure_transport_of(found);
    let own = config.retry_strategy_of(found, message.name, message.interfaces);
    (retry(own), failure.map_or_else(nowhere, |name| name.value.clone()))
}
