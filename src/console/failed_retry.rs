//! `messenger:failed:retry`: handle failed messages again, one by one.

use clap::Args;
use messenger::codec::Codec;
use messenger::failed::{FailedError, FailedMessage, Retried};

use super::app::{App, Usage};
use super::failed::{Failed, FailureTransport, tell_pending};
use super::failed_details;
use super::signals::StopSignals;

/// Handle failed messages again, and remove those that succeed
#[derive(Args)]
#[command(after_help = "Example: console messenger:failed:retry 4812 --force -vv")]
pub(super) struct FailedRetry {
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

impl FailedRetry {
    /// Retries what was named, or asks about each message.
    pub(super) async fn run(self, app: &App) -> anyhow::Result<()> {
        if self.ids.is_empty() && !app.ask.is_possible() {
            let message = "Message id must be passed when in non-interactive mode.";
            return Err(Usage(message.to_owned()).into());
        }
        let kernel = app.boot().await?;
        app.err.comment("Quit this command with CONTROL-C.");
        if !app.is_very_verbose() {
            app.err.comment(
                "Re-run the command with a -vv option to see logs about consumed messages.",
            );
        }
        let failed = self.transport.open(app, &kernel).await?;
        tell_pending(app, &failed).await?;
        let name = failed.transport();
        app.err.line(format!("To retry all the messages, run messenger:consume {name}\n"));
        let codec = &**kernel.messenger.codec();
        let stop = stop_on_signal(app)?;
        if self.ids.is_empty() {
            return self.each(app, &failed, codec, &stop).await;
        }
        for id in &self.ids {
            let message = failed.find(id).await?;
            self.one(app, &failed, codec, &message).await?;
            if stop.is_stopped() {
                return Ok(());
            }
        }
        app.out.success("All done!");
        Ok(())
    }

    /// Asks about every message that is there now; one that is skipped goes to the end.
    async fn each(
        &self,
        app: &App,
        failed: &Failed,
        codec: &dyn Codec,
        stop: &messenger::worker::StopHandle,
    ) -> anyhow::Result<()> {
        let (mut done, mut left) = (0, 0);
        for _ in 0..failed.count().await?.unwrap_or(u64::MAX) {
            let Some(message) = failed.all(Some(1)).await?.pop() else {
                break;
            };
            let is_gone = self.one(app, failed, codec, &message).await?;
            (done, left) = (done + 1, left + usize::from(!is_gone));
            if stop.is_stopped() {
                return Ok(());
            }
        }
        if left > 0 {
            app.out.note(&format!("{left} message(s) were skipped or have failed again."));
        } else if done > 0 {
            app.out.success("All failed messages have been handled or removed!");
        }
        Ok(())
    }

    /// Does with one message what was chosen; says whether it is gone.
    async fn one(
        &self,
        app: &App,
        failed: &Failed,
        codec: &dyn Codec,
        message: &FailedMessage,
    ) -> anyhow::Result<bool> {
        failed_details::show(app, failed, codec, message);
        let id = message.id();
        let action = self.action(app, message).await?;
        let outcome = match action {
            Action::Retry => failed.retry(&id).await.map(Some),
            Action::Delete => failed.remove(&id).await.map(|()| None),
            Action::Skip => failed.skip(&id).await.map(|()| None),
        };
        let is_gone = match &outcome {
            Ok(Some(retried)) => *retried == Retried::Handled,
            Ok(None) => action == Action::Delete,
            Err(_) => false,
        };
        match (outcome, action) {
            (Ok(Some(Retried::FailedAgain)), _) => {
                app.err.warning(&format!("Message {id} has failed again."));
            }
            (Ok(Some(Retried::Handled)), _) => app.out.line(format!(" Message {id} was handled.")),
            (Ok(None), Action::Delete) => app.out.line(format!(" Message {id} was deleted.")),
            (Ok(None), _) => app.out.line(format!(" Message {id} was moved to the end.")),
            // Somebody else was faster; that is no reason to leave out the others.
            (Err(error @ FailedError::InUse { .. }), _) if self.ids.is_empty() => {
                app.err.note(&error.to_string());
            }
            (Err(error), _) => return Err(error.into()),
        }
        Ok(is_gone)
    }

    async fn action(&self, app: &App, message: &FailedMessage) -> anyhow::Result<Action> {
        let mut actions =
            vec![("retry", Action::Retry), ("delete", Action::Delete), ("skip", Action::Skip)];
        if message.envelope.undecodable().is_some() {
            let id = message.id();
            let reason =
                format!("The message {id} cannot be decoded; it can only be shown or removed.");
            if !self.ids.is_empty() {
                anyhow::bail!(reason);
            }
            app.err.error(&reason);
            actions = vec![("skip", Action::Skip), ("delete", Action::Delete)];
        } else if self.force {
            return Ok(Action::Retry);
        }
        let words: Vec<&str> = actions.iter().map(|(word, _)| *word).collect();
        let chosen = app.ask.choose("Please select an action", &words).await?;
        Ok(actions[chosen].1)
    }
}

/// Is stopped by the signals that stop a worker; a second one ends the program at once.
fn stop_on_signal(app: &App) -> anyhow::Result<messenger::worker::StopHandle> {
    let stop = messenger::worker::StopHandle::default();
    let signals = StopSignals::listen(&app.messenger_config.stop_worker_on_signals)?;
    let asked = stop.clone();
    tokio::spawn(signals.stop_with(app.config.shutdown_timeout, move |signal| {
        tracing::info!(target: "messenger", signal, "Received signal {signal}.");
        asked.stop();
    }));
    Ok(stop)
}
