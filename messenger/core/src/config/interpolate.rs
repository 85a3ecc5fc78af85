//! `${VAR}` and `${VAR:-default}` inside the strings of a configuration file.

/// Answers the value of an environment variable, `None` when it is not set.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Why a text could not be filled in.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum InterpolationError {
    /// The variable is not set and the text gives no default.
    #[error(
        "environment variable {0} is not set; set it, or give a default with ${{{0}:-default}}"
    )]
    Unset(String),
    /// `${` without `}`.
    #[error("\"${{\" without \"}}\"; write $${{ for a literal ${{")]
    Unclosed,
    /// What stands between the braces is no variable name.
    #[error("{0:?} is not a variable name; allowed: letters, digits and _")]
    BadName(String),
}

/// The text with every variable filled in.
///
/// `${VAR:-default}` stands for `default` when the variable is unset **or empty**, as in a shell;
/// a default ends at the first `}`. `$${` is a literal `${`; any other `$` stands for itself.
pub(super) fn interpolate(text: &str, lookup: Lookup<'_>) -> Result<String, InterpolationError> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let (before, after) = (&rest[..start], &rest[start + 2..]);
        if let Some(literal) = before.strip_suffix('$') {
            filled.push_str(literal);
            filled.push_str("${");
            rest = after;
            continue;
        }
        let end = after.find('}').ok_or(InterpolationError::Unclosed)?;
        filled.push_str(before);
        filled.push_str(&variable(&after[..end], lookup)?);
        rest = &after[end + 1..];
    }
    filled.push_str(rest);
    Ok(filled)
}

/// The names of the variables in a text that can be filled in.
pub(super) fn variables_in(text: &str) -> Vec<String> {
    let names = std::cell::RefCell::new(Vec::new());
    let note = |name: &str| {
        names.borrow_mut().push(name.to_owned());
        Some(String::new())
    };
    match interpolate(text, &note) {
        Ok(_) => names.into_inner(),
        Err(_) => Vec::new(),
    }
}

/// The value of what stands between the braces.
fn variable(expression: &str, lookup: Lookup<'_>) -> Result<String, InterpolationError> {
    let (name, default) = match expression.split_once(":-") {
        Some((name, default)) => (name, Some(default)),
        None => (expression, None),
    };
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Err(InterpolationError::BadName(name.to_owned()));
    }
    match (lookup(name), default) {
        (Some(value), None) => Ok(value),
        (Some(value), Some(_)) if !value.is_empty() => Ok(value),
        (_, Some(default)) => Ok(default.to_owned()),
        (None, None) => Err(InterpolationError::Unset(name.to_owned())),
    }
}
