//! The effective configuration as TOML, every default written out and every secret masked.

use std::fmt::{Display, Write as _};

use super::{
    BusConfig, FailureTransport, Located, MessageRetryConfig, MessengerConfig, RetryConfig,
    RouteConfig, TransportConfig,
    failure_transport::NO_TRANSPORT,
    toml_text::{quote, quote_key},
};

impl MessengerConfig {
    /// The configuration that is in force, as TOML with all defaults; passwords in DSNs and
    /// options are `***`. Reading it again gives the same configuration, but for the secrets.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let mut toml = String::new();
        if let Some(bus) = self.default_bus_name() {
            line(&mut toml, "default_bus", quote(bus));
        }
        let failure = self.failure_transport.as_ref().map_or(NO_TRANSPORT, |name| name.as_str());
        line(&mut toml, "failure_transport", quote(failure));
        let signals = self.stop_worker_on_signals.iter().map(|signal| quote(signal.name()));
        line(&mut toml, "stop_worker_on_signals", list(signals));
        for bus in &self.buses {
            show_bus(&mut toml, bus);
        }
        for transport in &self.transports {
            show_transport(&mut toml, transport);
        }
        show_routing(&mut toml, &self.routing);
        show_retries(&mut toml, &self.retry_strategy);
        header(&mut toml, "failure", None);
        line(&mut toml, "discard", names(&self.failure.discard));
        toml
    }
}

fn show_bus(toml: &mut String, bus: &BusConfig) {
    header(toml, "buses", Some(&bus.name));
    line(toml, "aliases", names(&bus.aliases));
    line(toml, "middleware", names(&bus.middleware));
    line(toml, "default_middleware", bus.default_middleware);
    line(toml, "allow_no_handlers", bus.allow_no_handlers);
    line(toml, "allow_no_senders", bus.allow_no_senders);
}

fn show_transport(toml: &mut String, transport: &TransportConfig) {
    header(toml, "transports", Some(&transport.name));
    line(toml, "dsn", quote(&transport.dsn.to_string()));
    if let Some(serializer) = &transport.serializer {
        line(toml, "serializer", quote(serializer));
    }
    match &transport.failure_transport {
        FailureTransport::Inherit => {}
        FailureTransport::None => line(toml, "failure_transport", quote(NO_TRANSPORT)),
        FailureTransport::Named(name) => line(toml, "failure_transport", quote(name)),
    }
    if let Some(limit) = transport.rate_limiter {
        let seconds = limit.interval.as_secs_f64();
        line(toml, "rate_limiter", format!("{{ limit = {}, interval = {seconds} }}", limit.limit));
    }
    line(toml, "retry_strategy", retry(&transport.retry_strategy));
    let options = transport.options.iter().map(ToString::to_string).collect::<Vec<_>>();
    let options =
        if options.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", options.join(", ")) };
    line(toml, "options", options);
}

fn retry(retry: &RetryConfig) -> String {
    format!(
        "{{ max_retries = {}, delay = {}, multiplier = {}, max_delay = {}, jitter = {} }}",
        retry.max_retries,
        retry.delay.as_millis(),
        retry.multiplier,
        retry.max_delay.as_millis(),
        retry.jitter,
    )
}

fn show_routing(toml: &mut String, routes: &[RouteConfig]) {
    header(toml, "routing", None);
    for route in routes {
        line(toml, &quote_key(&route.key.to_string()), names(&route.senders));
    }
}

fn show_retries(toml: &mut String, retries: &[MessageRetryConfig]) {
    header(toml, "retry_strategy", None);
    for one in retries {
        line(toml, &quote_key(&one.key.to_string()), retry(&one.strategy));
    }
}

fn header(toml: &mut String, table: &str, name: Option<&str>) {
    let name = name.map(|name| format!(".{}", quote_key(name))).unwrap_or_default();
    let _ = writeln!(toml, "\n[{table}{name}]");
}

fn line(toml: &mut String, key: &str, value: impl Display) {
    let _ = writeln!(toml, "{key} = {value}");
}

fn names(names: &[Located<String>]) -> String {
    list(names.iter().map(|name| quote(name)))
}

fn list(quoted: impl Iterator<Item = String>) -> String {
    format!("[{}]", quoted.collect::<Vec<_>>().join(", "))
}
