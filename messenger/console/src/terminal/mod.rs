//! Somebody to talk to: results on stdout, hints and questions on stderr, in Symfony's shapes.

mod ask;
mod output;
mod printable;
mod table;

use clap::{ArgAction, Args};

pub use ask::Ask;
pub use output::Output;
pub use printable::{colours_are_wanted, is_dangerous, printable};

/// How much is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verbosity {
    /// `-q`: errors.
    Quiet,
    /// Nothing was said: warnings and errors.
    Normal,
    /// `-v`: what happens, step by step.
    Verbose,
    /// `-vv`: the same, and each message in detail.
    VeryVerbose,
    /// `-vvv`: everything.
    Debug,
}

/// The options of every command that say how to talk. For `#[command(flatten)]`.
#[derive(Debug, Clone, Default, Args)]
pub struct TerminalOptions {
    #[arg(short, long, global = true, action = ArgAction::Count)]
    #[arg(help = "Say more: -vv each step of a message, -vvv all [env: SHELL_VERBOSITY=]")]
    verbose: u8,
    /// Say nothing but errors
    #[arg(short, long, global = true)]
    quiet: bool,
    /// Ask nothing, take the defaults
    #[arg(short = 'n', long, global = true)]
    no_interaction: bool,
}

impl TerminalOptions {
    /// How much is shown: as the options say, else as Symfony's `SHELL_VERBOSITY` does.
    #[must_use]
    pub fn verbosity(&self) -> Verbosity {
        let shell = || std::env::var("SHELL_VERBOSITY").ok()?.parse::<i8>().ok();
        let level = match (self.quiet, self.verbose) {
            (true, _) => -1,
            (false, 0) => shell().unwrap_or(0),
            (false, verbose) => i8::try_from(verbose).unwrap_or(3),
        };
        match level {
            ..0 => Verbosity::Quiet,
            0 => Verbosity::Normal,
            1 => Verbosity::Verbose,
            2 => Verbosity::VeryVerbose,
            3.. => Verbosity::Debug,
        }
    }
}

/// What a command talks with.
pub struct Terminal {
    /// How much is shown.
    pub verbosity: Verbosity,
    /// For results.
    pub out: Output,
    /// For hints and questions.
    pub err: Output,
    /// Asks whoever sits there.
    pub ask: Ask,
}

impl Terminal {
    /// The terminal of this process.
    #[must_use]
    pub fn new(options: &TerminalOptions) -> Self {
        let verbosity = options.verbosity();
        let quiet = verbosity == Verbosity::Quiet;
        Self {
            verbosity,
            out: Output::stdout().quiet_if(quiet),
            err: Output::stderr().quiet_if(quiet),
            ask: Ask::new(options.no_interaction),
        }
    }

    /// Whether each step of a message is shown.
    #[must_use]
    pub fn is_very_verbose(&self) -> bool {
        matches!(self.verbosity, Verbosity::VeryVerbose | Verbosity::Debug)
    }
}
