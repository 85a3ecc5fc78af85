//! A fenced block of a page, and what its info string asks for.

use std::time::Duration;

use anyhow::{Context, Result, bail};

/// A fenced block: its words and its lines.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    /// The line of the opening fence in the page, counted from 1.
    pub(crate) line: usize,
    /// What stands before the fence: spaces, or something that is none.
    pub(crate) indent: String,
    /// The words after the fence.
    pub(crate) info: String,
    /// The lines between the fences, without the indent.
    pub(crate) lines: Vec<String>,
}

/// What the runner does with a block.
#[derive(Debug)]
pub(crate) enum Purpose {
    /// Commands in a terminal.
    Console(ConsoleOptions),
    /// A change to be made.
    Diff,
    /// Instructions for a browser.
    Browser,
    /// Words from a file, which must be there.
    Quote(String),
    /// To be read only.
    Reading,
}

/// The words after `console`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConsoleOptions {
    /// Which terminal.
    pub(crate) terminal: String,
    /// Whether the last command goes on while the reader reads.
    pub(crate) background: bool,
    /// The code with which the last command ends, if one is named.
    pub(crate) exit: Option<i32>,
    /// Whether the command is repeated until its output matches.
    pub(crate) until: bool,
    /// What is typed when the program waits at an unfinished line; `%2C` is a comma.
    pub(crate) answers: Vec<String>,
    /// How long a command may take, if it is named.
    pub(crate) patience: Option<Duration>,
}

impl Default for ConsoleOptions {
    fn default() -> Self {
        Self {
            terminal: "main".into(),
            background: false,
            exit: None,
            until: false,
            answers: Vec::new(),
            patience: None,
        }
    }
}

impl Block {
    /// What to do with this block; an error if its words make no sense.
    pub(crate) fn purpose(&self) -> Result<Purpose> {
        let mut words = self.info.split_whitespace();
        let purpose = match words.next() {
            Some("console") => Purpose::Console(console_options(words)?),
            Some("diff") => match words.next() {
                None => Purpose::Diff,
                Some("example") => Purpose::Reading,
                Some(word) => bail!("unknown word `{word}` after `diff`"),
            },
            Some("browser") => match words.next() {
                None => Purpose::Browser,
                Some(word) => bail!("unknown word `{word}` after `browser`"),
            },
            Some(_) => words.next().map_or(Purpose::Reading, |path| Purpose::Quote(path.into())),
            None => Purpose::Reading,
        };
        if purpose.runs() && !self.indent.trim().is_empty() {
            bail!("a block that is executed must not stand in a quotation");
        }
        Ok(purpose)
    }
}

impl Purpose {
    /// Whether the block is executed.
    pub(crate) fn runs(&self) -> bool {
        matches!(self, Self::Console(_) | Self::Diff | Self::Browser)
    }
}

fn console_options<'a>(words: impl Iterator<Item = &'a str>) -> Result<ConsoleOptions> {
    let mut options = ConsoleOptions::default();
    for word in words {
        match word.split_once('=') {
            Some(("terminal", name)) if !name.is_empty() => options.terminal = name.into(),
            Some(("exit", code)) => {
                options.exit = Some(code.parse().context("`exit=` needs a number")?);
            }
            Some(("seconds", text)) => {
                let seconds = text.parse().context("`seconds=` needs a number")?;
                options.patience = Some(Duration::from_secs(seconds));
            }
            Some(("answers", list)) => {
                options.answers =
                    list.split(',').map(|answer| answer.replace("%2C", ",")).collect();
            }
            None if word == "background" => options.background = true,
            None if word == "until" => options.until = true,
            _ => bail!("unknown word `{word}` after `console`"),
        }
    }
    if options.until && options.background {
        bail!("a block is `until` or `background`, not both");
    }
    Ok(options)
}
