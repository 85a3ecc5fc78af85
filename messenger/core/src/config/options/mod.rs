//! Options of a transport: as written, as described by the transport, and as in force.
//!
//! An option may stand in the DSN query or in `options`; see [`OptionSet`] for who wins.

mod set;
mod spec;
#[cfg(test)]
mod tests;
mod value;

pub use self::{
    set::{OptionError, OptionSet},
    spec::{Allowed, OptionSpec, describe},
    value::{OptionValue, TransportOption},
};

pub(super) use self::value::read_options;
