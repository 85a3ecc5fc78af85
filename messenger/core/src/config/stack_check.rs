//! Middleware stacks that cannot work: out of order, at odds with another bus, a built-in twice.

use super::{
    BUILT_IN_AFTER, BUILT_IN_BEFORE, BusConfig, DISPATCH_AFTER_CURRENT_BUS, TRANSACTION_MIDDLEWARE,
    located::Located,
    problem::{Problem, Problems},
};

/// Notes what is wrong with the stacks, one by one and together.
pub(super) fn check(buses: &[BusConfig], problems: &Problems) {
    for bus in buses {
        check_order(bus, problems);
        check_built_in(bus, problems);
    }
    check_all_or_none(buses, problems);
}

/// Refuses an order in which a held-back message would run inside the transaction.
fn check_order(bus: &BusConfig, problems: &Problems) {
    let place = |name: &str| bus.middleware.iter().position(|other| other.as_str() == name);
    let transaction = TRANSACTION_MIDDLEWARE.iter().filter_map(|name| place(name)).min();
    if let (Some(after), Some(transaction)) = (place(DISPATCH_AFTER_CURRENT_BUS), transaction)
        && after > transaction
    {
        let message = format!(
            "{DISPATCH_AFTER_CURRENT_BUS:?} must come before {:?}: what it holds back would \
             be dispatched inside the transaction",
            bus.middleware[transaction].as_str(),
        );
        problems.add(Problem::new(&bus.middleware[after].origin, message));
    }
}

/// Refuses the last two built-in ones in the middle of a stack that ends with them anyway.
fn check_built_in(bus: &BusConfig, problems: &Problems) {
    let last = |name: &&Located<String>| BUILT_IN_AFTER.contains(&name.as_str());
    if !bus.default_middleware {
        return;
    }
    for name in bus.middleware.iter().filter(last) {
        let message = format!(
            "{:?} is added by default; remove it here, or set default_middleware = false and \
             list all of: {}, {}",
            name.as_str(),
            BUILT_IN_BEFORE.join(", "),
            BUILT_IN_AFTER.join(", "),
        );
        problems.add(Problem::new(&name.origin, message));
    }
}

/// Refuses a bus without [`DISPATCH_AFTER_CURRENT_BUS`] beside one that has it: messages travel
/// between the buses, and what one holds back the other would not release.
fn check_all_or_none(buses: &[BusConfig], problems: &Problems) {
    let holds = |bus: &&BusConfig| bus.stack().contains(&DISPATCH_AFTER_CURRENT_BUS);
    let Some(other) = buses.iter().find(holds) else {
        return;
    };
    for bus in buses.iter().filter(|bus| !holds(bus)) {
        let message = format!(
            "{DISPATCH_AFTER_CURRENT_BUS:?} is missing in its middleware although bus {:?} has \
             it; it must be on all buses or on none",
            other.name.as_str(),
        );
        problems.add(Problem::new(&bus.name.origin, message));
    }
}
