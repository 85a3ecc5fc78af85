//! Typed access to variables that goes on after a wrong value, to report them all at once.

use std::collections::BTreeMap;

use messenger::dsn::{MASK, is_secret, mask};

/// One variable with a wrong value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}={value:?}: {message}")]
pub struct InvalidVariable {
    /// Name of the variable.
    pub name: &'static str,
    /// Its value; a secret is `***`.
    pub value: String,
    /// What is wrong or what is allowed.
    pub message: String,
}

/// All variables with wrong values; never empty.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the environment cannot be used:{}", list(.0))]
pub struct ConfigErrors(pub Vec<InvalidVariable>);

/// The variables, and what was wrong with those read so far.
pub(super) struct Vars<'a> {
    variables: &'a BTreeMap<String, String>,
    errors: Vec<InvalidVariable>,
}

impl<'a> Vars<'a> {
    pub(super) fn new(variables: &'a BTreeMap<String, String>) -> Self {
        Self { variables, errors: Vec::new() }
    }

    /// The value of a variable; `None` if it is unset or empty.
    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The value made by `parse`; a value it refuses is noted with what is `allowed`.
    pub(super) fn parse<T>(
        &mut self,
        name: &'static str,
        allowed: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let parsed = parse(self.text(name)?);
        if parsed.is_none() {
            self.refuse(name, format!("allowed: {allowed}"));
        }
        parsed
    }

    /// A switch: `1`/`0`, `true`/`false`, `yes`/`no`, `on`/`off`.
    pub(super) fn switch(&mut self, name: &'static str) -> Option<bool> {
        self.parse(name, "1 or 0, true or false, yes or no, on or off", |text| {
            match text.to_ascii_lowercase().as_str() {
                "1" | "true" | "yes" | "on" => Some(true),
                "0" | "false" | "no" | "off" => Some(false),
                _ => None,
            }
        })
    }

    /// Notes that a variable cannot be used; its value is shown, but no secret in it.
    pub(super) fn refuse(&mut self, name: &'static str, message: impl Into<String>) {
        let value = match self.text(name) {
            Some(_) if is_secret(name) => MASK.to_owned(),
            Some(value) if value.contains("://") => mask(value),
            // An address written wrongly may still have a password in it.
            Some(value) if value.contains('@') || name.ends_with("_DSN") => MASK.to_owned(),
            Some(value) => value.to_owned(),
            None => String::new(),
        };
        self.errors.push(InvalidVariable { name, value, message: message.into() });
    }

    /// What was made of the variables, unless something was wrong.
    pub(super) fn finish<T>(self, made: T) -> Result<T, ConfigErrors> {
        if self.errors.is_empty() { Ok(made) } else { Err(ConfigErrors(self.errors)) }
    }
}

fn list(errors: &[InvalidVariable]) -> String {
    errors.iter().map(|error| format!("\n  {error}")).collect()
}
