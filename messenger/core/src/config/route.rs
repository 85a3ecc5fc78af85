//! One line of `[routing]`: which transports a message is sent to.

use std::fmt;

use super::{
    located::Located,
    node::{Node, Value},
    problem::{Problem, Problems},
    section::{Section, string, strings},
};

/// Which messages a line of `[routing]` or `[retry_strategy]` is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RouteKey {
    /// A message by short name or full wire name, or an interface.
    Name(String),
    /// Every message of a namespace and those below: `App\Message\*`, kept without the `*`.
    Namespace(String),
    /// Every message: `*`.
    Any,
}

impl RouteKey {
    /// Reads a key; the error says what is wrong with its shape.
    ///
    /// # Errors
    /// When a `*` stands anywhere but alone or after the last `\`, or a part is empty.
    pub fn parse(key: &str) -> Result<Self, InvalidRouteKey> {
        if key == "*" {
            return Ok(Self::Any);
        }
        let (name, namespace) = match key.strip_suffix("\\*") {
            Some(prefix) => (prefix, true),
            None => (key, false),
        };
        let wrong = |c: char| c == '*' || c.is_whitespace();
        if name.contains(wrong) || name.split('\\').any(str::is_empty) {
            return Err(InvalidRouteKey(key.to_owned()));
        }
        Ok(if namespace {
            Self::Namespace(format!("{name}\\"))
        } else {
            Self::Name(key.to_owned())
        })
    }

    /// Reads the key of a table's entry.
    pub(super) fn read(key: &str, node: &Node, problems: &Problems) -> Option<Located<Self>> {
        let parsed =
            Self::parse(key).map_err(|error| Problem::new(&node.origin, error.to_string()));
        problems.keep(parsed).map(|key| Located::new(key, node.origin.clone()))
    }
}

/// The key as it is written in the file.
impl fmt::Display for RouteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Namespace(prefix) => write!(f, "{prefix}*"),
            Self::Any => f.write_str("*"),
        }
    }
}

/// A routing key of a wrong shape.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "invalid routing key '{0}'; allowed: a message or interface name, a namespace followed by \
     \\* ('App\\Message\\*'), or '*'"
)]
pub struct InvalidRouteKey(String);

/// One line of `[routing]`: a string, a list of strings or `{ senders = [...] }`.
#[derive(Clone, Debug, PartialEq)]
pub struct RouteConfig {
    /// Which messages it is about.
    pub key: Located<RouteKey>,
    /// Names of the transports they are sent to, in order; never empty.
    pub senders: Vec<Located<String>>,
}

impl RouteConfig {
    pub(super) fn read(key: &str, node: &Node, problems: &Problems) -> Option<Self> {
        let key = RouteKey::read(key, node, problems);
        let senders = match &node.value {
            Value::Text(_) => string(node, problems).into_iter().collect(),
            Value::List(_) => senders(node, problems)?,
            Value::Table(_) => {
                let section = Section::open(node, &["senders"], problems)?;
                match section.get("senders") {
                    Some(list) => senders(list, problems)?,
                    None => return refuse_empty(node, problems),
                }
            }
            _ => {
                problems.expected("a transport name or a list of them", node);
                return None;
            }
        };
        Some(Self { key: key?, senders })
    }
}

fn senders(node: &Node, problems: &Problems) -> Option<Vec<Located<String>>> {
    match &node.value {
        Value::List(items) if items.is_empty() => refuse_empty(node, problems),
        _ => strings(node, problems),
    }
}

fn refuse_empty<T>(node: &Node, problems: &Problems) -> Option<T> {
    problems.add(Problem::new(&node.origin, "no senders; name at least one transport"));
    None
}
