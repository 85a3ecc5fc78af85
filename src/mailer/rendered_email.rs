//! A mail as it is delivered.

use lettre::address::Envelope;
use uuid::Uuid;

/// A mail as it is delivered: every byte is decided.
#[derive(Debug, Clone)]
pub struct RenderedEmail {
    /// The mail's own id.
    pub id: Uuid,
    /// What it is about.
    pub subject: String,
    /// Who sends it, and who really gets it.
    pub envelope: Envelope,
    /// Headers and body, lines ended with CR LF.
    pub message: Vec<u8>,
}

impl RenderedEmail {
    /// The addresses that get it, for people.
    #[must_use]
    pub fn recipients(&self) -> String {
        let addresses: Vec<_> = self.envelope.to().iter().map(ToString::to_string).collect();
        addresses.join(", ")
    }
}
