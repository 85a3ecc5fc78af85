//! The console: the background worker, and every command for operators. One command, one file.

mod app;
mod ask;
mod banner;
mod consume;
mod debug_config;
mod debug_messenger;
mod debug_routing;
mod debug_transports;
mod doctor;
mod duplicate_row;
mod environment;
mod exposed;
mod failed;
mod failed_details;
mod failed_remove;
mod failed_retry;
mod failed_show;
mod mailer_test;
mod migrate;
mod output;
mod photos_adopt;
mod photos_check;
mod php_exception;
mod receivers;
mod setup_transports;
mod signals;
mod stats;
mod stop_workers;
mod sweep;
mod table;
mod user_promote;
mod value;

use std::process::ExitCode;

use anyhow::Context as _;
use clap::builder::PossibleValuesParser;
use clap::{ArgAction, Args, FromArgMatches as _, Parser, Subcommand};

pub(crate) use self::signals::hangup;

use self::app::{App, Usage};
use self::output::Output;
use crate::process_limits::Needs;
use crate::shutdown;
use crate::telemetry::Verbosity;

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
    #[arg(help = "In which life the program is [env: APP_ENV=]")]
    #[arg(value_parser = PossibleValuesParser::new(["dev", "test", "prod"]))]
    env: Option<String>,
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

#[derive(Subcommand)]
enum Command {
    #[command(name = "messenger:consume")]
    Consume(consume::Consume),
    #[command(name = "messenger:failed:show")]
    FailedShow(failed_show::FailedShow),
    #[command(name = "messenger:failed:retry")]
    FailedRetry(failed_retry::FailedRetry),
    #[command(name = "messenger:failed:remove")]
    FailedRemove(failed_remove::FailedRemove),
    #[command(name = "messenger:stats")]
    Stats(stats::Stats),
    #[command(name = "messenger:setup-transports")]
    SetupTransports(setup_transports::SetupTransports),
    #[command(name = "messenger:stop-workers")]
    StopWorkers(stop_workers::StopWorkers),
    #[command(name = "debug:messenger")]
    DebugMessenger(debug_messenger::DebugMessenger),
    #[command(name = "debug:config")]
    DebugConfig(debug_config::DebugConfig),
    #[command(name = "debug:routing")]
    DebugRouting(debug_routing::DebugRouting),
    #[command(name = "debug:transports")]
    DebugTransports(debug_transports::DebugTransports),
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
    let command = environment::with_variables(<Cli as clap::CommandFactory>::command());
    let arguments = environment::with_optional_values(std::env::args_os());
    let parsed = command.try_get_matches_from(arguments);
    let cli = match parsed.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            if let Some(variable) = environment::culprit(&error) {
                Output::stderr().line(format!("The value comes from the variable {variable}."));
            }
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match start(cli) {
        Ok(code) => code,
        Err(error) => {
            Output::stderr().error(&app::explain(&error));
            ExitCode::from(if error.is::<Usage>() { 2 } else { 1 })
        }
    }
}

fn start(cli: Cli) -> anyhow::Result<ExitCode> {
    NEEDS.check()?;
    let runtime = tokio::runtime::Runtime::new().context("could not start threads")?;
    let result = runtime.block_on(run(cli));
    runtime.shutdown_timeout(shutdown::LAST);
    result
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let app = App::new(&cli.globals)?;
    match cli.command {
        Command::Doctor(command) => return command.run(&app).await,
        Command::PhotosCheck(command) => return command.run(&app).await,
        Command::Consume(command) => command.run(&app).await,
        Command::FailedShow(command) => command.run(&app).await,
        Command::FailedRetry(command) => return command.run(&app).await,
        Command::FailedRemove(command) => return command.run(&app).await,
        Command::Stats(command) => command.run(&app).await,
        Command::SetupTransports(command) => command.run(&app).await,
        Command::StopWorkers(command) => command.run(&app).await,
        Command::DebugMessenger(command) => command.run(&app),
        Command::DebugConfig(command) => command.run(&app),
        Command::DebugRouting(command) => command.run(&app),
        Command::DebugTransports(command) => command.run(&app),
        Command::MailerTest(command) => command.run(&app).await,
        Command::Migrate(command) => command.run(&app).await,
        Command::Sweep(command) => command.run(&app).await,
        Command::PhotosAdopt(command) => command.run(&app).await,
        Command::UserPromote(command) => command.run(&app).await,
        Command::DuplicateRow(command) => command.run(&app).await,
    }?;
    Ok(ExitCode::SUCCESS)
}

impl Globals {
    /// How much is shown: as the options say, else as Symfony's `SHELL_VERBOSITY` does.
    fn verbosity(&self) -> Verbosity {
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
