//! Who is told of every dispatch: a profiler knows from here what happened.

use std::panic::Location;
use std::time::{Duration, Instant};

use crate::bus::BusName;
use crate::envelope::Envelope;
use crate::error::DispatchError;

/// Is told of every dispatch on every bus, nested ones and those of `sync://` included, on the
/// task that dispatches. It must not block.
pub trait DispatchListener: Send + Sync + 'static {
    /// A dispatch has ended, well or not. A nested one ends before the one around it.
    fn dispatched(&self, dispatch: &Dispatch<'_>);

    /// A message that was held back has been handled or sent, or that has failed. `before` is
    /// [the same message](Envelope::is_same_message) as when it was dispatched. A message whose
    /// root dispatch failed is dropped and not heard of again.
    fn released(&self, _dispatch: &Dispatch<'_>) {}
}

/// A dispatch that has ended.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Dispatch<'a> {
    /// On which bus.
    pub bus: &'a BusName,
    /// The line that dispatched; for the second half of `sync://` the line that sent the message.
    pub caller: &'static Location<'static>,
    /// The message as it was dispatched.
    pub before: &'a Envelope,
    /// When it began. The dispatch around a nested one began before it.
    pub started_at: Instant,
    /// How long it took.
    pub duration: Duration,
    /// The message afterwards.
    pub result: Result<&'a Envelope, &'a DispatchError>,
}
