//! The messages that the suite sends.

use std::sync::Arc;

use messenger::codec::{Codec, JsonCodec};
use messenger::stamp::{DeliveryCountStamp, TransportMessageIdStamp};
use messenger::{Envelope, Message};
use serde::{Deserialize, Serialize};

/// A message that is known by its number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Numbered {
    pub(crate) number: u64,
}

impl Message for Numbered {
    const NAME: &'static str = r"Contract\Numbered";
}

/// A message of any size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Text {
    pub(crate) text: String,
}

impl Message for Text {
    const NAME: &'static str = r"Contract\Text";
}

/// A codec that knows the messages of the suite: the one that a fixture is given.
#[must_use]
pub fn codec() -> Arc<dyn Codec> {
    let mut codec = JsonCodec::default();
    codec.register::<Numbered>();
    codec.register::<Text>();
    Arc::new(codec)
}

pub(crate) fn message(number: u64) -> Envelope {
    Envelope::new(Numbered { number })
}

/// The numbers of received messages.
pub(crate) fn numbers(envelopes: &[Envelope]) -> Vec<u64> {
    envelopes.iter().map(number).collect()
}

/// The same, whatever their order.
pub(crate) fn sorted(envelopes: &[Envelope]) -> Vec<u64> {
    let mut numbers = numbers(envelopes);
    numbers.sort_unstable();
    numbers
}

pub(crate) fn number(envelope: &Envelope) -> u64 {
    envelope.message::<Numbered>().expect("a message of the suite").number
}

/// How often the message was delivered, this time included, if the transport says so.
pub(crate) fn deliveries(envelope: &Envelope) -> Option<u32> {
    envelope.last::<DeliveryCountStamp>().map(|stamp| stamp.deliveries)
}

/// The id that the transport gave.
pub(crate) fn id(envelope: &Envelope) -> String {
    envelope.last::<TransportMessageIdStamp>().expect("an id").text()
}
