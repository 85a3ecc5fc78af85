//! A stamp as it is shown to people.

use serde_json::Value;

use super::{SerializedMessageStamp, Stamp};

/// The name and the contents of a stamp.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StampDescription {
    /// The name of its type, for example `DelayStamp`.
    pub name: &'static str,
    /// What travels, as JSON; of a stamp that never leaves this process its debug text.
    pub contents: Value,
}

impl StampDescription {
    pub(super) fn of<S: Stamp>(stamp: &S) -> Self {
        Self { name: short_type_name::<S>(), contents: contents(stamp) }
    }
}

fn contents<S: Stamp>(stamp: &S) -> Value {
    let any: &dyn std::any::Any = stamp;
    if let Some(received) = any.downcast_ref::<SerializedMessageStamp>() {
        // The body itself is the message, which is shown beside it.
        return format!("{} bytes", received.serialized_message.len()).into();
    }
    let json = stamp.wire().and_then(|wire| wire.json.ok());
    let json = json.and_then(|json| serde_json::from_str(&json).ok());
    json.unwrap_or_else(|| format!("{stamp:?}").into())
}

/// The name of a type without its modules and parameters.
fn short_type_name<T>() -> &'static str {
    let name = std::any::type_name::<T>();
    let name = name.split('<').next().unwrap_or(name);
    name.rsplit("::").next().unwrap_or(name)
}
