//! The envelope: one message and its stamps.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use crate::codec::Undecodable;
use crate::message::{AnyMessage, Interface, Message};
use crate::stamp::{AnyStamp, Stamp, StampDescription};

/// A message and the stamps that say what is known about its journey. Cheap to clone.
///
/// Stamps are appended, never replaced: the last one of a type wins.
#[derive(Clone)]
pub struct Envelope {
    message: Arc<dyn AnyMessage>,
    stamps: Vec<Arc<dyn AnyStamp>>,
}

impl Envelope {
    /// Wraps a message without any stamp.
    pub fn new(message: impl Message) -> Self {
        Self::from_erased(Arc::new(message))
    }

    pub(crate) fn from_erased(message: Arc<dyn AnyMessage>) -> Self {
        Self { message, stamps: Vec::new() }
    }

    /// The same message with one more stamp.
    #[must_use]
    pub fn with(self, stamp: impl Stamp) -> Self {
        self.with_erased(Arc::new(stamp))
    }

    #[must_use]
    pub(crate) fn with_erased(mut self, stamp: Arc<dyn AnyStamp>) -> Self {
        self.stamps.push(stamp);
        self
    }

    /// The same message without any stamp of this type.
    #[must_use]
    pub fn without<S: Stamp>(mut self) -> Self {
        if self.has::<S>() {
            self.stamps.retain(|stamp| downcast::<S>(stamp).is_none());
        }
        self
    }

    /// The same message with only the first few stamps of this type.
    #[must_use]
    pub(crate) fn with_first<S: Stamp>(mut self, count: usize) -> Self {
        let mut seen = 0;
        self.stamps.retain(|stamp| {
            seen += usize::from(downcast::<S>(stamp).is_some());
            seen <= count || downcast::<S>(stamp).is_none()
        });
        self
    }

    /// The newest stamp of this type.
    #[must_use]
    pub fn last<S: Stamp>(&self) -> Option<&S> {
        self.stamps.iter().rev().find_map(downcast)
    }

    /// All stamps of this type, oldest first.
    pub fn all<S: Stamp>(&self) -> impl DoubleEndedIterator<Item = &S> {
        self.stamps.iter().filter_map(downcast)
    }

    /// Whether there is a stamp of this type.
    #[must_use]
    pub fn has<S: Stamp>(&self) -> bool {
        self.last::<S>().is_some()
    }

    /// The message, if it is of this type.
    #[must_use]
    pub fn message<M: Message>(&self) -> Option<&M> {
        (&*self.message as &dyn Any).downcast_ref()
    }

    /// Why the message could not be read, if it came from outside and could not.
    #[must_use]
    pub fn undecodable(&self) -> Option<&Undecodable> {
        (&*self.message as &dyn Any).downcast_ref()
    }

    /// The wire name of the message, for example `App\Message\AddFrameToImage`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.message.name()
    }

    /// The groups the message belongs to.
    #[must_use]
    pub fn interfaces(&self) -> &'static [Interface] {
        self.message.interfaces()
    }

    /// Whether the message belongs to this group.
    #[must_use]
    pub fn is(&self, interface: Interface) -> bool {
        self.interfaces().contains(&interface)
    }

    /// The message as JSON, to be shown; `null` if it could not be read.
    #[must_use]
    pub fn body(&self) -> serde_json::Value {
        let json = self.message.encode();
        json.ok().and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default()
    }

    /// The stamps with their names and contents, oldest first, to be shown; those that never
    /// leave this process as well.
    pub fn describe_stamps(&self) -> impl Iterator<Item = StampDescription> {
        self.stamps.iter().map(|stamp| stamp.describe())
    }

    /// The stamps as debug texts, oldest first.
    pub fn stamps(&self) -> impl Iterator<Item = String> {
        self.stamps.iter().map(|stamp| format!("{stamp:?}"))
    }

    /// The envelope as it would arrive elsewhere: without the stamps that do not travel.
    #[must_use]
    pub(crate) fn without_local_stamps(mut self) -> Self {
        self.stamps.retain(|stamp| stamp.travels());
        self
    }

    /// Whether both hold the very same message, whatever their stamps.
    #[must_use]
    pub fn is_same_message(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.message, &other.message)
    }

    pub(crate) fn erased_message(&self) -> &dyn AnyMessage {
        &*self.message
    }

    pub(crate) fn erased_stamps(&self) -> &[Arc<dyn AnyStamp>] {
        &self.stamps
    }

    /// Appends a stamp but keeps at most ten of its type: the first, and the newest nine.
    /// Symfony's rule for the history of retries (`SendFailedMessageForRetryListener`).
    #[must_use]
    pub(crate) fn with_limited_history<S: Stamp>(mut self, stamp: S) -> Self {
        const LIMIT: usize = 10;
        let held = self.all::<S>().count();
        let mut surplus = (held + 1).saturating_sub(LIMIT);
        let mut seen = 0;
        self.stamps.retain(|candidate| {
            if downcast::<S>(candidate).is_none() {
                return true;
            }
            seen += 1;
            let drop = seen > 1 && surplus > 0;
            surplus -= usize::from(drop);
            !drop
        });
        self.with(stamp)
    }
}

fn downcast<S: Stamp>(stamp: &Arc<dyn AnyStamp>) -> Option<&S> {
    (&**stamp as &dyn Any).downcast_ref()
}

impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Envelope")
            .field("message", &self.message)
            .field("stamps", &self.stamps)
            .finish()
    }
}

impl<M: Message> From<M> for Envelope {
    fn from(message: M) -> Self {
        Self::new(message)
    }
}
