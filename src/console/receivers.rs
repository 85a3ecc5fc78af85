//! From which transports a worker receives: as named, all, the only one, or as somebody chooses.

use anyhow::{bail, ensure};

use super::app::{App, Usage};
use super::consume::Consume;
use crate::kernel::AppMessenger;

/// The transports to receive from, the most urgent first.
pub(super) async fn choose(
    consume: &Consume,
    app: &App,
    messenger: &AppMessenger,
) -> anyhow::Result<Vec<String>> {
    let known = receivable(messenger);
    if consume.all {
        check(&consume.exclude_receivers, messenger)?;
        let mut names = known;
        names.retain(|name| {
            !messenger.is_failure_transport(name) && !consume.exclude_receivers.contains(name)
        });
        ensure!(!names.is_empty(), "All the receivers have been excluded.");
        return Ok(names);
    }
    if !consume.receivers.is_empty() {
        check(&consume.receivers, messenger)?;
        return Ok(without_repetition(&consume.receivers));
    }
    match known.as_slice() {
        [] => bail!("No transport is configured from which messages can be received."),
        [_] => Ok(known),
        _ if app.ask.is_possible() => ask(app, &known).await,
        _ => Err(Usage(format!(
            "Please name the transports to consume from, the most urgent first.\nThere are: {}.",
            known.join(", ")
        ))
        .into()),
    }
}

/// The transports in which messages wait, in the order of the configuration.
fn receivable(messenger: &AppMessenger) -> Vec<String> {
    let transports = messenger.transports().iter();
    transports
        .filter(|(_, configured)| configured.transport.receiver().is_some())
        .map(|(name, _)| name.clone())
        .collect()
}

fn check(names: &[String], messenger: &AppMessenger) -> anyhow::Result<()> {
    for name in names {
        let Some(configured) = messenger.transports().get(name) else {
            bail!(
                "The receiver \"{name}\" does not exist. Valid receivers are: {}.",
                receivable(messenger).join(", ")
            );
        };
        ensure!(
            configured.transport.receiver().is_some(),
            "Cannot consume from \"{name}\": its transport is sync://, which handles each message \
             at once, so none ever waits."
        );
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

async fn ask(app: &App, known: &[String]) -> anyhow::Result<Vec<String>> {
    app.err.line("\n Which transports/receivers do you want to consume?\n");
    app.err.line(" Choose which receivers you want to consume messages from in order of priority.");
    app.err.line(format!(
        " Hint: to consume from multiple, use a list of their names, e.g. {}",
        known.join(", ")
    ));
    let names: Vec<&str> = known.iter().map(String::as_str).collect();
    let chosen = app.ask.choose_several("Select receivers to consume:", &names).await?;
    Ok(chosen.into_iter().map(|index| known[index].clone()).collect())
}
