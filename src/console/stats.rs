//! `messenger:stats`: how many messages wait where, and how many were dropped.

use clap::Args;
use clap::builder::PossibleValuesParser;
use messenger::doctrine::Discard;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::app::App;
use crate::kernel::Kernel;

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

/// What is counted.
#[derive(Default)]
struct Counts {
    transports: Vec<(String, u64)>,
    uncountable: Vec<String>,
    unknown: Vec<String>,
    discards: Vec<Discard>,
}

impl Stats {
    /// Counts and prints.
    pub(super) async fn run(self, app: &App) -> anyhow::Result<()> {
        let counts = self.count(&app.kernel()?).await?;
        if self.format == "json" {
            app.out.line(counts.to_json()?);
        } else {
            counts.print(app);
        }
        Ok(())
    }

    async fn count(&self, kernel: &Kernel) -> anyhow::Result<Counts> {
        let configured = kernel.messenger.transports();
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
            let count = match found.transport.receiver() {
                Some(receiver) => receiver.count().await?,
                None => None,
            };
            match count {
                Some(count) => counts.transports.push((name, count)),
                None => counts.uncountable.push(name),
            }
        }
        let discards = kernel.database.run(Discard::all).await?;
        let wanted = |discard: &Discard| {
            self.transports.is_empty() || self.transports.contains(&discard.transport)
        };
        counts.discards = discards.into_iter().filter(wanted).collect();
        Ok(counts)
    }
}

impl Counts {
    fn print(&self, app: &App) {
        if !self.unknown.is_empty() {
            let known = self.unknown.join(", ");
            app.err.warning(&format!("There is no such transport: {known}."));
        }
        let row = |(name, count): &(String, u64)| vec![name.clone(), count.to_string()];
        let rows: Vec<_> = self.transports.iter().map(row).collect();
        app.out.table(&["Transport", "Count"], &rows);
        if !self.uncountable.is_empty() {
            let names = self.uncountable.join(", ");
            app.err.note(&format!(
                "Unable to get message count for the following transports: \"{names}\"."
            ));
        }
        if !self.discards.is_empty() {
            let row = |one: &Discard| {
                vec![one.transport.clone(), one.message.clone(), one.count.to_string()]
            };
            let rows: Vec<_> = self.discards.iter().map(row).collect();
            app.out.table(&["Transport", "Dropped messages", "Count"], &rows);
        }
    }

    /// The shape of Symfony, with its four spaces, and the dropped messages if there are any.
    fn to_json(&self) -> anyhow::Result<String> {
        let counts = self.transports.iter();
        let transports: Map<_, _> =
            counts.map(|(name, count)| (name.clone(), json!({ "count": count }))).collect();
        // An empty array, because PHP knows no difference.
        let transports = if transports.is_empty() { json!([]) } else { Value::Object(transports) };
        let mut object = Map::from_iter([("transports".to_owned(), transports)]);
        if !self.uncountable.is_empty() {
            object.insert("uncountable_transports".to_owned(), json!(self.uncountable));
        }
        if !self.discards.is_empty() {
            let entry = |one: &Discard| {
                json!({
                    "transport": one.transport, "message": one.message, "count": one.count
                })
            };
            let discards = self.discards.iter().map(entry).collect();
            object.insert("discards".to_owned(), Value::Array(discards));
        }
        let mut text = Vec::new();
        let format = serde_json::ser::PrettyFormatter::with_indent(b"    ");
        object.serialize(&mut serde_json::Serializer::with_formatter(&mut text, format))?;
        Ok(String::from_utf8(text)?)
    }
}
