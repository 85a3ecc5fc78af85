//! One bus: its middleware and what it may do without handlers or senders.

use super::{
    located::Located,
    node::{Node, Value},
    problem::Problems,
    section::Section,
};

/// The only bus of a configuration that names none.
pub const DEFAULT_BUS: &str = "messenger.bus.default";

const KEYS: [&str; 5] =
    ["aliases", "middleware", "default_middleware", "allow_no_handlers", "allow_no_senders"];

/// The configuration of one bus, `[buses.NAME]`.
#[derive(Clone, Debug, PartialEq)]
pub struct BusConfig {
    /// Name of the bus, e.g. `command.bus`.
    pub name: Located<String>,
    /// Its names in other applications: what comes from there with one of them is handled here;
    /// empty by default. [`DEFAULT_BUS`], unless something is called so, means the default bus.
    pub aliases: Vec<Located<String>>,
    /// The bus's own middleware, in written order; empty by default.
    pub middleware: Vec<Located<String>>,
    /// Whether the built-in middleware is added around the bus's own; `true` by default. With
    /// `false` the user lists everything by hand, the built-in names included.
    pub default_middleware: bool,
    /// Whether a message without a handler is fine; `false` by default.
    pub allow_no_handlers: bool,
    /// Whether a message without a sender is fine (it is handled at once); `true` by default.
    pub allow_no_senders: bool,
}

impl BusConfig {
    /// A bus with every default.
    pub fn new(name: impl Into<Located<String>>) -> Self {
        Self {
            name: name.into(),
            aliases: Vec::new(),
            middleware: Vec::new(),
            default_middleware: true,
            allow_no_handlers: false,
            allow_no_senders: true,
        }
    }

    pub(super) fn read(name: &str, node: &Node, problems: &Problems) -> Option<Self> {
        let section = Section::open(node, &KEYS, problems)?;
        let mut bus = Self::new(Located::new(name.to_owned(), node.origin.clone()));
        bus.aliases = section.strings("aliases").unwrap_or_default();
        bus.middleware = section.strings("middleware").unwrap_or_default();
        bus.read_defaults(&section);
        if let Some(flag) = section.boolean("allow_no_handlers") {
            bus.allow_no_handlers = flag;
        }
        if let Some(flag) = section.boolean("allow_no_senders") {
            bus.allow_no_senders = flag;
        }
        Some(bus)
    }

    /// `default_middleware`: a boolean, or Symfony's table of `enabled` and the two permissions.
    fn read_defaults(&mut self, section: &Section<'_>) {
        let Some(node) = section.get("default_middleware") else {
            return;
        };
        match &node.value {
            Value::Boolean(flag) => self.default_middleware = *flag,
            Value::Table(_) => {
                let keys = ["enabled", "allow_no_handlers", "allow_no_senders"];
                let Some(table) = Section::open(node, &keys, section.problems) else {
                    return;
                };
                self.default_middleware = table.boolean("enabled").unwrap_or(true);
                self.allow_no_handlers = table.boolean("allow_no_handlers").unwrap_or(false);
                self.allow_no_senders = table.boolean("allow_no_senders").unwrap_or(true);
            }
            _ => section.problems.expected("true, false or a table", node),
        }
    }
}
