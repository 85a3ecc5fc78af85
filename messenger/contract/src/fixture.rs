//! What the suite has to know of a transport.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use messenger::codec::Codec;
use messenger::transport::Transport;
use messenger::{Envelope, Scope, TransportError};

use crate::time::Time;

/// The queue on which most cases work.
pub const QUEUE: &str = "default";

/// Another queue in the same place.
pub const OTHER_QUEUE: &str = "other";

/// A transport under test. One is made for each case, and its queues are empty.
pub trait Fixture: Send + Sync + 'static {
    /// The scope of the messenger: `()`, or one with a unit of work in it.
    type Scope: Scope;

    /// Opens [`QUEUE`] or [`OTHER_QUEUE`] as a process of its own would, with connections of its
    /// own. Who opens the same queue twice gets two rivals for the same messages. Messages are
    /// written with this codec, which knows those of the suite.
    ///
    /// # Errors
    /// When it cannot be opened: the case fails.
    fn open(
        &self,
        queue: &str,
        codec: Arc<dyn Codec>,
    ) -> impl Future<Output = Result<Arc<dyn Transport<Self::Scope>>, TransportError>> + Send;

    /// A new scope.
    fn scope(&self) -> Self::Scope;

    /// How time passes for the transport.
    fn time(&self) -> Time;

    /// Cuts off the transport that was opened first, as if its process had died; says whether that
    /// was done. For transports whose claims end with their connection: where a lease ends with
    /// time alone, nothing is to be done here.
    fn cut_off(&self) -> impl Future<Output = bool> + Send {
        std::future::ready(false)
    }

    /// The message with this priority, the highest being the most urgent; `None` if the transport
    /// knows none.
    fn prioritized(&self, _envelope: Envelope, _priority: u8) -> Option<Envelope> {
        None
    }

    /// Clears up after the case, whether it passed or not, when its transports are dropped: deletes
    /// queues, for example.
    fn finish(&self) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }

    /// The largest body that the transport has to take, in bytes.
    fn largest_body(&self) -> usize {
        5_000_000
    }
}

/// Why a case does not apply: the transport cannot do what it is about, or cannot be reached here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped(String);

impl Skipped {
    /// For this reason: `"there is no server"`.
    #[must_use]
    pub fn because(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
