//! When a message is delivered, and how often it was.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, FixedOffset, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Stamp, symfony_stamps};

/// The message becomes available no sooner than after this delay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelayStamp {
    /// Milliseconds; negative means "already due".
    pub delay: i64,
}

impl DelayStamp {
    /// A delay in milliseconds.
    #[must_use]
    pub const fn millis(delay: i64) -> Self {
        Self { delay }
    }

    /// A delay of this length, cut to whole milliseconds.
    #[must_use]
    pub fn delay_for(delay: Duration) -> Self {
        Self { delay: i64::try_from(delay.as_millis()).unwrap_or(i64::MAX) }
    }

    /// The delay from `now` until `due`; negative if that is in the past.
    #[must_use]
    pub fn delay_until(due: DateTime<Utc>, now: DateTime<Utc>) -> Self {
        Self { delay: (due - now).num_milliseconds() }
    }
}

/// The message was sent again after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RedeliveryStamp {
    /// How many retries there have been, this one included; 0 when the message entered the
    /// failure transport.
    #[serde(alias = "retry_count")]
    pub retry_count: u32,
    /// When it was sent again; whole seconds, written with the offset it was made with.
    #[serde(alias = "redelivered_at", with = "php_date")]
    pub redelivered_at: DateTime<FixedOffset>,
}

/// The id that a transport gave to the message: a row id, a stream id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransportMessageIdStamp {
    /// A number or a text.
    pub id: Value,
}

impl TransportMessageIdStamp {
    /// The id as text, the form in which commands take it.
    #[must_use]
    pub fn text(&self) -> String {
        match &self.id {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }
    }
}

symfony_stamps!(DelayStamp, RedeliveryStamp, TransportMessageIdStamp);

/// Send the message to this queue of the transport rather than to its own: where a retry came
/// from. It does not travel; which queue a message is in, the transport knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueNameStamp {
    /// The queue.
    pub queue_name: String,
}

impl Stamp for QueueNameStamp {}

/// Where a message stands in its queue at the moment it is listed. It does not travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueStateStamp {
    /// How long until it is due; zero if it is.
    pub due_in: Duration,
    /// Whether somebody holds it.
    pub held: bool,
}

impl Stamp for QueueStateStamp {}

/// The body as it came from the transport; it is sent on byte for byte.
#[derive(Debug, Clone)]
pub struct SerializedMessageStamp {
    /// The untouched bytes.
    pub serialized_message: Arc<[u8]>,
}

impl Stamp for SerializedMessageStamp {}

/// Dates as Symfony's serializer writes them: `DATE_RFC3339`, whole seconds and a numeric offset,
/// never `Z`. One that is configured otherwise (`datetime_format`) is understood where its format is
/// a usual one; without an offset it is UTC.
mod php_date {
    use chrono::{DateTime, FixedOffset, NaiveDateTime};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use serde_json::Value;

    const WITH_OFFSET: [&str; 2] = ["%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%d %H:%M:%S%.f%z"];
    const WITHOUT: [&str; 2] = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"];

    pub(super) fn serialize<S: Serializer>(
        date: &DateTime<FixedOffset>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&date.format("%Y-%m-%dT%H:%M:%S%:z"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<DateTime<FixedOffset>, D::Error> {
        let date = Value::deserialize(deserializer)?;
        let text = date.as_str().map_or_else(|| date.to_string(), str::to_owned);
        parse(&text).ok_or_else(|| {
            D::Error::custom(format!(
                "{date} is no date of a known form; is there a datetime_format in the serializer of \
                 the other application? Without one it can be read"
            ))
        })
    }

    fn parse(text: &str) -> Option<DateTime<FixedOffset>> {
        let timestamp =
            || DateTime::from_timestamp(text.parse().ok()?, 0).map(|at| at.fixed_offset());
        let mut with_offset = WITH_OFFSET.iter();
        let mut without = WITHOUT.iter();
        DateTime::parse_from_rfc3339(text)
            .or_else(|_| DateTime::parse_from_rfc2822(text))
            .ok()
            .or_else(|| with_offset.find_map(|form| DateTime::parse_from_str(text, form).ok()))
            .or_else(|| {
                without.find_map(|form| {
                    let naive = NaiveDateTime::parse_from_str(text, form).ok()?;
                    Some(naive.and_utc().fixed_offset())
                })
            })
            .or_else(timestamp)
    }
}
