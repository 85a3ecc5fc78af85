//! The console: the background worker, and every command for operators. One command, one file.

mod app;
mod doctor;
mod duplicate_row;
mod exposed;
mod mailer_test;
mod migrate;
mod photos_adopt;
mod photos_check;
mod sweep;
mod user_promote;

use std::process::ExitCode;

use anyhow::Context as _;
use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand};
use messenger_console::{Commands, ShutdownTimeout, TerminalOptions, fail, parse};

use self::app::App;
use crate::process_limits::Needs;

/// The background worker and the commands for operators of Ponka.
#[derive(Parser)]
#[command(name = "console", version, max_term_width = 100, infer_subcommands = true)]
#[command(after_help = "Example: console messenger:consume async_priority_high async -vv\n\n\
    Every option is also an environment variable, named after its command and itself: \
    MESSENGER_CONSUME_LIMIT=10 is messenger:consume --limit=10.\n\
    Exit codes: 0 done, 1 failed, 2 wrong usage.")]
struct Cli {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Command,
}

/// What every command understands.
#[derive(Args)]
struct Globals {
    #[arg(long, global = true, value_name = "ENV")]
    #[arg(help = "The environment to run in [env: APP_ENV=]")]
    #[arg(value_parser = PossibleValuesParser::new(["dev", "test", "prod"]))]
    env: Option<String>,
    #[command(flatten)]
    terminal: TerminalOptions,
}

#[derive(Subcommand)]
enum Command {
    #[command(flatten)]
    Messenger(Commands),
    #[command(name = "mailer:test")]
    MailerTest(mailer_test::MailerTest),
    #[command(name = "migrations:migrate")]
    Migrate(migrate::Migrate),
    #[command(name = "photos:sweep")]
    Sweep(sweep::Sweep),
    #[command(name = "photos:check")]
    PhotosCheck(photos_check::PhotosCheck),
    #[command(name = "photos:adopt")]
    PhotosAdopt(photos_adopt::PhotosAdopt),
    #[command(name = "doctor")]
    Doctor(doctor::Doctor),
    #[command(name = "user:promote")]
    UserPromote(user_promote::UserPromote),
    #[command(name = "demo:duplicate-row")]
    DuplicateRow(duplicate_row::DuplicateRow),
}

/// What any command needs, the worker included.
const NEEDS: Needs = Needs { descriptors: 64, memory: 512, threads: 24 };

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    let cli: Cli = parse();
    start(cli).unwrap_or_else(|error| fail(error.as_ref()))
}

fn start(cli: Cli) -> anyhow::Result<ExitCode> {
    NEEDS.check()?;
    let runtime = tokio::runtime::Runtime::new().context("could not start threads")?;
    let result = runtime.block_on(run(cli));
    runtime.shutdown_timeout(ShutdownTimeout::THREADS);
    result
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let app = App::new(&cli.globals)?;
    match cli.command {
        Command::Messenger(command) => return Ok(command.run(&app, &app.terminal).await?),
        Command::Doctor(command) => return command.run(&app).await,
        Command::PhotosCheck(command) => return command.run(&app).await,
        Command::MailerTest(command) => command.run(&app).await,
        Command::Migrate(command) => command.run(&app).await,
        Command::Sweep(command) => command.run(&app).await,
        Command::PhotosAdopt(command) => command.run(&app).await,
        Command::UserPromote(command) => command.run(&app).await,
        Command::DuplicateRow(command) => command.run(&app).await,
    }?;
    Ok(ExitCode::SUCCESS)
}
