//! Claims: which rows this process holds, and what proves it.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use super::transport::lock;
use messenger::Envelope;
use messenger::stamp::{DeliveryCountStamp, Stamp};

/// A claim on a row: its id, and what `delivered_at` said when this process claimed or found it.
pub(super) type Claim = (i64, Option<String>);

/// Ids as a list for SQL.
pub(super) fn list(ids: &[i64]) -> String {
    ids.iter().map(i64::to_string).collect::<Vec<_>>().join(",")
}

/// Claims of one fetch share a lease: they are settled in one statement.
pub(super) fn by_lease(claims: &[Claim]) -> Vec<(Option<&str>, Vec<i64>)> {
    let mut groups: Vec<(Option<&str>, Vec<i64>)> = Vec::new();
    for (id, lease) in claims {
        let lease = lease.as_deref();
        match groups.iter_mut().find(|(known, _)| *known == lease) {
            Some((_, ids)) => ids.push(*id),
            None => groups.push((lease, vec![*id])),
        }
    }
    groups
}

/// This process holds the row: its id, its queue, and the lease, which a renewal replaces.
#[derive(Debug, Clone)]
pub(super) struct DoctrineReceivedStamp {
    pub(super) id: i64,
    /// The queue in which it stands.
    pub(super) queue: String,
    pub(super) lease: Arc<Mutex<Option<String>>>,
    /// A renewal found that somebody else has it now.
    pub(super) lost: Arc<AtomicBool>,
    /// It was acknowledged once, and nobody knows whether that is committed.
    pub(super) perhaps_done: Arc<AtomicBool>,
}

impl Stamp for DoctrineReceivedStamp {}

/// What proves that these messages are ours.
pub(super) fn stamps(envelopes: &[Envelope]) -> impl Iterator<Item = &DoctrineReceivedStamp> {
    envelopes.iter().filter_map(Envelope::last)
}

/// The claims behind received envelopes.
pub(super) fn claims(envelopes: &[Envelope]) -> Vec<Claim> {
    stamps(envelopes).map(|stamp| (stamp.id, lock(&stamp.lease).clone())).collect()
}

/// The ids of messages that were delivered more than once.
pub(super) fn redelivered(envelopes: &[Envelope]) -> Vec<i64> {
    let again = envelopes.iter().filter(|envelope| envelope.has::<DeliveryCountStamp>());
    again.filter_map(|envelope| Some(envelope.last::<DoctrineReceivedStamp>()?.id)).collect()
}
