//! A program that has these commands and no others.

use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser};

use crate::application::Application;
use crate::arguments::parse_as;
use crate::commands::Commands;
use crate::error::fail;
use crate::terminal::{Terminal, TerminalOptions};

#[derive(Parser)]
#[command(max_term_width = 100, infer_subcommands = true)]
struct Program {
    #[command(flatten)]
    terminal: TerminalOptions,
    #[command(subcommand)]
    command: Commands,
}

/// Runs the command that the arguments of this process name: the whole console of a program that has no
/// commands of its own.
pub async fn main(app: &impl Application) -> ExitCode {
    // It lives as long as the program.
    let name: &'static str = program_name().leak();
    let program: Program = parse_as(Program::command().name(name).about(app.name()));
    let done = program.command.run(app, &Terminal::new(&program.terminal)).await;
    done.unwrap_or_else(|error| fail(&error))
}

/// What this program was started as.
pub(crate) fn program_name() -> String {
    let path = std::env::args_os().next().unwrap_or_default();
    let name = Path::new(&path).file_stem().map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| "console".to_owned())
}
