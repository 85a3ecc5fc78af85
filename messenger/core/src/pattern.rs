//! Which messages a handler or a route is meant for: a type, a group, a namespace, or all.

use std::borrow::Borrow;
use std::fmt;

use crate::message::{Interface, short_name};

/// A set of messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// One message type, by its wire name.
    Message(String),
    /// A group, by its name.
    Interface(String),
    /// Everything below a namespace; kept with its trailing backslash: `App\Message\`.
    Namespace(String),
    /// Every message.
    Any,
}

/// What belongs to the most specific of the sets in which a message of this name and these groups
/// is; of equally specific ones the first.
pub(crate) fn most_specific<T, P: Borrow<Pattern>>(
    sets: impl IntoIterator<Item = (P, T)>,
    name: &str,
    interfaces: &[Interface],
) -> Option<T> {
    let matching = sets.into_iter().filter(|(set, _)| set.borrow().matches(name, interfaces));
    let rank = |set: &Pattern| (set.rank(), set.position(interfaces));
    matching.min_by_key(|(set, _)| rank(set.borrow())).map(|(_, belongs)| belongs)
}

/// The namespace of a wildcard: `App\Message\` for `App\Message\*`.
pub(crate) fn namespace_of(wildcard: &str) -> &str {
    wildcard.strip_suffix('*').unwrap_or(wildcard)
}

impl Pattern {
    /// Whether a message of this name and these groups belongs to the set.
    pub(crate) fn matches(&self, name: &str, interfaces: &[Interface]) -> bool {
        match self {
            Self::Message(wanted) => wanted == name,
            Self::Interface(wanted) => interfaces.iter().any(|interface| interface.0 == wanted),
            Self::Namespace(prefix) => name.starts_with(prefix.as_str()),
            Self::Any => true,
        }
    }

    /// Whether the set is a fallback, asked only when nothing more specific matched (routing).
    pub(crate) fn is_wildcard(&self) -> bool {
        matches!(self, Self::Namespace(_) | Self::Any)
    }

    /// The order in which sets are asked: the type, its groups, namespaces from the most to the
    /// least specific, `*`.
    pub(crate) fn rank(&self) -> u32 {
        match self {
            Self::Message(_) => 0,
            Self::Interface(_) => 1,
            Self::Namespace(prefix) => {
                let depth = prefix.matches('\\').count();
                1000 - u32::try_from(depth.min(900)).expect("at most 900")
            }
            Self::Any => u32::MAX,
        }
    }

    /// The order in which two sets of the same rank are asked: groups as the message names them.
    pub(crate) fn position(&self, interfaces: &[Interface]) -> Option<usize> {
        let Self::Interface(wanted) = self else { return None };
        interfaces.iter().position(|interface| interface.0 == wanted)
    }

    /// Whether a name from the configuration, short or whole, means this message.
    pub(crate) fn names_message(key: &str, name: &str) -> bool {
        key == name || key == short_name(name)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(name) | Self::Interface(name) => f.write_str(name),
            Self::Namespace(prefix) => write!(f, "{prefix}*"),
            Self::Any => f.write_str("*"),
        }
    }
}
