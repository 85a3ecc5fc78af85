//! `debug:transports`: the kinds of transports with their options, and those that are configured.

use clap::Args;
use messenger::config::options::{Allowed, OptionSpec};
use messenger::config::{MessengerConfig, RetryConfig, TransportConfig};
use messenger::{ConfiguredTransport, Messenger, Scope};

use crate::application::{Application, Bus as _};
use crate::error::CommandError;
use crate::terminal::Terminal;

/// How a retry strategy is shown that is no configuration.
pub(super) const IN_CODE: &str = "(in code)";
/// Where messages go that have no failure transport.
pub(super) const NOWHERE: &str = "(nowhere: dropped)";

/// List the kinds of transports with their options, and the configured transports
#[derive(Args)]
#[command(after_help = "Example: console debug:transports")]
pub(super) struct DebugTransports {}

impl DebugTransports {
    /// Prints the kinds first.
    pub(super) async fn run<A: Application>(
        self,
        app: &A,
        terminal: &Terminal,
    ) -> Result<(), CommandError> {
        terminal.out.title("Kinds of transports");
        for factory in app.factories() {
            let schemes: Vec<_> =
                factory.schemes().iter().map(|scheme| format!("{scheme}://")).collect();
            terminal.out.section(&schemes.join(", "));
            if factory.options().is_empty() {
                terminal.out.line(" No options.\n");
                continue;
            }
            let rows: Vec<_> = factory.options().iter().map(option).collect();
            terminal.out.table(&["Option", "Default", "Meaning"], &rows);
        }
        terminal.out.title("Configured transports");
        match app.config() {
            Some(config) => in_configuration(terminal, config),
            None => in_code(terminal, app.assemble().await?.messenger()),
        }
        Ok(())
    }
}

fn in_configuration(terminal: &Terminal, config: &MessengerConfig) {
    let row = |transport: &TransportConfig| {
        let failure = config.failure_transport_of(transport);
        configured(transport, failure.map(|name| name.value.as_str()))
    };
    let rows: Vec<_> = config.transports.iter().map(row).collect();
    let headers = ["Name", "DSN", "Options", "Serializer", "Retries", "Then to"];
    terminal.out.table(&headers, &rows);
}

fn in_code<S: Scope>(terminal: &Terminal, messenger: &Messenger<S>) {
    let row = |(name, one): (&String, &ConfiguredTransport<S>)| {
        let failure = one.failure_transport.clone().unwrap_or_else(|| NOWHERE.to_owned());
        vec![name.clone(), one.transport.class().to_owned(), failure]
    };
    let rows: Vec<_> = messenger.transports().iter().map(row).collect();
    terminal.out.table(&["Name", "Kind", "Then to"], &rows);
}

fn option(option: &OptionSpec) -> Vec<String> {
    let place = match option.allowed {
        Allowed::Everywhere => "",
        Allowed::OptionsOnly => " (in options only)",
        Allowed::DsnOnly => " (in the DSN only)",
    };
    let default = if option.default.is_empty() { "-" } else { option.default };
    let meaning = format!("{}{place}", option.description);
    vec![option.name.to_owned(), default.to_owned(), meaning]
}

fn configured(transport: &TransportConfig, failure: Option<&str>) -> Vec<String> {
    let options: Vec<_> = transport.options.iter().map(ToString::to_string).collect();
    let serializer = transport.serializer.as_ref().map(|name| name.value.clone());
    vec![
        transport.name.value.clone(),
        transport.dsn.to_string(),
        options.join("\n"),
        serializer.unwrap_or_default(),
        retry(&transport.retry_strategy),
        failure.unwrap_or(NOWHERE).to_owned(),
    ]
}

/// A retry strategy in a few words.
pub(super) fn retry(retry: &RetryConfig) -> String {
    if retry.max_retries == 0 {
        return "never".to_owned();
    }
    let (delay, multiplier) = (retry.delay.as_millis(), retry.multiplier);
    let most = match retry.max_delay.as_millis() {
        0 => String::new(),
        most => format!(", at most {most} ms"),
    };
    format!(
        "{} after {delay} ms ×{multiplier}{most}, ±{} %",
        retry.max_retries,
        retry.jitter * 100.0
    )
}
