//! Which bus a name means.

use super::{Bus, BusName};
use crate::context::Scope;
use crate::envelope::Envelope;
use crate::error::DispatchError;
use crate::messenger::Messenger;
use crate::stamp::BusNameStamp;

impl<S: Scope> Messenger<S> {
    /// The bus on which a received message is handled.
    pub(crate) fn bus_of(&self, envelope: &Envelope) -> BusName {
        let Some(stamp) = envelope.last::<BusNameStamp>() else { return self.default_bus() };
        let name = BusName::from(&*stamp.bus_name);
        match self.0.bus_aliases.get(name.as_str()) {
            Some(bus) if self.bus(&name).is_err() => bus.clone(),
            _ => name,
        }
    }

    /// The bus of this name.
    pub(crate) fn bus(&self, name: &BusName) -> Result<&Bus<S>, DispatchError> {
        self.0.buses.iter().find(|bus| bus.name == *name).ok_or_else(|| DispatchError::UnknownBus {
            name: name.to_string(),
            known: self.buses().map(BusName::as_str).collect::<Vec<_>>().join(", "),
        })
    }
}
