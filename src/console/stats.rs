//! `messenger:stats`: how many messages wait where, and how many were dropped.

use clap::Args;
use clap::builder::PossibleValuesParser;
use messenger::transport::Waiting;
use messenger_doctrine::Discard;
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

/// A header, a key, and the number that stands there.
type Also = (&'static str, &'static str, fn(&Waiting) -> u64);

/// What is shown only where there is any, as a column or a key: Symfony shows what is due.
const ALSO: [Also; 2] = [
    ("Delayed", "delayed", |waiting| waiting.delayed),
    ("In hand", "in_hand", |waiting| waiting.in_hand),
];

/// What is counted.
#[derive(Default)]
struct Counts {
    transports: Vec<(String, Waiting)>,
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
                Some(receiver) => receiver.waiting().await?,
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
        app.out.table(&headers, &rows);
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
