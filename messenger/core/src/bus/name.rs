//! The names of buses.

use std::borrow::Cow;
use std::fmt;

/// The name of a bus, for example `command.bus`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BusName(Cow<'static, str>);

impl BusName {
    /// A name known when the program is written.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for BusName {
    fn from(name: &str) -> Self {
        Self(Cow::Owned(name.to_owned()))
    }
}

impl From<&BusName> for BusName {
    fn from(name: &BusName) -> Self {
        name.clone()
    }
}

impl fmt::Display for BusName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
