//! Messages from systems that know nothing of our classes: a header `type: emoji`, a body
//! `{"emoji": 2}`.

use messenger::codec::{Codec, EncodeError, Encoded, JsonCodec};
use messenger::stamp::BusNameStamp;
use messenger::{Envelope, Message};
use serde::Deserialize;

use crate::message::COMMAND_BUS;
use crate::message::command::LogEmoji;
use crate::middleware::UniqueIdStamp;

/// Reads messages from outside. What it writes (a retry, a copy for the failure transport) is in
/// the application's own form, which it reads as well.
#[derive(Debug, Clone)]
pub struct ExternalJson {
    own: JsonCodec,
}

#[derive(Deserialize)]
struct Emoji {
    emoji: i64,
}

impl ExternalJson {
    /// A codec for these messages.
    #[must_use]
    pub fn new() -> Self {
        let mut own = JsonCodec::default();
        own.register::<LogEmoji>();
        own.stamps_mut().register::<UniqueIdStamp>();
        Self { own }
    }
}

impl Default for ExternalJson {
    fn default() -> Self {
        Self::new()
    }
}

impl Codec for ExternalJson {
    fn encode(&self, envelope: &Envelope) -> Result<Encoded, EncodeError> {
        self.own.encode(envelope)
    }

    fn decode(&self, mut encoded: Encoded) -> Envelope {
        if encoded.header("type") != Some("emoji") {
            return self.own.decode(encoded);
        }
        let Emoji { emoji } = match serde_json::from_slice(&encoded.body) {
            Ok(body) => body,
            Err(error) => {
                return self.own.refuse(encoded, format!("could not decode the body: {error}"));
            }
        };
        encoded.body = serde_json::json!({ "emojiIndex": emoji }).to_string().into_bytes();
        for (name, value) in &mut encoded.headers {
            if name == "type" {
                LogEmoji::NAME.clone_into(value);
            }
        }
        self.own.decode(encoded).with(BusNameStamp { bus_name: COMMAND_BUS.as_str().into() })
    }
}
