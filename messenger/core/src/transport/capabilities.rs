//! What a transport can do, in one place.

use std::fmt;

use super::{Delivery, Transport};
use crate::context::Scope;

/// What a transport can do. It is read from its types and cannot be claimed:
///
/// ```
/// use messenger::clock::Clock;
/// use messenger::transport::{Capabilities, InMemoryTransport};
///
/// let queue = InMemoryTransport::new(Clock::System, None);
/// let can = Capabilities::of::<()>(&queue);
/// assert!(can.list && can.delay && !can.transactions);
/// assert_eq!(can.to_string(), "receive, delay, count, list, claim by id, remove by id");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "each is one word of a list")]
pub struct Capabilities {
    /// Messages wait in it until a worker takes them.
    pub receive: bool,
    /// Sending and rejecting join the transaction of the scope.
    pub transactions: bool,
    /// A [`DelayStamp`](crate::stamp::DelayStamp) is obeyed.
    pub delay: bool,
    /// Messages can be more urgent than others.
    pub priorities: bool,
    /// A claim ends after some time unless it is renewed.
    pub leases: bool,
    /// Deliveries to workers that vanish are counted.
    pub deliveries: bool,
    /// It has several queues, and a worker may name those it reads.
    pub queues: bool,
    /// Its messages can be counted.
    pub count: bool,
    /// Its messages can be listed and found without claiming them.
    pub list: bool,
    /// One message can be claimed by its id.
    pub claim_by_id: bool,
    /// One message can be removed by its id.
    pub remove_by_id: bool,
}

impl Capabilities {
    /// What this transport can do.
    #[must_use]
    pub fn of<S: Scope>(transport: &dyn Transport<S>) -> Self {
        let (sender, receiver) = (transport.sender(), transport.receiver());
        Self {
            receive: receiver.is_some(),
            transactions: sender.delivery() == Delivery::WithTransaction,
            delay: sender.supports_delay(),
            priorities: sender.supports_priorities(),
            leases: receiver.is_some_and(|receiver| receiver.lease().is_some()),
            deliveries: receiver.is_some_and(super::Receiver::counts_deliveries),
            queues: receiver.is_some_and(super::Receiver::supports_queues),
            count: receiver.is_some_and(|receiver| receiver.message_count().is_some()),
            list: receiver.is_some_and(|receiver| receiver.listable().is_some()),
            claim_by_id: receiver.is_some_and(|receiver| receiver.claimable().is_some()),
            remove_by_id: receiver.is_some_and(|receiver| receiver.removable().is_some()),
        }
    }

    /// Each capability in a word or two, and whether the transport has it.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, bool)> + use<> {
        [
            ("receive", self.receive),
            ("transactions", self.transactions),
            ("delay", self.delay),
            ("priorities", self.priorities),
            ("leases", self.leases),
            ("count deliveries", self.deliveries),
            ("named queues", self.queues),
            ("count", self.count),
            ("list", self.list),
            ("claim by id", self.claim_by_id),
            ("remove by id", self.remove_by_id),
        ]
        .into_iter()
    }
}

/// What it can do, with commas.
impl fmt::Display for Capabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let can: Vec<_> = self.iter().filter(|(_, can)| *can).map(|(word, _)| word).collect();
        f.write_str(&can.join(", "))
    }
}
