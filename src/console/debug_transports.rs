//! `debug:transports`: the kinds of transports with their options, and those that are configured.

use clap::Args;
use messenger::config::options::{Allowed, OptionSpec};
use messenger::config::{RetryConfig, TransportConfig};

use super::app::App;
use crate::kernel::Factories;

/// List the kinds of transports with their options, and the configured transports
#[derive(Args)]
#[command(after_help = "Example: console debug:transports")]
pub(super) struct DebugTransports {}

impl DebugTransports {
    /// Prints the kinds first.
    pub(super) fn run(self, app: &App) -> anyhow::Result<()> {
        app.out.title("Kinds of transports");
        let factories = Factories::unconnected();
        for factory in factories.all() {
            let schemes: Vec<_> =
                factory.schemes().iter().map(|scheme| format!("{scheme}://")).collect();
            app.out.section(&schemes.join(", "));
            if factory.options().is_empty() {
                app.out.line(" No options.\n");
                continue;
            }
            let rows: Vec<_> = factory.options().iter().map(option).collect();
            app.out.table(&["Option", "Default", "Meaning"], &rows);
        }
        app.out.title("Configured transports");
        let rows: Vec<_> = app
            .messenger_config
            .transports
            .iter()
            .map(|transport| {
                let failure = app.messenger_config.failure_transport_of(transport);
                configured(transport, failure.map(|name| name.value.as_str()))
            })
            .collect();
        let headers = ["Name", "DSN", "Options", "Serializer", "Retries", "Then to"];
        app.out.table(&headers, &rows);
        Ok(())
    }
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
        failure.unwrap_or("(nowhere: dropped)").to_owned(),
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
