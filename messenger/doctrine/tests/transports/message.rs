//! The messages that the tests send.

use messenger::stamp::TransportMessageIdStamp;
use messenger::{Envelope, Message};
use serde::{Deserialize, Serialize};

/// The message of the captures from PHP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AddPonkaToImage {
    pub(crate) image_post_id: u64,
}

impl Message for AddPonkaToImage {
    const NAME: &'static str = r"App\Message\AddPonkaToImage";
}

/// A message of any size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Note {
    pub(crate) text: String,
}

impl Message for Note {
    const NAME: &'static str = r"App\Message\Note";
}

pub(crate) fn ponka(image_post_id: u64) -> AddPonkaToImage {
    AddPonkaToImage { image_post_id }
}

/// The numbers of received messages.
pub(crate) fn numbers(envelopes: &[Envelope]) -> Vec<u64> {
    envelopes.iter().map(number).collect()
}

pub(crate) fn number(envelope: &Envelope) -> u64 {
    envelope.message::<AddPonkaToImage>().expect("an AddPonkaToImage").image_post_id
}

/// The id that the transport gave.
pub(crate) fn id(envelope: &Envelope) -> String {
    envelope.last::<TransportMessageIdStamp>().expect("an id").text()
}
