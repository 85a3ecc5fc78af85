//! A message that came from outside and could not be read.

use std::sync::Arc;

use super::Encoded;
use crate::message::{AnyMessage, Interface};

/// What was received, byte for byte, and why it could not be read. It travels to the failure
/// transport as it came, and can be retried from there once this side can read it.
#[derive(Debug, Clone)]
pub struct Undecodable {
    /// The message as it was received.
    pub encoded: Arc<Encoded>,
    /// What was wrong with it.
    pub reason: String,
}

impl AnyMessage for Undecodable {
    fn name(&self) -> &str {
        self.encoded.header("type").unwrap_or("(undecodable)")
    }

    fn interfaces(&self) -> &'static [Interface] {
        &[]
    }

    fn encode(&self) -> Result<String, serde_json::Error> {
        // Never asked for: the envelope carries the received bytes in a SerializedMessageStamp.
        Ok(String::from_utf8_lossy(&self.encoded.body).into_owned())
    }
}
