//! A parsed file as a tree whose every value knows its line, and how an overlay wins over it.

use crate::dsn;

use super::located::Origin;

/// A value and where it was written.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) origin: Origin,
    pub(super) value: Value,
}

/// What a file can say, in the order it says it.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(String),
    Integer(i64),
    Float(f64),
    Boolean(bool),
    Date(String),
    List(Vec<Node>),
    Table(Vec<(String, Node)>),
    /// Could not be read; the problem has been noted.
    Broken,
}

impl Node {
    /// A table without entries.
    pub(super) fn empty_table(origin: Origin) -> Self {
        Self { origin, value: Value::Table(Vec::new()) }
    }

    /// The value as an error names it: `the string "yes"`, `a table`.
    pub(super) fn describe(&self) -> String {
        match &self.value {
            Value::Text(text) => format!("the string {:?}", dsn::mask(text)),
            Value::Integer(number) => format!("the integer {number}"),
            Value::Float(number) => format!("the number {number}"),
            Value::Boolean(flag) => format!("the boolean {flag}"),
            Value::Date(date) => format!("the date {date}"),
            Value::List(_) => "a list".to_owned(),
            Value::Table(_) => "a table".to_owned(),
            Value::Broken => "a value that could not be read".to_owned(),
        }
    }

    /// Lets `overlay` win: tables are merged key by key at every depth, everything else (lists
    /// too) is replaced. New keys come after the old ones.
    pub(super) fn merge(&mut self, overlay: Node) {
        match (&mut self.value, overlay.value) {
            (Value::Table(entries), Value::Table(new)) => {
                for (key, node) in new {
                    match entries.iter_mut().find(|(name, _)| *name == key) {
                        Some((_, old)) => old.merge(node),
                        None => entries.push((key, node)),
                    }
                }
            }
            (_, value) => *self = Self { origin: overlay.origin, value },
        }
    }

    /// Turns the short forms of a file into their long ones, so that they can be merged:
    /// `transports.NAME = "dsn"` becomes `transports.NAME.dsn = "dsn"`.
    pub(super) fn expand_short_forms(&mut self) {
        let Some(Value::Table(transports)) = self.entry_mut("transports") else {
            return;
        };
        for (_, node) in transports {
            if let Value::Text(_) | Value::Broken = node.value {
                let short = std::mem::replace(node, Self::empty_table(node.origin.clone()));
                node.value = Value::Table(vec![("dsn".to_owned(), short)]);
            }
        }
    }

    fn entry_mut(&mut self, key: &str) -> Option<&mut Value> {
        let Value::Table(entries) = &mut self.value else {
            return None;
        };
        entries.iter_mut().find(|(name, _)| name == key).map(|(_, node)| &mut node.value)
    }
}
