//! Symfony's `SerializerStamp`, in whose context a request of ours survives a retry by PHP.
//!
//! PHP drops every header that is no stamp when it sends a message again. A context with a key that
//! its serializer does not know changes nothing there, and is kept.

use std::sync::Arc;

use serde_json::Value;
use serde_json::value::RawValue;

use super::RawStamp;
use super::known_stamps::Stamps;
use crate::stamp::{AnyStamp, DoNotKeepOnFailureStamp, SERIALIZER_STAMP};

/// Reads the stamps of the header: ours, and before it what is not ours, as it came.
pub(super) fn read(json: &str) -> Stamps {
    let all: Vec<&RawValue> = serde_json::from_str(json).unwrap_or_default();
    let (ours, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|one| is_ours(one));
    if ours.is_empty() {
        return Ok(vec![Arc::new(raw(json.to_owned()))]);
    }
    let mut stamps: Vec<Arc<dyn AnyStamp>> = Vec::new();
    if !others.is_empty() {
        let others: Vec<_> = others.into_iter().map(RawValue::get).collect();
        stamps.push(Arc::new(raw(format!("[{}]", others.join(",")))));
    }
    stamps.push(Arc::new(DoNotKeepOnFailureStamp));
    Ok(stamps)
}

fn is_ours(stamp: &RawValue) -> bool {
    let read = |json: &str| serde_json::from_str::<Value>(json).ok();
    let found = read(stamp.get());
    [DoNotKeepOnFailureStamp::JSON, DoNotKeepOnFailureStamp::EARLIER_JSON]
        .into_iter()
        .any(|ours| found == read(ours))
}

fn raw(json: String) -> RawStamp {
    RawStamp { header: format!("X-Message-Stamp-{SERIALIZER_STAMP}"), json }
}
