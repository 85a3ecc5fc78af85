//! One table of the file while it is read: refuses unknown keys, hands out typed values.

use std::{ops::RangeInclusive, time::Duration};

use super::{
    located::{Located, Origin},
    node::{Node, Value},
    problem::{Problem, Problems},
    suggestion::unknown_name,
};

/// A table whose unknown keys have been noted as problems.
///
/// Every getter answers `None` for a missing key, and for a wrong value after noting it.
pub(super) struct Section<'a> {
    pub(super) origin: &'a Origin,
    pub(super) problems: &'a Problems,
    entries: &'a [(String, Node)],
}

impl<'a> Section<'a> {
    /// Opens a table that may have the `allowed` keys and no other.
    pub(super) fn open(node: &'a Node, allowed: &[&str], problems: &'a Problems) -> Option<Self> {
        let entries = entries(node, problems)?;
        for (key, value) in entries.iter().filter(|(key, _)| !allowed.contains(&key.as_str())) {
            problems.add(Problem::new(&value.origin, unknown_name(key, "key", allowed)));
        }
        Some(Self { origin: &node.origin, problems, entries })
    }

    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<&'a Node> {
        self.entries.iter().find(|(name, _)| name == key).map(|(_, node)| node)
    }

    /// Notes a problem for every key that is missing; `example` shows how to write them.
    pub(super) fn require(&self, keys: &[&str], example: &str) {
        for key in keys.iter().filter(|key| self.get(key).is_none()) {
            let message = format!("{key} is missing; e.g. {example}");
            self.problems.add(Problem::new(self.origin, message));
        }
    }

    pub(super) fn string(&self, key: &str) -> Option<Located<String>> {
        string(self.get(key)?, self.problems)
    }

    pub(super) fn strings(&self, key: &str) -> Option<Vec<Located<String>>> {
        strings(self.get(key)?, self.problems)
    }

    pub(super) fn boolean(&self, key: &str) -> Option<bool> {
        let node = self.get(key)?;
        let Value::Boolean(flag) = node.value else {
            self.problems.expected("true or false", node);
            return None;
        };
        Some(flag)
    }

    /// An integer within `range`; `what` names the range in words.
    pub(super) fn integer(&self, key: &str, range: RangeInclusive<i64>, what: &str) -> Option<i64> {
        let node = self.get(key)?;
        match node.value {
            Value::Integer(number) if range.contains(&number) => Some(number),
            _ => {
                self.problems.expected(what, node);
                None
            }
        }
    }

    /// A number within `range`, written with or without a fraction.
    pub(super) fn number(&self, key: &str, range: RangeInclusive<f64>, what: &str) -> Option<f64> {
        let node = self.get(key)?;
        let number = match node.value {
            Value::Float(number) => number,
            #[expect(clippy::cast_precision_loss, reason = "a count far below 2^53")]
            Value::Integer(number) => number as f64,
            _ => f64::NAN,
        };
        if !range.contains(&number) {
            self.problems.expected(what, node);
            return None;
        }
        Some(number)
    }

    /// A length of time, written as a whole number of milliseconds.
    pub(super) fn milliseconds(&self, key: &str) -> Option<Duration> {
        let number = self.integer(key, 0..=i64::MAX, "milliseconds, an integer ≥ 0")?;
        Some(Duration::from_millis(number.unsigned_abs()))
    }
}

/// The entries of a table whose keys are names of the user's choice.
pub(super) fn entries<'a>(node: &'a Node, problems: &Problems) -> Option<&'a [(String, Node)]> {
    let Value::Table(entries) = &node.value else {
        problems.expected("a table", node);
        return None;
    };
    Some(entries)
}

/// A string that is not empty.
pub(super) fn string(node: &Node, problems: &Problems) -> Option<Located<String>> {
    match &node.value {
        Value::Text(text) if !text.is_empty() => {
            Some(Located::new(text.clone(), node.origin.clone()))
        }
        _ => {
            problems.expected("a string, not empty", node);
            None
        }
    }
}

/// A list of strings; wrong elements are noted and left out.
pub(super) fn strings(node: &Node, problems: &Problems) -> Option<Vec<Located<String>>> {
    let Value::List(items) = &node.value else {
        problems.expected("a list of strings", node);
        return None;
    };
    Some(items.iter().filter_map(|item| string(item, problems)).collect())
}
