//! `messenger:stats`: how many messages wait where, and how many were dropped.

use clap::Args;
use clap::builder::PossibleValuesParser;
use messenger::Scope;
use messenger::transport::{Receiver, Waiting};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::application::{Application, Bus, Dropped};
use crate::error::CommandError;
use crate::terminal::Terminal;

/// Show how many messages wait in each transport, and how many were dropped
#[derive(Args)]
#[command(after_help = "Example: console messenger:stats --format=json")]
pub(super) struct Stats {
    /// Only these transports
    transports: Vec<String>,
    /// How: text or json
    #[arg(long, default_value = "text")]
    #[arg(value_parser = PossibleValuesParser::new(["text", "txt", "json"]))]
    format: String,
}

/// A header, a key, and the number that stands there.
type Also = (&'static str, &'static str, fn(&Waiting) -> u64);

/// What is shown only where there is any, as a column or a key: Symfony shows what is due.
const ALSO: [Also; 2] = [
    ("Delayed", "delayed", |waiting| waiting.delayed.unwrap_or(0)),
    ("In hand", "in_hand", |waiting| waiting.held.unwrap_or(0)),
];

/// What is counted.
#[derive(Default)]
struct Counts {
    transports: Vec<(String, Waiting)>,
    uncountable: Vec<String>,
    unknown: Vec<String>,
    dropped: Vec<Dropped>,
}

impl Stats {
    /// Counts and prints.
    pub(super) async fn run<A: Application>(
        self,
        app: &A,
        terminal: &Terminal,
    ) -> Result<(), CommandError> {
        let counts = self.count(&app.assemble().await?).await?;
        if self.format == "json" {
            terminal.out.line(counts.to_json());
        } else {
            counts.print(terminal);
        }
        Ok(())
    }

    async fn count<S: Scope>(&self, bus: &impl Bus<S>) -> Result<Counts, CommandError> {
        let configured = bus.messenger().transports();
        let mut names: Vec<String> = self.transports.clone();
        if names.is_empty() {
            names.extend(configured.keys().cloned());
        }
        let mut counts = Counts::default();
        for name in names {
            let Some(found) = configured.get(&name) else {
                counts.unknown.push(name);
                continue;
            };
            match found.transport.receiver().and_then(Receiver::message_count) {
                Some(counting) => counts.transports.push((name, counting.count().await?)),
                None => counts.uncountable.push(name),
            }
        }
        let wanted = |dropped: &Dropped| {
            self.transports.is_empty() || self.transports.contains(&dropped.transport)
        };
        counts.dropped = bus.dropped().await?.into_iter().filter(wanted).collect();
        Ok(counts)
    }
}

impl Counts {
    fn print(&self, terminal: &Terminal) {
        if !self.unknown.is_empty() {
            let known = self.unknown.join(", ");
            terminal.err.warning(&format!("There is no such transport: {known}."));
        }
        let mut headers = vec!["Transport", "Count"];
        let any =
            |count: fn(&Waiting) -> u64| self.transports.iter().any(|(_, one)| count(one) > 0);
        let also: Vec<_> = ALSO.into_iter().filter(|(_, _, count)| any(*count)).collect();
        headers.extend(also.iter().map(|(header, _, _)| header));
        let row = |(name, waiting): &(String, Waiting)| {
            let also = also.iter().map(|(_, _, count)| count(waiting).to_string());
            [name.clone(), waiting.ready.to_string()].into_iter().chain(also).collect()
        };
        let rows: Vec<_> = self.transports.iter().map(row).collect();
        terminal.out.table(&headers, &rows);
        if !self.uncountable.is_empty() {
            let names = self.uncountable.join(", ");
            terminal.err.note(&format!(
                "Unable to get message count for the following transports: \"{names}\"."
            ));
        }
        if !self.dropped.is_empty() {
            let row = |one: &Dropped| {
                vec![one.transport.clone(), one.message.clone(), one.count.to_string()]
            };
            let rows: Vec<_> = self.dropped.iter().map(row).collect();
            terminal.out.table(&["Transport", "Dropped messages", "Count"], &rows);
        }
    }

    /// The shape of Symfony, with its four spaces, and the dropped messages if there are any.
    fn to_json(&self) -> String {
        let counts = self.transports.iter();
        let entry = |waiting: &Waiting| {
            let mut entry = Map::from_iter([("count".to_owned(), json!(waiting.ready))]);
            let also = ALSO.iter().filter(|(_, _, count)| count(waiting) > 0);
            entry.extend(also.map(|(_, key, count)| ((*key).to_owned(), json!(count(waiting)))));
            Value::Object(entry)
        };
        let transports: Map<_, _> =
            counts.map(|(name, waiting)| (name.clone(), entry(waiting))).collect();
        // An empty array, because PHP knows no difference.
        let transports = if transports.is_empty() { json!([]) } else { Value::Object(transports) };
        let mut object = Map::from_iter([("transports".to_owned(), transports)]);
        if !self.uncountable.is_empty() {
            object.insert("uncountable_transports".to_owned(), json!(self.uncountable));
        }
        if !self.dropped.is_empty() {
            let entry = |one: &Dropped| {
                json!({
                    "transport": one.transport, "message": one.message, "count": one.count
                })
            };
            let dropped = self.dropped.iter().map(entry).collect();
            object.insert("discards".to_owned(), Value::Array(dropped));
        }
        with_four_spaces(&Value::Object(object))
    }
}

fn with_four_spaces(value: &Value) -> String {
    let mut text = Vec::new();
    let format = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut text, format);
    match value.serialize(&mut serializer) {
        Ok(()) => String::from_utf8_lossy(&text).into_owned(),
        // Keys are texts and nothing is written to a device: this does not happen.
        Err(_) => value.to_string(),
    }
}
