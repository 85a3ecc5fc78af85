//! When a step of the tutorial fails on purpose.

use std::str::FromStr;

/// When a step fails on purpose.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Fault {
    /// `never`: the default.
    #[default]
    Never,
    /// `always`: every call.
    Always,
    /// `random:P`: each time with this probability, from 0 to 1.
    Random(f64),
    /// `times:N`: the first N times.
    Times(u32),
}

/// A text that names no fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("allowed: {ALLOWED}")]
pub struct InvalidFault;

/// What a fault may be, in words.
pub(super) const ALLOWED: &str = "never, always, random:P (P from 0 to 1) or times:N";

impl FromStr for Fault {
    type Err = InvalidFault;

    fn from_str(text: &str) -> Result<Self, InvalidFault> {
        let fault = match text.split_once(':') {
            None if text == "never" => Some(Self::Never),
            None if text == "always" => Some(Self::Always),
            Some(("random", p)) => {
                p.parse().ok().filter(|p| (0.0..=1.0).contains(p)).map(Self::Random)
            }
            Some(("times", n)) => n.parse().ok().map(Self::Times),
            _ => None,
        };
        fault.ok_or(InvalidFault)
    }
}
