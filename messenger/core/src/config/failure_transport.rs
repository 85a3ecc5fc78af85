//! Where the rejected messages of a transport go: inherited, nowhere, or by name.

use super::located::Located;

/// The word that stands for "no failure transport".
pub(super) const NO_TRANSPORT: &str = "none";

/// Where a transport's rejected messages go.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum FailureTransport {
    /// To the failure transport of the whole configuration, if it has one.
    #[default]
    Inherit,
    /// Nowhere (`"none"`): they are dropped with a log line, whatever the configuration says.
    None,
    /// To the transport of this name.
    Named(Located<String>),
}

impl FailureTransport {
    pub(super) fn from_name(name: Located<String>) -> Self {
        if name.as_str() == NO_TRANSPORT { Self::None } else { Self::Named(name) }
    }

    /// The name, if one was written.
    #[must_use]
    pub fn name(&self) -> Option<&Located<String>> {
        if let Self::Named(name) = self { Some(name) } else { None }
    }
}
