//! What happened to a message inside a bus.

use std::any::Any;
use std::fmt::Debug;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::{Stamp, symfony_stamps};

/// A handler has handled the message. The stamp travels with a retry, so that only the handlers
/// that have not succeeded run again.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HandledStamp {
    /// What the handler returned.
    pub result: HandledResult,
    /// The handler's name, see [`Handler::name`](crate::Handler::name).
    #[serde(alias = "handler_name")]
    pub handler_name: Arc<str>,
}

symfony_stamps!(HandledStamp);

/// What a handler returned: a typed value here, JSON after a journey.
#[derive(Clone)]
pub struct HandledResult(Arc<dyn AnyResult>);

impl HandledResult {
    pub(crate) fn new<T: Serialize + Send + Sync + 'static>(value: T) -> Self {
        Self(Arc::new(value))
    }

    /// The value, if it has this type and was returned in this process.
    #[must_use]
    pub fn get<T: 'static>(&self) -> Option<&T> {
        (&*self.0 as &dyn Any).downcast_ref()
    }

    /// The value as JSON; `null` if it cannot be written as JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        self.0.to_json()
    }
}

impl Debug for HandledResult {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.to_json().fmt(f)
    }
}

impl Serialize for HandledResult {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for HandledResult {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self::new)
    }
}

trait AnyResult: Any + Send + Sync {
    fn to_json(&self) -> Value;
}

impl<T: Serialize + Send + Sync + 'static> AnyResult for T {
    fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or(Value::Null)
    }
}

/// Wait with this message until the root dispatch, its transaction included, has succeeded.
#[derive(Debug, Clone, Copy)]
pub struct DispatchAfterCurrentBusStamp;

impl Stamp for DispatchAfterCurrentBusStamp {}

/// A worker is handling the message.
#[derive(Debug, Clone, Copy)]
pub struct ConsumedByWorkerStamp;

impl Stamp for ConsumedByWorkerStamp {}

/// How often the message was delivered, if somebody claimed it before and vanished with it.
///
/// The transport attaches it when the message is claimed, if it
/// [counts](crate::transport::Receiver::counts_deliveries): a first delivery carries 1 or no stamp. A
/// release does not count and resets nothing: only a lease that ended does, or a connection that
/// broke. The worker refuses what has more deliveries than allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeliveryCountStamp {
    /// Deliveries, this one included.
    pub deliveries: u32,
    /// With more than so many, the message is set aside instead of being handled. An option of the
    /// transport by this name, 3 unless it is set.
    pub max_deliveries: u32,
}

impl Stamp for DeliveryCountStamp {}
