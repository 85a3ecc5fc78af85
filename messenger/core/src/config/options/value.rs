//! One option as it is written under `options = { … }`.

use std::fmt;

use crate::{
    config::{
        located::Located,
        node::{Node, Value},
        problem::Problems,
        section::entries,
        toml_text::{quote, quote_key},
    },
    dsn::{MASK, is_secret},
};

/// What an option can be set to.
#[derive(Clone, Debug, PartialEq)]
pub enum OptionValue {
    /// A string.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Float(f64),
    /// True or false.
    Boolean(bool),
    /// A list or a table with nothing in it.
    Empty,
}

/// As an option of the DSN query would be written: without quotes.
impl fmt::Display for OptionValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Integer(number) => number.fmt(f),
            Self::Float(number) => number.fmt(f),
            Self::Boolean(flag) => flag.fmt(f),
            Self::Empty => Ok(()),
        }
    }
}

/// An option and its value; [`fmt::Debug`] and [`fmt::Display`] mask secrets.
#[derive(Clone, PartialEq)]
pub struct TransportOption {
    /// Name of the option. An entry of a nested table is named as in a DSN query:
    /// `exchange = { name = "x" }` gives `exchange[name]`, the first element of a list `…[0]`.
    pub name: String,
    /// What it is set to.
    pub value: Located<OptionValue>,
}

impl TransportOption {
    /// An option made in code.
    pub fn new(name: impl Into<String>, value: OptionValue) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

/// `queue_name = "high"`, as in TOML.
impl fmt::Display for TransportOption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = match &self.value.value {
            _ if is_secret(&self.name) => quote(MASK),
            OptionValue::Text(text) => quote(&crate::dsn::mask(text)),
            OptionValue::Float(number) => format!("{number:?}"),
            OptionValue::Empty => "[]".to_owned(),
            other => other.to_string(),
        };
        write!(f, "{} = {value}", quote_key(&self.name))
    }
}

impl fmt::Debug for TransportOption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The options of a table, nested ones flattened.
pub(in crate::config) fn read_options(node: &Node, problems: &Problems) -> Vec<TransportOption> {
    let mut options = Vec::new();
    for (name, value) in entries(node, problems).unwrap_or_default() {
        flatten(name.clone(), value, &mut options, problems);
    }
    options
}

fn flatten(name: String, node: &Node, options: &mut Vec<TransportOption>, problems: &Problems) {
    let value = match &node.value {
        Value::Text(text) => OptionValue::Text(text.clone()),
        Value::Integer(number) => OptionValue::Integer(*number),
        Value::Float(number) => OptionValue::Float(*number),
        Value::Boolean(flag) => OptionValue::Boolean(*flag),
        Value::Table(entries) if entries.is_empty() => OptionValue::Empty,
        Value::List(items) if items.is_empty() => OptionValue::Empty,
        Value::Table(entries) => {
            for (key, value) in entries {
                flatten(format!("{name}[{key}]"), value, options, problems);
            }
            return;
        }
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                flatten(format!("{name}[{index}]"), item, options, problems);
            }
            return;
        }
        Value::Date(_) | Value::Broken => {
            problems.expected("a string, a number, true or false", node);
            return;
        }
    };
    options.push(TransportOption { name, value: Located::new(value, node.origin.clone()) });
}
