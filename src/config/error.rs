//! Variables with values the program cannot use.

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

fn list(errors: &[InvalidVariable]) -> String {
    errors.iter().map(|error| format!("\n  {error}")).collect()
}
