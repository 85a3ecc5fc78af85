//! Every option of every command as an environment variable, and options whose value may be left
//! out.

use std::ffi::{OsStr, OsString};

use clap::builder::FalseyValueParser;
use clap::error::{ContextKind, ContextValue};
use clap::{Arg, ArgAction, Command, Parser};

use crate::terminal::Output;

/// Options with an optional number: without this, `--keepalive async` would take the receiver.
const OPTIONAL_NUMBER: [&str; 2] = ["--keepalive", "--no-reset"];
/// How the examples of the commands begin.
const EXAMPLE: &str = "Example: console ";

/// Reads the arguments of this process. Every option of every command is also an environment variable,
/// named after its command and itself: `MESSENGER_CONSUME_LIMIT=10` is `messenger:consume --limit=10`.
///
/// When the arguments cannot be used, or were only asked about (`--help`), it says so and ends the
/// process, with code 2 or 0.
pub fn parse<P: Parser>() -> P {
    parse_as(P::command())
}

pub(crate) fn parse_as<P: Parser>(command: Command) -> P {
    let command = with_examples(with_variables(command));
    let arguments = with_optional_values(std::env::args_os());
    let parsed = command.try_get_matches_from(arguments);
    parsed.and_then(|matches| P::from_arg_matches(&matches)).unwrap_or_else(|error| {
        let _ = error.print();
        if let Some(variable) = culprit(&error) {
            Output::stderr().line(format!("The value comes from the variable {variable}."));
        }
        std::process::exit(error.exit_code())
    })
}

/// Has the examples of the commands begin with the name of this program.
fn with_examples(command: Command) -> Command {
    let name = command.get_name().to_owned();
    command.mut_subcommands(|command| match command.get_after_help() {
        Some(help) => {
            let help = help.to_string().replace(EXAMPLE, &format!("Example: {name} "));
            command.after_help(help)
        }
        None => command,
    })
}

/// Gives each option of each command its variable: `MESSENGER_CONSUME_TIME_LIMIT` is
/// `messenger:consume --time-limit`.
fn with_variables(command: Command) -> Command {
    command.mut_subcommands(|command| {
        let prefix = command.get_name().to_owned();
        command.mut_args(|arg| with_variable(&prefix, arg))
    })
}

fn with_variable(command: &str, arg: Arg) -> Arg {
    let Some(long) = arg.get_long().filter(|long| !matches!(*long, "help" | "version")) else {
        return arg;
    };
    // Names live as long as the program; there are a few dozen.
    let name: &'static str = variable(command, long).leak();
    let arg = arg.env(name);
    match arg.get_action() {
        ArgAction::SetTrue => arg.value_parser(FalseyValueParser::new()),
        _ => arg,
    }
}

fn variable(command: &str, option: &str) -> String {
    format!("{command}_{option}").to_uppercase().replace([':', '-'], "_")
}

/// The variable whose value was refused, if it was not an argument.
fn culprit(error: &clap::Error) -> Option<String> {
    let Some(ContextValue::String(option)) = error.get(ContextKind::InvalidArg) else {
        return None;
    };
    let option = option.split([' ', '[']).next()?.strip_prefix("--")?;
    let command = std::env::args().skip(1).find(|arg| !arg.starts_with('-'))?;
    let name = variable(&command, option);
    std::env::var_os(&name).map(|_| name)
}

/// Joins an option whose number may be left out with the number behind it, if there is one:
/// `--keepalive 5` becomes `--keepalive=5`.
fn with_optional_values(args: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut joined: Vec<OsString> = Vec::new();
    for arg in args {
        match joined.last_mut() {
            Some(last) if takes_number(last) && is_number(&arg) => {
                last.push("=");
                last.push(arg);
            }
            _ => joined.push(arg),
        }
    }
    joined
}

fn takes_number(option: &OsStr) -> bool {
    OPTIONAL_NUMBER.iter().any(|name| option == *name)
}

fn is_number(arg: &OsStr) -> bool {
    arg.to_str().is_some_and(|text| text.parse::<f64>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_behind_keepalive_belongs_to_it_but_a_name_does_not() {
        let joined = |args: &[&str]| with_optional_values(args.iter().map(OsString::from));
        assert_eq!(joined(&["--keepalive", "5", "async"]), ["--keepalive=5", "async"]);
        assert_eq!(joined(&["--keepalive", "async"]), ["--keepalive", "async"]);
        assert_eq!(joined(&["--keepalive=0", "4"]), ["--keepalive=0", "4"]);
    }
}
