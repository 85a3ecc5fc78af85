//! A `console` block as steps: commands, more output of a running program, Ctrl-C.

use anyhow::{Result, bail};

use crate::block::Block;

/// Lines of a page that show output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    /// The line of the page where they begin (or would begin), counted from 1.
    pub(crate) line: usize,
    /// The lines.
    pub(crate) lines: Vec<String>,
}

/// What a `console` block does, one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// A command and what it prints.
    Run {
        /// The line of the page.
        line: usize,
        /// The command, perhaps of several lines.
        command: String,
        /// What it prints.
        shown: Shown,
    },
    /// More output of the program that runs in the terminal.
    More(Shown),
    /// Ctrl-C, and what the program prints until it has ended.
    Interrupt(Shown),
}

impl Step {
    /// The line of the page.
    pub(crate) fn line(&self) -> usize {
        match self {
            Self::Run { line, .. } => *line,
            Self::More(shown) => shown.line,
            Self::Interrupt(shown) => shown.line - 1,
        }
    }

    /// What the page shows as output.
    pub(crate) fn shown(&self) -> &Shown {
        match self {
            Self::Run { shown, .. } | Self::More(shown) | Self::Interrupt(shown) => shown,
        }
    }

    fn shown_mut(&mut self) -> &mut Shown {
        match self {
            Self::Run { shown, .. } | Self::More(shown) | Self::Interrupt(shown) => shown,
        }
    }
}

/// The steps of a `console` block.
pub(crate) fn steps(block: &Block) -> Result<Vec<Step>> {
    let mut steps: Vec<Step> = Vec::new();
    for (number, text) in block.lines.iter().enumerate() {
        let line = block.line + 1 + number;
        let shown = Shown { line: line + 1, lines: Vec::new() };
        if let Some(command) = text.strip_prefix("$ ") {
            steps.push(Step::Run { line, command: command.to_owned(), shown });
        } else if text == "^C" {
            steps.push(Step::Interrupt(shown));
        } else if let Some(rest) = continuation(text)
            && let Some(Step::Run { command, shown, .. }) = steps.last_mut()
            && shown.lines.is_empty()
        {
            command.push('\n');
            command.push_str(rest);
            shown.line = line + 1;
        } else if let Some(step) = steps.last_mut() {
            step.shown_mut().lines.push(text.clone());
        } else {
            steps.push(Step::More(Shown { line, lines: vec![text.clone()] }));
        }
    }
    if steps.is_empty() {
        bail!("an empty `console` block");
    }
    Ok(steps)
}

fn continuation(text: &str) -> Option<&str> {
    if text == ">" { Some("") } else { text.strip_prefix("> ") }
}
