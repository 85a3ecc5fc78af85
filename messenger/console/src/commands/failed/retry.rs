//! `messenger:failed:retry`: handle failed messages again, one by one.

use std::process::ExitCode;

use clap::Args;
use messenger::Scope;
use messenger::codec::Codec;
use messenger::failed::{FailedError, FailedMessage, FailedMessages, Retried};
use messenger::worker::StopHandle;

use super::{FailureTransport, details, tell_pending};
use crate::application::{Application, Bus as _};
use crate::commands::consume::stop_signals;
use crate::error::CommandError;
use crate::signals::StopSignals;
use crate::terminal::Terminal;

/// Handle failed messages again, and remove those that succeed
#[derive(Args)]
#[command(after_help = "Example: console messenger:failed:retry 4812 --force -vv")]
pub(in crate::commands) struct FailedRetry {
    /// Only these; without any, asks about one after the other
    ids: Vec<String>,
    /// Retry without asking
    #[arg(long)]
    force: bool,
    /// Accepted for Symfony's sake: the lease of the message in hand is always renewed
    #[arg(long, num_args = 0..=1, require_equals = true, value_name = "SECONDS")]
    #[arg(default_missing_value = "15")]
    keepalive: Option<u64>,
    #[command(flatten)]
    transport: FailureTransport,
}

/// What is done with one message.
#[derive(Clone, Copy, PartialEq)]
enum Action {
    Retry,
    Delete,
    Skip,
}

/// Where a message is after that.
#[derive(Clone, Copy, PartialEq)]
enum Outcome {
    Gone,
    Skipped,
    FailedAgain,
}

impl FailedRetry {
    /// Retries what was named, or asks about each message; fails if one of them failed again.
    pub(in crate::commands) async fn run<A: Application>(
        self,
        app: &A,
        terminal: &Terminal,
    ) -> Result<ExitCode, CommandError> {
        if self.ids.is_empty() && !terminal.ask.is_possible() {
            let message = "Message id must be passed when in non-interactive mode.";
            return Err(CommandError::Usage(message.to_owned()));
        }
        let bus = app.boot().await?;
        let messenger = bus.messenger();
        terminal.err.comment("Quit this command with CONTROL-C.");
        if !terminal.is_very_verbose() {
            terminal.err.comment(
                "Re-run the command with a -vv option to see logs about consumed messages.",
            );
        }
        let failed = self.transport.open(app, terminal, messenger).await?;
        tell_pending(terminal, &failed).await?;
        let name = failed.transport();
        terminal.err.line(format!("To retry all the messages, run messenger:consume {name}\n"));
        let codec = &**messenger.codec();
        let stop = stop_on_signal(app)?;
        if self.ids.is_empty() {
            return self.each(terminal, &failed, codec, &stop).await;
        }
        let mut again = 0;
        for id in &self.ids {
            let message = failed.find(id).await?;
            let outcome = self.one(terminal, &failed, codec, &message).await?;
            again += usize::from(outcome == Outcome::FailedAgain);
            if stop.is_stopped() {
                break;
            }
        }
        if again == 0 && !stop.is_stopped() {
            terminal.out.success("All done!");
        }
        Ok(finish(terminal, &failed, again))
    }

    /// Asks about every message that is there now; one that is skipped goes to the end.
    async fn each<S: Scope>(
        &self,
        terminal: &Terminal,
        failed: &FailedMessages<S>,
        codec: &dyn Codec,
        stop: &StopHandle,
    ) -> Result<ExitCode, CommandError> {
        let ids: Vec<String> = failed.all(None).await?.iter().map(FailedMessage::id).collect();
        let mut outcomes = Vec::new();
        for id in ids {
            let message = match failed.find(&id).await {
                // Somebody else was faster.
                Err(FailedError::NotFound { .. }) => continue,
                found => found?,
            };
            outcomes.push(self.one(terminal, failed, codec, &message).await?);
            if stop.is_stopped() {
                break;
            }
        }
        let count = |wanted| outcomes.iter().filter(|outcome| **outcome == wanted).count();
        let (left, again) = (count(Outcome::Skipped), count(Outcome::FailedAgain));
        if left + again > 0 {
            let left = left + again;
            terminal.out.note(&format!("{left} message(s) were skipped or have failed again."));
        } else if !outcomes.is_empty() && !stop.is_stopped() {
            terminal.out.success("All failed messages have been handled or removed!");
        }
        Ok(finish(terminal, failed, again))
    }

    /// Does with one message what was chosen, and says what became of it.
    async fn one<S: Scope>(
        &self,
        terminal: &Terminal,
        failed: &FailedMessages<S>,
        codec: &dyn Codec,
        message: &FailedMessage,
    ) -> Result<Outcome, CommandError> {
        details::show(terminal, failed.transport(), codec, message);
        let id = message.id();
        let action = self.action(terminal, message).await?;
        let retried = match action {
            Action::Retry => failed.retry(&id).await.map(Some),
            Action::Delete => failed.remove(&id).await.map(|()| None),
            Action::Skip => failed.skip(&id).await.map(|()| None),
        };
        let name = failed.transport();
        Ok(match (retried, action) {
            (Ok(Some(retried)), _) => became(terminal, name, &id, retried),
            (Ok(None), Action::Delete) => {
                terminal.out.line(format!(" Message {id} was deleted."));
                Outcome::Gone
            }
            (Ok(None), _) => {
                terminal.out.line(format!(" Message {id} was moved to the end."));
                Outcome::Skipped
            }
            // Somebody else was faster; that is no reason to leave out the others.
            (Err(error @ FailedError::InUse { .. }), _) if self.ids.is_empty() => {
                terminal.err.note(&error.to_string());
                Outcome::Skipped
            }
            (Err(error), _) => return Err(error.into()),
        })
    }

    async fn action(
        &self,
        terminal: &Terminal,
        message: &FailedMessage,
    ) -> Result<Action, CommandError> {
        let mut actions =
            vec![("retry", Action::Retry), ("delete", Action::Delete), ("skip", Action::Skip)];
        if message.envelope.undecodable().is_some() {
            let id = message.id();
            let reason =
                format!("The message {id} cannot be decoded; it can only be shown or removed.");
            if !self.ids.is_empty() {
                return Err(CommandError::Refused(reason));
            }
            terminal.err.error(&reason);
            actions = vec![("skip", Action::Skip), ("delete", Action::Delete)];
        } else if self.force {
            return Ok(Action::Retry);
        }
        let words: Vec<&str> = actions.iter().map(|(word, _)| *word).collect();
        let chosen = terminal.ask.choose("Please select an action", &words).await?;
        Ok(actions[chosen].1)
    }
}

/// Says what became of a message that was retried.
fn became(terminal: &Terminal, transport: &str, id: &str, retried: Retried) -> Outcome {
    match retried {
        Retried::Handled => {
            terminal.out.line(format!(" Message {id} was handled."));
            Outcome::Gone
        }
        Retried::Dropped => {
            terminal.out.line(format!(" Message {id} failed, and was dropped on purpose."));
            Outcome::Gone
        }
        Retried::FailedAgain { id: new, error } => {
            terminal.err.warning(&format!(
                "Message {id} has failed again: {error}\nIt stays in \"{transport}\" as {new}."
            ));
            Outcome::FailedAgain
        }
        Retried::LeftAlone => {
            terminal.err.warning(&format!(
                "Message {id} has failed, and that could not be noted; it stays in \"{transport}\"."
            ));
            Outcome::FailedAgain
        }
    }
}

/// The command has failed if a message has.
fn finish<S: Scope>(terminal: &Terminal, failed: &FailedMessages<S>, again: usize) -> ExitCode {
    if again == 0 {
        return ExitCode::SUCCESS;
    }
    terminal
        .err
        .error(&format!("{again} message(s) failed again; see \"{}\".", failed.transport()));
    ExitCode::FAILURE
}

/// Is stopped by the signals that stop a worker; a second one ends the program at once.
fn stop_on_signal(app: &impl Application) -> Result<StopHandle, CommandError> {
    let stop = StopHandle::default();
    let signals = StopSignals::listen(&stop_signals(app))?;
    let asked = stop.clone();
    tokio::spawn(signals.stop_with(app.shutdown_timeout(), move |signal| {
        tracing::info!(target: "messenger", signal, "Received signal {signal}.");
        asked.stop();
    }));
    Ok(stop)
}
