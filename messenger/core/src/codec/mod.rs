//! Codecs: how an envelope becomes bytes and headers, and comes back.

mod decoding_failed;
mod json;
mod known_stamps;
pub(crate) mod php_json;
mod php_native;
mod serializer_stamp;
mod snake_case;
mod undecodable;

use thiserror::Error;

use crate::envelope::Envelope;

pub use json::{JsonCodec, PassedOnHeader, RawStamp};
pub use known_stamps::KnownStamps;
pub use undecodable::Undecodable;

/// The header that holds what should have been the headers and is not.
const UNREADABLE: &str = "X-Messenger-Unreadable-Headers";
/// Its name in earlier versions.
const EARLIER_UNREADABLE: &str = "X-Ponka-Unreadable-Headers";

/// A queued message as a transport stores it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Encoded {
    /// The body.
    pub body: Vec<u8>,
    /// Name and value, in the order in which they were written.
    pub headers: Vec<(String, String)>,
}

impl Encoded {
    /// The value of a header; names are case-sensitive, as in Symfony.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The headers as one JSON object, the form in which tables and streams keep them.
    #[must_use]
    pub fn headers_json(&self) -> String {
        if let [(name, unreadable)] = self.headers.as_slice()
            && (name == UNREADABLE || name == EARLIER_UNREADABLE)
        {
            return unreadable.clone();
        }
        php_json::object(&self.headers)
    }

    /// Reads headers kept as one JSON object. Anything else (PHP's native serializer writes `[]`)
    /// is kept whole in one header, so that the message is found undecodable rather than lost.
    #[must_use]
    pub fn with_headers_json(body: Vec<u8>, headers: &str) -> Self {
        type Map = serde_json::Map<String, serde_json::Value>;
        let Ok(map) = serde_json::from_str::<Map>(headers) else {
            return Self { body, headers: vec![(UNREADABLE.to_owned(), headers.to_owned())] };
        };
        let headers = map.into_iter().map(|(name, value)| match value {
            serde_json::Value::String(text) => (name, text),
            other => (name, other.to_string()),
        });
        Self { body, headers: headers.collect() }
    }
}

/// Turns envelopes into queued messages and back.
pub trait Codec: std::fmt::Debug + Send + Sync + 'static {
    /// Writes the message and every stamp that travels.
    ///
    /// # Errors
    /// When the message or a stamp cannot be written.
    fn encode(&self, envelope: &Envelope) -> Result<Encoded, EncodeError>;

    /// Reads a message. What cannot be read becomes an envelope around an [`Undecodable`], which
    /// keeps every byte, so that the worker can set it aside and go on.
    fn decode(&self, encoded: Encoded) -> Envelope;
}

/// A message or a stamp could not be written.
#[derive(Debug, Error)]
#[error("could not encode {what}")]
#[non_exhaustive]
pub struct EncodeError {
    /// The message or the stamp.
    pub what: String,
    /// Why.
    #[source]
    pub source: serde_json::Error,
}
