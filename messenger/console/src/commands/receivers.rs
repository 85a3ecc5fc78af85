//! From which transports a worker receives: as named, all, the only one, or as somebody chooses.

use messenger::{Messenger, Scope};

use super::consume::Consume;
use crate::error::CommandError;
use crate::terminal::Terminal;

/// The transports to receive from, the most urgent first.
pub(super) async fn choose<S: Scope>(
    consume: &Consume,
    terminal: &Terminal,
    messenger: &Messenger<S>,
) -> Result<Vec<String>, CommandError> {
    let known = receivable(messenger);
    if consume.all {
        check(&consume.exclude_receivers, messenger)?;
        let mut names = known;
        names.retain(|name| {
            !messenger.is_failure_transport(name) && !consume.exclude_receivers.contains(name)
        });
        if names.is_empty() {
            return Err(CommandError::refused("All the receivers have been excluded."));
        }
        return Ok(names);
    }
    if !consume.receivers.is_empty() {
        check(&consume.receivers, messenger)?;
        return Ok(without_repetition(&consume.receivers));
    }
    match known.as_slice() {
        [] => Err(CommandError::refused(
            "No transport is configured from which messages can be received.",
        )),
        [_] => Ok(known),
        _ if terminal.ask.is_possible() => ask(terminal, &known).await,
        _ => Err(CommandError::Usage(format!(
            "Please name the transports to consume from, the most urgent first.\nThere are: {}.",
            known.join(", ")
        ))),
    }
}

/// The transports in which messages wait, in the order of the configuration.
fn receivable<S: Scope>(messenger: &Messenger<S>) -> Vec<String> {
    let transports = messenger.transports().iter();
    transports
        .filter(|(_, configured)| configured.transport.receiver().is_some())
        .map(|(name, _)| name.clone())
        .collect()
}

fn check<S: Scope>(names: &[String], messenger: &Messenger<S>) -> Result<(), CommandError> {
    for name in names {
        let Some(configured) = messenger.transports().get(name) else {
            return Err(CommandError::Refused(format!(
                "The receiver \"{name}\" does not exist. Valid receivers are: {}.",
                receivable(messenger).join(", ")
            )));
        };
        if configured.transport.receiver().is_none() {
            return Err(CommandError::Refused(format!(
                "Cannot consume from \"{name}\": its transport is sync://, which handles each \
                 message at once, so none ever waits."
            )));
        }
    }
    Ok(())
}

fn without_repetition(names: &[String]) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for name in names {
        if !kept.contains(name) {
            kept.push(name.clone());
        }
    }
    kept
}

async fn ask(terminal: &Terminal, known: &[String]) -> Result<Vec<String>, CommandError> {
    terminal.err.line("\n Which transports/receivers do you want to consume?\n");
    terminal
        .err
        .line(" Choose which receivers you want to consume messages from in order of priority.");
    terminal.err.line(format!(
        " Hint: to consume from multiple, use a list of their names, e.g. {}",
        known.join(", ")
    ));
    let names: Vec<&str> = known.iter().map(String::as_str).collect();
    let chosen = terminal.ask.choose_several("Select receivers to consume:", &names).await?;
    Ok(chosen.into_iter().map(|index| known[index].clone()).collect())
}
