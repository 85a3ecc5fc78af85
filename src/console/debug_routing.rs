//! `debug:routing`: where a message goes, and what happens when it fails there.

use anyhow::ensure;
use clap::Args;
use messenger::config::MessengerConfig;
use messenger::short_name;

use super::app::App;
use super::debug_transports::retry;
use crate::kernel::Kernel;

/// Show to which transports a message is sent, and what happens when it fails there
#[derive(Args)]
#[command(after_help = "Example: console debug:routing AddPonkaToImage")]
pub(super) struct DebugRouting {
    /// The message, by short name or full wire name; without it, all
    message: Option<String>,
}

impl DebugRouting {
    /// Prints one row for each transport.
    pub(super) fn run(self, app: &App) -> anyhow::Result<()> {
        let kernel = app.kernel()?;
        let mut rows = Vec::new();
        let mut seen = Vec::new();
        for known in kernel.messenger.messages() {
            let wanted = self.message.as_deref();
            let matches = |name| name == known.name || name == short_name(known.name);
            if wanted.is_none_or(matches) && !seen.contains(&known.name) {
                seen.push(known.name);
                rows.extend(routes(app, &kernel, known));
            }
        }
        let known = || {
            let mut names: Vec<_> =
                kernel.messenger.messages().iter().map(|one| short_name(one.name)).collect();
            names.sort_unstable();
            names.dedup();
            names.join(", ")
        };
        ensure!(
            !rows.is_empty(),
            "There is no message \"{}\". Known messages are: {}.",
            self.message.unwrap_or_default(),
            known()
        );
        app.out.table(&["Message", "Transport", "Retries", "Then to"], &rows);
        Ok(())
    }
}

fn routes(app: &App, kernel: &Kernel, message: &messenger::KnownMessage) -> Vec<Vec<String>> {
    let routed = kernel.messenger.route_of(message.name, message.interfaces);
    if routed.is_empty() {
        let at_once = "(none: handled at once)".to_owned();
        return vec![vec![message.name.to_owned(), at_once, "-".to_owned(), "-".to_owned()]];
    }
    let row = |transport: &std::sync::Arc<str>| {
        let (retry, failure) = on_failure(&app.messenger_config, transport, message);
        vec![message.name.to_owned(), transport.to_string(), retry, failure]
    };
    routed.iter().map(row).collect()
}

/// The retries of a message in a transport, and where it goes after them.
fn on_failure(
    config: &MessengerConfig,
    transport: &str,
    message: &messenger::KnownMessage,
) -> (String, String) {
    let found = config.transports.iter().find(|one| one.name.value == transport);
    found.map_or_else(Default::default, |found| {
        let failure = config.failure_transport_of(found);
        let failure = failure.map_or("(nowhere: dropped)", |name| name.value.as_str());
        let own = config.retry_strategy_of(found, message.name, message.interfaces);
        (retry(own), failure.to_owned())
    })
}
