//! What went wrong with a message, and where it was set aside.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Place, Stamp, WireForm, WireStamp, symfony_stamps};

/// The message was moved to a failure transport.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SentToFailureTransportStamp {
    /// The transport on which it failed.
    #[serde(alias = "original_receiver_name")]
    pub original_receiver_name: String,
}

/// An error that a message met. Two stamps are equal if class, code and text are.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorDetailsStamp {
    /// The error's type.
    #[serde(alias = "exception_class")]
    pub exception_class: String,
    /// A number or a text; 0 where there is none.
    #[serde(alias = "exception_code")]
    pub exception_code: Value,
    /// The error's text, its causes included.
    #[serde(alias = "exception_message")]
    pub exception_message: String,
    /// Symfony's flattened exception with its trace; `null` for errors of ours.
    #[serde(alias = "flatten_exception")]
    pub flatten_exception: Value,
}

/// Without Symfony's flattened exception, whose trace fills pages.
impl fmt::Debug for ErrorDetailsStamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flattened = if self.flatten_exception.is_null() { "Null" } else { "…" };
        f.debug_struct("ErrorDetailsStamp")
            .field("exception_class", &self.exception_class)
            .field("exception_code", &self.exception_code)
            .field("exception_message", &self.exception_message)
            .field("flatten_exception", &format_args!("{flattened}"))
            .finish()
    }
}

impl ErrorDetailsStamp {
    /// Details of an error of ours.
    pub fn new(class: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            exception_class: class.into(),
            exception_code: Value::from(0),
            exception_message: message.into(),
            flatten_exception: Value::Null,
        }
    }
}

impl PartialEq for ErrorDetailsStamp {
    fn eq(&self, other: &Self) -> bool {
        self.exception_class == other.exception_class
            && self.exception_code == other.exception_code
            && self.exception_message == other.exception_message
    }
}

symfony_stamps!(SentToFailureTransportStamp, ErrorDetailsStamp);

/// So many entries of the message's history were left out: of a long one, only the first and the
/// newest are kept. Symfony leaves them out too, without a word; this travels in a plain header,
/// which PHP ignores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryLeftOutStamp {
    /// How often the message failed without a trace of that being kept.
    pub failures: u32,
}

impl Stamp for HistoryLeftOutStamp {
    fn wire(&self) -> Option<WireForm> {
        WireForm::of(self)
    }
}

impl WireStamp for HistoryLeftOutStamp {
    const PLACE: Place = Place::Header("X-Messenger-History-Left-Out");
}

/// Should this message be rejected, it is dropped instead of being kept in the failure
/// transport. Symfony has no such stamp: it travels in the context of one that Symfony has, so that
/// it is still there when PHP has tried the message and sends it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DoNotKeepOnFailureStamp;

/// The stamp in whose context it travels.
pub(crate) const SERIALIZER_STAMP: &str = r"Symfony\Component\Messenger\Stamp\SerializerStamp";

impl DoNotKeepOnFailureStamp {
    pub(crate) const JSON: &str = r#"{"context":{"messenger_do_not_keep_on_failure":true}}"#;
    /// As earlier versions wrote it.
    pub(crate) const EARLIER_JSON: &str = r#"{"context":{"ponka_do_not_keep_on_failure":true}}"#;
}

impl Stamp for DoNotKeepOnFailureStamp {
    fn wire(&self) -> Option<WireForm> {
        let place = Place::Symfony(SERIALIZER_STAMP);
        Some(WireForm { place, json: Ok(Self::JSON.to_owned()) })
    }
}
