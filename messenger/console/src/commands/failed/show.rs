//! `messenger:failed:show`: what has failed.

use std::collections::BTreeMap;

use clap::Args;
use messenger::Scope;
use messenger::failed::{FailedMessage, FailedMessages};

use super::{FailureTransport, details, is_of_class, tell_pending};
use crate::application::{Application, Bus as _};
use crate::error::CommandError;
use crate::terminal::Terminal;
use crate::value;

/// How many messages are listed unless somebody asks for more.
const MAX: usize = 50;

/// Show the messages in the failure transport
#[derive(Args)]
#[command(after_help = "Example: console messenger:failed:show 4812 -vv")]
pub(in crate::commands) struct FailedShow {
    /// Show these in detail
    ids: Vec<String>,
    /// List so many messages at most [default: 50; all with --stats]
    #[arg(long, value_name = "N", value_parser = value::count)]
    #[arg(allow_negative_numbers = true)]
    max: Option<usize>,
    /// Count the messages of each class
    #[arg(long)]
    stats: bool,
    /// Only messages of this class
    #[arg(long, value_name = "CLASS")]
    class_filter: Option<String>,
    #[command(flatten)]
    transport: FailureTransport,
}

impl FailedShow {
    /// Lists the messages, or shows some in detail.
    pub(in crate::commands) async fn run<A: Application>(
        self,
        app: &A,
        terminal: &Terminal,
    ) -> Result<(), CommandError> {
        let bus = app.assemble().await?;
        let messenger = bus.messenger();
        let failed = self.transport.open(app, terminal, messenger).await?;
        tell_pending(terminal, &failed).await?;
        if self.ids.is_empty() {
            return self.list(terminal, &failed).await;
        }
        for id in &self.ids {
            let message = failed.find(id).await?;
            details::show(terminal, failed.transport(), &**messenger.codec(), &message);
        }
        Ok(())
    }

    async fn list<S: Scope>(
        &self,
        terminal: &Terminal,
        failed: &FailedMessages<S>,
    ) -> Result<(), CommandError> {
        let max = if self.stats { self.max } else { Some(self.max.unwrap_or(MAX)) };
        let messages = match &self.class_filter {
            None => failed.all(max).await?,
            Some(class) => {
                terminal.err.comment(&format!("Displaying only \"{class}\" messages"));
                let mut messages = failed.all(None).await?;
                messages.retain(|message| is_of_class(message.class(), class));
                messages.truncate(max.unwrap_or(usize::MAX));
                messages
            }
        };
        if messages.is_empty() {
            terminal.out.success("No failed messages were found.");
            return Ok(());
        }
        if self.stats {
            count(terminal, &messages);
            return Ok(());
        }
        let (headers, rows) = table(&messages);
        terminal.out.table(&headers, &rows);
        if Some(messages.len()) == max {
            terminal.err.comment(&format!("Showing first {} messages.", messages.len()));
        } else if self.class_filter.is_some() {
            terminal.err.comment(&format!("Showing {} message(s).", messages.len()));
        }
        terminal.err.comment(&format!(
            "Run messenger:failed:show {{id}} --transport={} -vv to see message details.",
            failed.transport()
        ));
        Ok(())
    }
}

/// The headers and the rows; when a message is due only if one of them is not.
fn table(messages: &[FailedMessage]) -> (Vec<&'static str>, Vec<Vec<String>>) {
    let shows_due = messages.iter().any(|message| details::due(message).is_some());
    let due = shows_due.then_some("Due");
    let headers = ["Id", "Class", "Failed at"].into_iter().chain(due).chain(["Error"]);
    let row = |message: &FailedMessage| {
        let error = message.error().map(|error| error.exception_message.clone());
        let class = message.class().to_owned();
        let mut row = vec![message.id(), class, details::failed_at(message)];
        if shows_due {
            row.push(details::due(message).unwrap_or_else(|| "now".to_owned()));
        }
        row.push(error.unwrap_or_default());
        row
    };
    (headers.collect(), messages.iter().map(row).collect())
}

fn count(terminal: &Terminal, messages: &[FailedMessage]) {
    let mut counts = BTreeMap::<&str, usize>::new();
    for message in messages {
        *counts.entry(message.class()).or_default() += 1;
    }
    let rows: Vec<_> = counts
        .into_iter()
        .map(|(class, count)| vec![class.to_owned(), count.to_string()])
        .collect();
    terminal.out.table(&["Class", "Count"], &rows);
}
