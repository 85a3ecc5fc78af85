#![doc = include_str!("../README.md")]

pub mod value;

mod application;
mod arguments;
mod commands;
mod error;
mod program;
mod shutdown;
mod signals;
mod terminal;

pub use application::{Application, Bus, Dropped};
pub use arguments::parse;
pub use commands::Commands;
pub use error::{BoxError, CommandError, explain, fail};
pub use program::main;
pub use shutdown::ShutdownTimeout;
pub use signals::hangup;
pub use terminal::{
    Ask, Output, Terminal, TerminalOptions, Verbosity, colours_are_wanted, is_dangerous, printable,
};
