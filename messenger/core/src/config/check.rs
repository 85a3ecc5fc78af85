//! What a file must say as a whole: the names it uses exist, and the buses agree.

use super::{
    DEFAULT_BUS, MessengerConfig,
    located::{Located, Origin},
    problem::{Problem, Problems},
};

/// The names a file gives, those whose own configuration is wrong included.
pub(super) struct Names {
    pub(super) buses: Vec<String>,
    pub(super) transports: Vec<String>,
}

/// Notes every name that is used and not given.
pub(super) fn check(config: &MessengerConfig, known: &Names, problems: &Problems) {
    default_bus(config, known, problems);
    bus_aliases(config, known, problems);
    let own = config.transports.iter().filter_map(|one| one.failure_transport.name());
    let senders = config.routing.iter().flat_map(|route| &route.senders);
    for name in config.failure_transport.iter().chain(own).chain(senders) {
        name_is_known(name, "transport", &known.transports, problems);
    }
}

fn default_bus(config: &MessengerConfig, known: &Names, problems: &Problems) {
    match &config.default_bus {
        Some(name) if known.buses.is_empty() => {
            name_is_known(name, "bus", &[DEFAULT_BUS.to_owned()], problems);
        }
        Some(name) => name_is_known(name, "bus", &known.buses, problems),
        None if known.buses.len() > 1 => {
            let message = format!(
                "default_bus is missing and there is more than one bus; allowed: {}",
                known.buses.join(", "),
            );
            let file = config.buses.first().and_then(|bus| bus.name.origin.file.clone());
            problems.add(Problem::new(&Origin { file, ..Origin::none() }, message));
        }
        None => {}
    }
}

/// A name must mean one bus.
fn bus_aliases(config: &MessengerConfig, known: &Names, problems: &Problems) {
    let mut taken = known.buses.clone();
    for alias in config.buses.iter().flat_map(|bus| &bus.aliases) {
        if taken.contains(&alias.value) {
            let message = format!("{:?} is a bus or the alias of one already", alias.value);
            problems.add(Problem::new(&alias.origin, message));
        }
        taken.push(alias.value.clone());
    }
}

fn name_is_known(name: &Located<String>, kind: &str, known: &[String], problems: &Problems) {
    if !known.contains(&name.value) {
        problems.add(Problem::unknown(name, kind, known.iter().map(String::as_str)));
    }
}
