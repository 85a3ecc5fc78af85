//! Options of a transport: as written, as described by the transport, and as in force.
//!
//! Options are a tree: one that is nested is named by its path, `queues[high][flags]`, in a DSN as
//! in an error. An option may stand in the DSN query or in `options`; see [`OptionSet`] for who wins.

mod nested;
mod path;
mod set;
mod spec;
#[cfg(test)]
mod tests;
mod value;

pub use self::{
    nested::Nested,
    set::{OptionError, OptionSet},
    spec::{Allowed, OptionSpec, describe},
    value::{OptionValue, TransportOption},
};

pub(super) use self::value::read_options;
