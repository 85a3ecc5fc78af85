//! The console through its front door: the real binary in a project folder of its own.

mod checking;
mod consuming;
mod failed;
mod looking;
mod mailing;
mod operating;
mod php;
pub(crate) mod project;
pub(crate) mod terminal;
