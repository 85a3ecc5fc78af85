//! What a builder refuses, because it could not work.

use std::any::TypeId;
use std::collections::HashMap;

use super::MessengerBuilder;
use crate::bus::{BusName, SendersLocator};
use crate::config::DEFAULT_BUS;
use crate::context::{HELD_BACK, Scope};

impl<S: Scope> MessengerBuilder<S> {
    pub(crate) fn chosen_default_bus(&self, problems: &mut Vec<String>) -> BusName {
        let first = self.buses.first().map(|bus| bus.name.clone());
        let Some(first) = first else {
            problems.push("there is no bus".to_owned());
            return BusName::new(DEFAULT_BUS);
        };
        let Some(wanted) = self.default_bus.clone() else { return first };
        if !self.buses.iter().any(|bus| bus.name == wanted) {
            problems.push(format!("default_bus: there is no bus \"{wanted}\""));
        }
        wanted
    }

    /// Other names of buses, which messages from outside may carry. The only bus of a Symfony that
    /// names none means the default bus here, unless something else is called so.
    pub(crate) fn bus_aliases(&self, default_bus: &BusName) -> HashMap<String, BusName> {
        let mut aliases = HashMap::from([(DEFAULT_BUS.to_owned(), default_bus.clone())]);
        for bus in &self.buses {
            aliases.extend(bus.aliases.iter().map(|alias| (alias.clone(), bus.name.clone())));
        }
        aliases
    }

    pub(crate) fn check_messages(&self, problems: &mut Vec<String>) {
        let mut seen: HashMap<&str, TypeId> = HashMap::new();
        for message in self.known_messages() {
            let first = *seen.entry(message.name).or_insert(message.type_id);
            if first != message.type_id {
                problems.push(format!("two message types share the name {:?}", message.name));
            }
        }
        let queries =
            self.buses.iter().filter(|bus| bus.never_routed).flat_map(|bus| &bus.messages);
        let senders = SendersLocator::new(self.routes.clone());
        for query in queries {
            if !senders.routed(query.name, query.interfaces).is_empty() {
                problems.push(format!(
                    "routing: {:?} is a query; its answer is needed at once, so it cannot be routed",
                    query.name
                ));
            }
        }
    }

    pub(crate) fn check_data(&self, problems: &mut Vec<String>) {
        for (handler, need) in self.buses.iter().flat_map(|bus| &bus.needs) {
            if !self.data.has(need) {
                let name = need.name;
                problems
                    .push(format!("{handler} takes Data<{name}>, which was not given: .data(…)"));
            }
        }
    }

    pub(crate) fn check_transports(&self, problems: &mut Vec<String>) {
        let known = || self.transports.keys().cloned().collect::<Vec<_>>().join(", ");
        for route in &self.routes {
            for sender in
                route.senders.iter().filter(|name| !self.transports.contains_key(&***name))
            {
                problems.push(format!(
                    "routing: \"{}\" names the unknown transport \"{sender}\"; known transports: {}",
                    route.pattern,
                    known()
                ));
            }
        }
        if self.transports.contains_key(HELD_BACK) {
            problems.push(format!("transport \"{HELD_BACK}\": this name means the outbox"));
        }
        let own = self.transports.iter();
        let own = own.map(|(name, configured)| (name.as_str(), &configured.failure_transport));
        for (name, failure) in own.chain([(HELD_BACK, &self.held_back_failure_transport)]) {
            let Some(failure) = self.failure_transport_of(failure) else { continue };
            if !self.transports.contains_key(failure) {
                problems.push(format!(
                    "transport \"{name}\": failure_transport names the unknown transport \"{failure}\"; known transports: {}",
                    known()
                ));
            }
        }
    }
}
