//! TOML text to a tree of located values, variables filled in.

use std::sync::Arc;

use toml::{
    Spanned,
    de::{DeInteger, DeTable, DeValue},
};

use super::{
    interpolate::{Lookup, interpolate, variables_in},
    located::Origin,
    node::{Node, Value},
    problem::{Problem, Problems},
};

/// Reads one text: its tree, and whether it is complete. Syntax errors and unset variables are
/// noted; only the first kind leaves something out.
pub(super) fn read(
    file: &str,
    text: &str,
    lookup: Lookup<'_>,
    problems: &Problems,
) -> (Node, bool) {
    let reader = Reader { text, lookup, problems };
    let origin = Origin { file: Some(Arc::from(file)), ..Origin::none() };
    let (table, errors) = DeTable::parse_recoverable(text);
    let complete = errors.is_empty();
    for error in errors {
        let line = error.span().map(|span| reader.line(span.start));
        let message = format!("not valid TOML: {}", error.message().replace('\n', ", "));
        problems.add(Problem::new(&Origin { line, ..origin.clone() }, message));
    }
    let value = reader.table(table.get_ref(), &origin);
    let mut node = Node { origin, value };
    node.expand_short_forms();
    (node, complete)
}

struct Reader<'a> {
    text: &'a str,
    lookup: Lookup<'a>,
    problems: &'a Problems,
}

impl Reader<'_> {
    /// The line of a byte offset, counted from 1.
    fn line(&self, offset: usize) -> usize {
        1 + self.text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
    }

    fn table(&self, table: &DeTable<'_>, origin: &Origin) -> Value {
        let entries = table.iter().map(|(key, value)| {
            let origin = origin.child(key.get_ref(), self.line(key.span().start));
            (key.get_ref().to_string(), self.node(value, origin))
        });
        Value::Table(entries.collect())
    }

    fn node(&self, value: &Spanned<DeValue<'_>>, mut origin: Origin) -> Node {
        let written = value.get_ref().as_str();
        let value = self.value(value, &origin).unwrap_or(Value::Broken);
        origin.variables = written.map(variables_in).unwrap_or_default();
        Node { origin, value }
    }

    /// The value, or `None` after noting why it cannot be read.
    fn value(&self, value: &Spanned<DeValue<'_>>, origin: &Origin) -> Option<Value> {
        Some(match value.get_ref() {
            DeValue::String(text) => Value::Text(self.filled(text, origin)?),
            DeValue::Integer(number) => Value::Integer(self.integer(number, origin)?),
            DeValue::Float(number) => Value::Float(number.as_str().parse().ok()?),
            DeValue::Boolean(flag) => Value::Boolean(*flag),
            DeValue::Datetime(date) => Value::Date(date.to_string()),
            DeValue::Table(table) => self.table(table, origin),
            DeValue::Array(items) => Value::List(
                items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| {
                        self.node(item, origin.element(index, self.line(item.span().start)))
                    })
                    .collect(),
            ),
        })
    }

    fn filled(&self, text: &str, origin: &Origin) -> Option<String> {
        let filled = interpolate(text, self.lookup);
        self.problems.keep(filled.map_err(|error| Problem::new(origin, error.to_string())))
    }

    fn integer(&self, number: &DeInteger<'_>, origin: &Origin) -> Option<i64> {
        let parsed = i64::from_str_radix(number.as_str(), number.radix());
        self.problems.keep(parsed.map_err(|error| {
            Problem::new(
                origin,
                format!("{} is not an integer of 64 bits: {error}", number.as_str()),
            )
        }))
    }
}
