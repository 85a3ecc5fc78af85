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
    let path = std::env::args_os().next().unwrap_or_default();
    let name = Path::new(&path).file_stem().map(|name| name.to_string_lossy().into_owned());
    // It lives as long as the program.
    let name: &'static str = name.unwrap_or_else(|| "console".to_owned()).leak();
    match parse_as::<Program>(Program::command().name(name).about(app.name())) {
        Ok(program) => {
            let terminal = Terminal::new(&program.terminal);
            let done = program.command.run(app, &terminal).await;
            done.unwrap_or_else(|error| fail(&error))
        }
        Err(code) => code,
    }
}
