//! One line of an `.env` file.
//!
//! Not `dotenvy`: its iterator fills `$VAR` from the environment of the process, and does not say
//! which line is wrong.

use std::{iter::Peekable, str::Chars};

/// What is wrong with a line; never contains a value, it may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum LineError {
    #[error("expected NAME=value")]
    NoAssignment,
    #[error("what stands before = is not a name; allowed: letters, digits and _, no digit first")]
    BadName,
    #[error("a quote is not closed on its line")]
    OpenQuote,
    #[error("text after the value; quote a value with spaces")]
    Space,
    #[error("${{ without }}")]
    OpenBrace,
    #[error("variable {0} is not set; a default is written ${{{0}:-default}}, a plain $ as \\$")]
    Unset(String),
}

type Lookup<'a> = &'a dyn Fn(&str) -> Option<&'a str>;

/// `NAME=value`, or `None` for an empty line or a comment.
///
/// `export ` before the name is allowed. A value is bare (ends at ` #`), in `'…'` (taken as it
/// is) or in `"…"` (`\n`, `\"`, `\\`, `\$` are escapes); `$VAR`, `${VAR}` and `${VAR:-default}`
/// are filled from `lookup` but in single quotes.
pub(super) fn parse_line(
    line: &str,
    lookup: Lookup<'_>,
) -> Result<Option<(String, String)>, LineError> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=').ok_or(LineError::NoAssignment)?;
    let name = name.trim();
    if !name.chars().all(in_name)
        || name.starts_with(|c: char| c.is_ascii_digit())
        || name.is_empty()
    {
        return Err(LineError::BadName);
    }
    let mut chars = value.trim_start().chars().peekable();
    let value = match chars.next_if(|c| "'\"".contains(*c)) {
        Some('\'') => single_quoted(&mut chars)?,
        Some(_) => double_quoted(&mut chars, lookup)?,
        None => bare(&mut chars, lookup)?,
    };
    let rest = chars.collect::<String>();
    if rest.trim().is_empty() || rest.trim_start().starts_with('#') {
        return Ok(Some((name.to_owned(), value)));
    }
    Err(LineError::Space)
}

fn single_quoted(chars: &mut Peekable<Chars<'_>>) -> Result<String, LineError> {
    let mut value = String::new();
    loop {
        match chars.next().ok_or(LineError::OpenQuote)? {
            '\'' => return Ok(value),
            c => value.push(c),
        }
    }
}

fn double_quoted(chars: &mut Peekable<Chars<'_>>, lookup: Lookup<'_>) -> Result<String, LineError> {
    let mut value = String::new();
    loop {
        match chars.next().ok_or(LineError::OpenQuote)? {
            '"' => return Ok(value),
            '$' => value.push_str(&variable(chars, lookup)?),
            '\\' => match chars.next().ok_or(LineError::OpenQuote)? {
                'n' => value.push('\n'),
                c @ ('"' | '\\' | '$') => value.push(c),
                c => value.extend(['\\', c]),
            },
            c => value.push(c),
        }
    }
}

/// Up to the first white space, so that a `#` inside a value is kept.
fn bare(chars: &mut Peekable<Chars<'_>>, lookup: Lookup<'_>) -> Result<String, LineError> {
    let mut value = String::new();
    while let Some(c) = chars.next_if(|c| !c.is_whitespace()) {
        match c {
            '$' => value.push_str(&variable(chars, lookup)?),
            '\\' => value.push(chars.next().unwrap_or('\\')),
            c => value.push(c),
        }
    }
    Ok(value)
}

/// The value of the variable whose name follows a `$`; a `$` before anything else is itself.
fn variable(chars: &mut Peekable<Chars<'_>>, lookup: Lookup<'_>) -> Result<String, LineError> {
    let mut name = String::new();
    let mut default = None;
    if chars.next_if_eq(&'{').is_some() {
        loop {
            match chars.next().ok_or(LineError::OpenBrace)? {
                '}' => break,
                c => name.push(c),
            }
        }
        default = name.split_once(":-").map(|(_, default)| default.to_owned());
        name.truncate(name.find(":-").unwrap_or(name.len()));
    } else {
        name.extend(std::iter::from_fn(|| chars.next_if(|c| in_name(*c))));
        if name.is_empty() {
            return Ok("$".to_owned());
        }
    }
    match (lookup(&name), default) {
        (Some(value), None) => Ok(value.to_owned()),
        (Some(value), Some(_)) if !value.is_empty() => Ok(value.to_owned()),
        (_, Some(default)) => Ok(default),
        (None, None) => Err(LineError::Unset(name)),
    }
}

fn in_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}
