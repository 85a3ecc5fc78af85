//! Questions at the terminal, in the shapes of Symfony's.

use std::io::{self, IsTerminal};

use owo_colors::Style;

use super::output::Output;
use super::printable::printable;
use crate::error::CommandError;
use crate::signals::StopSignals;

/// Asks somebody at the terminal; questions go to stderr.
pub struct Ask {
    interactive: bool,
    err: Output,
}

impl Ask {
    /// Asks unless nobody can answer, or `never` says so.
    #[must_use]
    pub fn new(never: bool) -> Self {
        Self { interactive: !never && io::stdin().is_terminal(), err: Output::stderr() }
    }

    /// Whether somebody can answer.
    #[must_use]
    pub fn is_possible(&self) -> bool {
        self.interactive
    }

    /// Yes or no; the default if nobody can answer.
    ///
    /// # Errors
    /// When the answer cannot be read.
    pub async fn confirm(&self, question: &str, default: bool) -> Result<bool, CommandError> {
        if !self.interactive {
            return Ok(default);
        }
        loop {
            let shown = if default { "yes" } else { "no" };
            self.ask(&format!("{question} (yes/no)"), shown);
            self.err.raw(" > ");
            match read_answer().await?.to_lowercase().as_str() {
                "" => return Ok(default),
                "y" | "yes" => return Ok(true),
                "n" | "no" => return Ok(false),
                _ => self.err.error("Please answer yes or no."),
            }
        }
    }

    /// One of the choices; the first is the default, also if nobody can answer.
    ///
    /// # Errors
    /// When the answer cannot be read.
    pub async fn choose(&self, question: &str, choices: &[&str]) -> Result<usize, CommandError> {
        if !self.interactive {
            return Ok(0);
        }
        let chosen = self.choose_several(question, choices).await?;
        Ok(chosen.first().copied().unwrap_or_default())
    }

    /// Some of the choices, separated by commas, in the order of the answer.
    ///
    /// # Errors
    /// When the answer cannot be read.
    pub async fn choose_several(
        &self,
        question: &str,
        choices: &[&str],
    ) -> Result<Vec<usize>, CommandError> {
        loop {
            self.ask(question, choices.first().copied().unwrap_or_default());
            for (index, choice) in choices.iter().enumerate() {
                let index = self.err.paint(&index.to_string(), Style::new().yellow());
                self.err.line(format!("  [{index}] {}", printable(choice)));
            }
            self.err.raw(" > ");
            match pick(&read_answer().await?, choices) {
                Ok(chosen) => return Ok(chosen),
                Err(wrong) => self.err.error(&format!("Value \"{wrong}\" is invalid")),
            }
        }
    }

    fn ask(&self, question: &str, default: &str) {
        let question = self.err.paint(&printable(question), Style::new().green());
        let default = self.err.paint(default, Style::new().yellow());
        self.err.line(format!("\n {question} [{default}]:"));
    }
}

/// The choices that an answer names, by number or by name; nothing means the first.
fn pick(answer: &str, choices: &[&str]) -> Result<Vec<usize>, String> {
    let mut chosen = Vec::new();
    for word in answer.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        let by_name = choices.iter().position(|choice| *choice == word);
        let by_number = || word.parse().ok().filter(|index| *index < choices.len());
        let index = by_name.or_else(by_number).ok_or_else(|| word.to_owned())?;
        if !chosen.contains(&index) {
            chosen.push(index);
        }
    }
    Ok(if chosen.is_empty() { vec![0] } else { chosen })
}

/// One line from the terminal. A stop signal ends the program here: nothing is in hand.
async fn read_answer() -> Result<String, CommandError> {
    let mut signals = StopSignals::listen(&[])?;
    let line = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        io::stdin().read_line(&mut line).map(|length| (length, line))
    });
    let (length, line) = tokio::select! {
        line = line => line
            .map_err(std::io::Error::other)
            .flatten()
            .map_err(|error| CommandError::during("could not read the answer")(error.into()))?,
        _ = signals.next() => std::process::exit(0),
    };
    if length == 0 {
        return Err(CommandError::refused("Aborted."));
    }
    Ok(line.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::pick;

    #[test]
    fn an_answer_names_choices_by_number_or_name_in_its_own_order() {
        let choices = ["async", "failed", "high"];
        assert_eq!(pick("2, async", &choices), Ok(vec![2, 0]));
        assert_eq!(pick("", &choices), Ok(vec![0]));
        assert_eq!(pick("1,failed", &choices), Ok(vec![1]));
        assert_eq!(pick("3", &choices), Err("3".to_owned()));
    }
}
