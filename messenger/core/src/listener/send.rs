//! Who is told before a message is sent.

use std::sync::Arc;

use crate::envelope::Envelope;

/// Is told before a message is sent to its transports, and may change it (Symfony's
/// `SendMessageToTransportsEvent`).
pub trait SendListener: Send + Sync + 'static {
    /// Gives the envelope to send. The transports are already chosen.
    fn before_send(&self, envelope: Envelope, transports: &[Arc<str>]) -> Envelope;
}
