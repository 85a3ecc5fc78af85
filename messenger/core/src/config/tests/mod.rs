//! The configuration through its front door: text in, configuration or errors out.

mod dsn;
mod errors;
mod overlay;
mod values;

use super::{ConfigError, MessengerConfig};

/// The lines of the error of a text that must be refused.
fn problems(text: &str) -> Vec<String> {
    lines(&MessengerConfig::parse(text).unwrap_err())
}

fn lines(error: &ConfigError) -> Vec<String> {
    error.problems.iter().map(ToString::to_string).collect()
}
