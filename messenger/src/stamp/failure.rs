//! What went wrong with a message, and where it was set aside.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Place, Stamp, WireForm, WireStamp, symfony_stamps};

/// The message was moved to a failure transport.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SentToFailureTransportStamp {
    /// The transport on which it failed.
    pub original_receiver_name: String,
}

/// An error that a message met. Two stamps are equal if class, code and text are.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorDetailsStamp {
    /// The error's type.
    pub exception_class: String,
    /// A number or a text; 0 where there is none.
    pub exception_code: Value,
    /// The error's text, its causes included.
    pub exception_message: String,
    /// Symfony's flattened exception with its trace; `null` for errors of ours.
    pub flatten_exception: Value,
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
    const PLACE: Place = Place::Header("X-Ponka-History-Left-Out");
}

/// Should this message be rejected, it is dropped instead of being kept in the failure
/// transport. Symfony has no such stamp: it travels in a plain header, which PHP ignores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoNotKeepOnFailureStamp;

impl Stamp for DoNotKeepOnFailureStamp {
    fn wire(&self) -> Option<WireForm> {
        WireForm::of(self)
    }
}

impl WireStamp for DoNotKeepOnFailureStamp {
    const PLACE: Place = Place::Header("X-Ponka-Do-Not-Keep-On-Failure");
}
