//! Where a message goes and where it came from.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Stamp, symfony_stamps};

/// The bus on which the message was first dispatched; a worker handles it there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BusNameStamp {
    /// For example `command.bus`.
    #[serde(alias = "bus_name")]
    pub bus_name: Arc<str>,
}

/// Sends the message to exactly these transports, whatever the routing says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TransportNamesStamp {
    /// Names from the configuration. An empty list means "handle it here".
    #[serde(alias = "transport_names")]
    pub transport_names: Vec<String>,
}

impl TransportNamesStamp {
    /// A stamp that names these transports.
    pub fn new<N: Into<String>>(names: impl IntoIterator<Item = N>) -> Self {
        Self { transport_names: names.into_iter().map(Into::into).collect() }
    }
}

symfony_stamps!(BusNameStamp, TransportNamesStamp);

/// The message was given to this sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentStamp {
    /// What kind of sender it was, for example `DoctrineTransport`.
    pub sender_class: &'static str,
    /// The transport's name in the configuration.
    pub sender_alias: Arc<str>,
}

impl Stamp for SentStamp {}

/// The message came from this transport; it is never sent again by a bus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedStamp {
    /// The transport's name in the configuration.
    pub transport_name: Arc<str>,
}

impl Stamp for ReceivedStamp {}
