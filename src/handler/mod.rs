//! Handlers: one file a message, named like it. What a handler needs are its fields.

pub mod command;
mod photo_given_up;
pub mod query;

use messenger::Context;
use messenger::doctrine::UnitOfWork;

pub use photo_given_up::PhotoGivenUp;

/// What a handler is given: the unit of work, and the way to dispatch further messages in it.
pub type Cx = Context<UnitOfWork>;
