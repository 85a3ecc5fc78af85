//! Messages: what should happen, what somebody wants to know. Small, plain, ids instead of rows.
//!
//! Their names and bodies are those a Symfony application would use, so that it can share a queue.

pub mod command;
pub mod event;
pub mod query;

use messenger::BusName;

/// Commands: exactly one handler, in a transaction.
pub const COMMAND_BUS: BusName = BusName::new("command.bus");
/// Events: any number of handlers.
pub const EVENT_BUS: BusName = BusName::new("event.bus");
/// Queries: one handler, one answer.
pub const QUERY_BUS: BusName = BusName::new("query.bus");

/// A message that may wait for a worker: one line routes them all.
pub trait AsyncMessage {}

/// A message whose handler takes seconds and so must not hold a transaction open meanwhile: it
/// opens short ones itself.
pub trait LongRunning {}
