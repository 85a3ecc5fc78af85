//! Symfony's JSON serializer: one header a stamp class, the message as JSON body.
//!
//! The order of headers is Symfony's: `type`, the stamps in the order in which each class was
//! first added, `Content-Type`. See `Transport\Serialization\Serializer` there.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Codec, EncodeError, Encoded, KnownStamps, Undecodable};
use super::{decoding_failed, php_native, snake_case};
use crate::envelope::Envelope;
use crate::message::{AnyMessage, Message};
use crate::stamp::{Place, SerializedMessageStamp, Stamp, WireForm};

const STAMP_PREFIX: &str = "X-Message-Stamp-";
const CONTENT_TYPE: (&str, &str) = ("Content-Type", "application/json");

type BodyReader = fn(&[u8]) -> Result<Arc<dyn AnyMessage>, serde_json::Error>;

/// The default codec. It reads the messages and stamps that were registered with it.
#[derive(Clone, Default)]
pub struct JsonCodec {
    messages: HashMap<&'static str, BodyReader>,
    stamps: KnownStamps,
}

impl JsonCodec {
    /// Makes a message type readable.
    pub fn register<M: Message>(&mut self) {
        self.messages.insert(M::NAME, |body| Ok(Arc::new(serde_json::from_slice::<M>(body)?)));
    }

    /// The stamps that can be read; register those of the application here.
    pub fn stamps_mut(&mut self) -> &mut KnownStamps {
        &mut self.stamps
    }

    /// Whether this message type can be read.
    #[must_use]
    pub fn knows(&self, name: &str) -> bool {
        self.messages.contains_key(name)
    }

    fn read_message(&self, encoded: &Encoded) -> Result<Arc<dyn AnyMessage>, String> {
        let name =
            encoded.header("type").ok_or_else(|| match php_native::is_native(&encoded.body) {
                true => php_native::REASON,
                false => "the header \"type\" is missing",
            })?;
        let read = self.messages.get(name).ok_or_else(|| format!("unknown message {name:?}"))?;
        let body = read(&encoded.body).or_else(|error| {
            let converted = snake_case::to_camel_case(&encoded.body);
            converted.and_then(|body| read(&body).ok()).ok_or(error)
        });
        body.map_err(|error| format!("could not decode the body: {error}"))
    }

    /// What was received, found undecodable for this reason: for a codec around this one, which
    /// knows better what is wrong.
    #[must_use]
    pub fn refuse(&self, encoded: Encoded, reason: String) -> Envelope {
        self.envelope(encoded, Err(reason))
    }

    /// The message with the stamps of its headers.
    fn envelope(&self, encoded: Encoded, message: Result<Arc<dyn AnyMessage>, String>) -> Envelope {
        let mut reason = message.as_ref().err().cloned();
        let encoded = Arc::new(encoded);
        let mut envelope = match message {
            Ok(message) => Envelope::from_erased(message),
            Err(reason) => undecodable(&encoded, reason),
        };
        for (name, value) in &encoded.headers {
            if name == "type" || name == CONTENT_TYPE.0 {
                continue;
            }
            let problem;
            (envelope, problem) = self.read_header(envelope, name, value);
            reason = reason.or(problem);
        }
        if let (Some(reason), None) = (reason, envelope.undecodable()) {
            let stamps = envelope.erased_stamps().to_vec();
            envelope =
                stamps.into_iter().fold(undecodable(&encoded, reason), Envelope::with_erased);
        }
        envelope.with(SerializedMessageStamp { serialized_message: encoded.body.as_slice().into() })
    }

    /// Appends the stamps of one header, or says why it cannot.
    fn read_header(
        &self,
        envelope: Envelope,
        name: &str,
        value: &str,
    ) -> (Envelope, Option<String>) {
        let known = match name.strip_prefix(STAMP_PREFIX) {
            Some(class) => self.stamps.read_class(class, value),
            None => self.stamps.read_header(name, value),
        };
        match known {
            Some(Ok(stamps)) => (stamps.into_iter().fold(envelope, Envelope::with_erased), None),
            Some(Err(error)) => {
                let reason = format!("could not decode stamp {name}: {error}");
                (envelope.with(unread(name, value)), Some(reason))
            }
            None if name.starts_with(STAMP_PREFIX) => (envelope.with(unread(name, value)), None),
            None => {
                let (name, value) = (name.to_owned(), value.to_owned());
                (envelope.with(PassedOnHeader { name, value }), None)
            }
        }
    }
}

impl Codec for JsonCodec {
    fn encode(&self, envelope: &Envelope) -> Result<Encoded, EncodeError> {
        let mut headers = Headers::default();
        for stamp in envelope.erased_stamps() {
            headers.add(&**stamp)?;
        }
        let undecodable = envelope.undecodable();
        let kind = match undecodable {
            Some(undecodable) => undecodable.encoded.header("type"),
            None => Some(envelope.name()),
        };
        Ok(Encoded { body: body(envelope)?, headers: headers.finish(kind, undecodable) })
    }

    fn decode(&self, encoded: Encoded) -> Envelope {
        if let Some(original) = decoding_failed::original(&encoded) {
            // What happened to it since stands in the stamps around it.
            let stamps = encoded.headers.iter().filter(|(name, _)| name.starts_with(STAMP_PREFIX));
            return stamps.fold(self.decode(original), |envelope, (name, value)| {
                self.read_header(envelope, name, value).0
            });
        }
        let message = self.read_message(&encoded);
        self.envelope(encoded, message)
    }
}

fn undecodable(encoded: &Arc<Encoded>, reason: String) -> Envelope {
    let encoded = Arc::clone(encoded);
    Envelope::from_erased(Arc::new(Undecodable { encoded, reason }))
}

fn unread(header: &str, json: &str) -> RawStamp {
    RawStamp { header: header.to_owned(), json: json.to_owned() }
}

fn body(envelope: &Envelope) -> Result<Vec<u8>, EncodeError> {
    if let Some(received) = envelope.last::<SerializedMessageStamp>() {
        return Ok(received.serialized_message.to_vec());
    }
    let body = envelope.erased_message().encode();
    body.map(String::into_bytes)
        .map_err(|source| EncodeError { what: envelope.name().to_owned(), source })
}

/// A stamp from outside that this side does not know or cannot read: it travels on untouched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawStamp {
    /// The whole header name.
    pub header: String,
    /// The header's value.
    pub json: String,
}

impl Stamp for RawStamp {}

/// A header from outside that is no stamp: it travels on untouched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassedOnHeader {
    /// The header's name.
    pub name: String,
    /// The header's value.
    pub value: String,
}

impl Stamp for PassedOnHeader {}

/// The headers of a message that is being written.
#[derive(Default)]
struct Headers(Vec<(String, String)>);

impl Headers {
    fn add(&mut self, stamp: &dyn crate::stamp::AnyStamp) -> Result<(), EncodeError> {
        let any: &dyn std::any::Any = stamp;
        if let Some(raw) = any.downcast_ref::<RawStamp>() {
            self.set(&raw.header, raw.json.clone());
        } else if let Some(PassedOnHeader { name, value }) = any.downcast_ref() {
            self.set(name, value.clone());
        } else if let Some(WireForm { place, json }) = stamp.wire() {
            let json = json.map_err(|source| EncodeError { what: format!("{stamp:?}"), source })?;
            match place {
                Place::Symfony(class) => self.append(class, &json),
                Place::Header(name) => self.set(name, json),
            }
        }
        Ok(())
    }

    fn set(&mut self, name: &str, value: String) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    /// Adds a stamp to the list of its class. A header from outside that is no list stays as it
    /// came: nothing can be added to it.
    fn append(&mut self, class: &str, json: &str) {
        let listed =
            self.0.iter_mut().find(|(name, _)| name.strip_prefix(STAMP_PREFIX) == Some(class));
        let Some((_, list)) = listed else {
            self.0.push((format!("{STAMP_PREFIX}{class}"), format!("[{json}]")));
            return;
        };
        let end = list.trim_end().len();
        if end < 2 || !list.starts_with('[') || !list[..end].ends_with(']') {
            return;
        }
        list.truncate(end - 1);
        let comma = if list.len() == 1 { "" } else { "," };
        list.extend([comma, json, "]"]);
    }

    fn finish(self, kind: Option<&str>, received: Option<&Undecodable>) -> Vec<(String, String)> {
        let content_type = match received {
            Some(received) => received.encoded.header(CONTENT_TYPE.0),
            None => Some(CONTENT_TYPE.1),
        };
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let kind = kind.map(|kind| pair("type", kind));
        let content_type = content_type.map(|value| pair(CONTENT_TYPE.0, value));
        kind.into_iter().chain(self.0).chain(content_type).collect()
    }
}

impl std::fmt::Debug for JsonCodec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JsonCodec").field("messages", &self.messages.keys()).finish()
    }
}
