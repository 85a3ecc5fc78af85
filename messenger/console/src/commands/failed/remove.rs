//! `messenger:failed:remove`: give failed messages up.

use std::process::ExitCode;

use clap::Args;
use messenger::failed::{FailedError, FailedMessage, FailedMessages};
use messenger::{Messenger, Scope};

use super::{FailureTransport, details, is_of_class};
use crate::application::{Application, Bus as _};
use crate::error::CommandError;
use crate::terminal::Terminal;

/// Remove messages from the failure transport for good
#[derive(Args)]
#[command(after_help = "Example: console messenger:failed:remove 4812 4813 --force")]
pub(in crate::commands) struct FailedRemove {
    /// Remove these
    ids: Vec<String>,
    /// Remove all
    #[arg(long)]
    all: bool,
    /// Do not ask
    #[arg(long)]
    force: bool,
    /// Remove all of this class
    #[arg(long, value_name = "CLASS")]
    class_filter: Option<String>,
    /// Show each message before it is removed
    #[arg(long)]
    show_messages: bool,
    #[command(flatten)]
    transport: FailureTransport,
}

impl FailedRemove {
    /// Removes what was named, after asking.
    pub(in crate::commands) async fn run<A: Application>(
        self,
        app: &A,
        terminal: &Terminal,
    ) -> Result<ExitCode, CommandError> {
        let filter = self.class_filter.as_ref().filter(|_| self.ids.is_empty());
        match (self.all, self.ids.is_empty() && filter.is_none()) {
            (false, true) => {
                return usage(
                    "Please specify at least one message id. If you want to \
                                           remove all failed messages, use the \"--all\" option.",
                );
            }
            (true, false) => {
                return usage("You cannot specify message ids when using the \"--all\" option.");
            }
            _ => {}
        }
        let bus = app.assemble().await?;
        let messenger = bus.messenger();
        let failed = self.transport.open(app, terminal, messenger).await?;
        if self.all {
            return self.remove_all(terminal, messenger, &failed).await;
        }
        let Some(class) = filter else {
            return self.remove_these(terminal, messenger, &failed, &self.ids).await;
        };
        let messages = failed.all(None).await?;
        let matching = messages.iter().filter(|message| is_of_class(message.class(), class));
        let ids: Vec<String> = matching.map(FailedMessage::id).collect();
        if ids.is_empty() {
            let none = "No failed messages were found with this filter.";
            return Err(CommandError::refused(none));
        }
        let question = format!("Can you confirm you want to remove {} message(s)?", ids.len());
        if terminal.ask.confirm(&question, true).await? {
            return self.remove_these(terminal, messenger, &failed, &ids).await;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// One that is missing is reported, and the others are removed all the same; the command has
    /// failed then.
    async fn remove_these<S: Scope>(
        &self,
        terminal: &Terminal,
        messenger: &Messenger<S>,
        failed: &FailedMessages<S>,
        ids: &[String],
    ) -> Result<ExitCode, CommandError> {
        let mut code = ExitCode::SUCCESS;
        for id in ids {
            let message = match failed.find(id).await {
                Err(error @ FailedError::NotFound { .. }) => {
                    terminal.err.error(&error.to_string());
                    code = ExitCode::FAILURE;
                    continue;
                }
                found => found?,
            };
            if self.show_messages || ids.len() == 1 {
                details::show(terminal, failed.transport(), &**messenger.codec(), &message);
            }
            let question = "Do you want to permanently remove this message?";
            if !self.force && !terminal.ask.confirm(question, false).await? {
                terminal.err.note(&format!("Message with id {id} not removed."));
                continue;
            }
            match failed.remove(id).await {
                Ok(()) => terminal.out.success(&format!("Message with id {id} removed.")),
                Err(error @ (FailedError::NotFound { .. } | FailedError::InUse { .. })) => {
                    terminal.err.error(&error.to_string());
                    code = ExitCode::FAILURE;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(code)
    }

    async fn remove_all<S: Scope>(
        &self,
        terminal: &Terminal,
        messenger: &Messenger<S>,
        failed: &FailedMessages<S>,
    ) -> Result<ExitCode, CommandError> {
        if !self.force {
            let count =
                failed.count().await?.map(|count| format!("({count}) ")).unwrap_or_default();
            let question = format!("Do you want to permanently remove all {count}failed messages?");
            if !terminal.ask.confirm(&question, false).await? {
                return Ok(ExitCode::SUCCESS);
            }
        }
        let mut removed = 0;
        for message in failed.all(None).await? {
            if self.show_messages {
                details::show(terminal, failed.transport(), &**messenger.codec(), &message);
            }
            match failed.remove(&message.id()).await {
                Ok(()) => removed += 1,
                Err(FailedError::NotFound { .. }) => {}
                Err(error @ FailedError::InUse { .. }) => terminal.err.note(&error.to_string()),
                Err(error) => return Err(error.into()),
            }
        }
        terminal.out.note(&format!("{removed} messages were removed."));
        Ok(ExitCode::SUCCESS)
    }
}

fn usage(message: &str) -> Result<ExitCode, CommandError> {
    Err(CommandError::Usage(message.to_owned()))
}
