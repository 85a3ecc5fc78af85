//! Messages that carry a text, and the ones that Symfony's captures hold.

use messenger::{Interface, Message, interfaces};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What may wait for a worker.
pub(crate) trait AsyncMessage {}

/// What is also written to the audit log.
pub(crate) trait Audited {}

/// A message with a text.
pub(crate) trait Text {
    fn text(&self) -> &str;
}

macro_rules! messages {
    ($($name:ident $(: $($marker:ident),+)? = $wire:literal;)+) => {$(
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub(crate) struct $name {
            pub(crate) text: String,
        }

        $($(impl $marker for $name {})+)?

        impl Message for $name {
            const NAME: &'static str = $wire;
            $(const INTERFACES: &'static [Interface] = interfaces![Self: $($marker),+];)?
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self { text: text.to_owned() }
            }
        }

        impl Text for $name {
            fn text(&self) -> &str {
                &self.text
            }
        }
    )+};
}

messages! {
    Command = r"App\Message\Command";
    Report: Audited = r"App\Message\Report";
    Welcome: AsyncMessage, Audited = r"App\Message\Sms\Welcome";
    Event = r"App\Event\Event";
    Other = r"App\Event\Other";
    Foreign = r"Vendor\Foreign";
    Global = "Global";
    Imitation = r"App\Message\Command";
}

/// The message of the captures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AddPonkaToImage {
    pub(crate) image_post_id: i64,
}

impl Message for AddPonkaToImage {
    const NAME: &'static str = r"App\Message\AddPonkaToImage";
}

/// The message of most of these tests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SmsNotification {
    pub(crate) content: String,
    pub(crate) user_id: i64,
}

impl Message for SmsNotification {
    const NAME: &'static str = r"App\Message\SmsNotification";
}

/// Any JSON as a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Payload {
    pub(crate) data: Value,
}

impl Message for Payload {
    const NAME: &'static str = r"App\Message\Payload";
}
