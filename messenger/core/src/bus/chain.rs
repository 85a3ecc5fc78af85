//! The chain of a bus: which middleware runs in which order, and which order cannot work.

use crate::config::{Located, Origin, Problem};

/// Runs before the bus's own middleware, in this order.
const BEFORE: [&str; 4] = [
    "add_bus_name_stamp_middleware",
    "reject_redelivered_message_middleware",
    HOLDS_BACK,
    "failed_message_processing_middleware",
];

/// Runs after the bus's own middleware, in this order.
const AFTER: [&str; 2] = ["send_message", "handle_message"];

const HOLDS_BACK: &str = "dispatch_after_current_bus";
const TRANSACTION: &str = "transaction";

/// The name under which a middleware is found: Symfony's `doctrine_transaction` is `transaction`
/// here.
pub(crate) fn step(name: &str) -> &str {
    if name == "doctrine_transaction" { TRANSACTION } else { name }
}

/// The middleware that every bus knows.
pub(super) fn built_in() -> impl Iterator<Item = &'static str> {
    BEFORE.into_iter().chain(AFTER)
}

/// What a bus says about its chain.
#[derive(Debug)]
pub(crate) struct Chain {
    /// Where the bus is described.
    pub(crate) origin: Origin,
    /// The bus's own middleware as listed.
    pub(crate) own: Vec<Located<String>>,
    /// Whether the built-in middleware stands around the bus's own.
    pub(crate) with_defaults: bool,
}

impl Chain {
    /// What runs, in order. A name that is listed twice runs once, at its first place, as in
    /// Symfony.
    pub(super) fn order(&self) -> Vec<Located<String>> {
        let built_in = |names: &'static [&'static str]| {
            let names = names.iter().filter(|_| self.with_defaults);
            names.map(|name| Located::new((*name).to_owned(), self.origin.clone()))
        };
        let own = self.own.iter().cloned();
        let mut order: Vec<Located<String>> = Vec::new();
        for name in built_in(&BEFORE).chain(own).chain(built_in(&AFTER)) {
            if !order.iter().any(|other| step(other) == step(&name)) {
                order.push(name);
            }
        }
        order
    }

    /// What cannot work.
    pub(super) fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        problems.extend(self.transaction_too_early());
        problems.extend(self.cannot_hold_back());
        problems.extend(self.last_in_the_middle());
        problems
    }

    fn place(&self, wanted: &str) -> Option<usize> {
        self.own.iter().position(|name| step(name) == wanted)
    }

    /// A bus that holds messages back inside the transaction would break the promise for itself.
    fn transaction_too_early(&self) -> Option<Problem> {
        let (holds_back, transaction) = (self.place(HOLDS_BACK)?, self.place(TRANSACTION)?);
        (transaction < holds_back).then(|| {
            let message = format!(
                "{HOLDS_BACK:?} must come before {:?}: what it holds back would be dispatched \
                 inside the transaction",
                self.own[transaction].as_str()
            );
            Problem::new(&self.own[holds_back].origin, message)
        })
    }

    /// A bus that cannot hold messages back would break the promise for every other bus: messages
    /// travel between them.
    fn cannot_hold_back(&self) -> Option<Problem> {
        (!self.with_defaults && self.place(HOLDS_BACK).is_none()).then(|| {
            let message =
                format!("{HOLDS_BACK:?} is missing in its middleware; it must be on every bus");
            Problem::new(&self.origin, message)
        })
    }

    /// What sends and handles, in the middle of a chain that ends with it anyway.
    fn last_in_the_middle(&self) -> Vec<Problem> {
        let last = |name: &&Located<String>| self.with_defaults && AFTER.contains(&name.as_str());
        let problem = |name: &Located<String>| {
            let message = format!(
                "{:?} is added by default; remove it here, or set default_middleware = false and \
                 list all of: {}",
                name.as_str(),
                built_in().collect::<Vec<_>>().join(", "),
            );
            Problem::new(&name.origin, message)
        };
        self.own.iter().filter(last).map(problem).collect()
    }
}
