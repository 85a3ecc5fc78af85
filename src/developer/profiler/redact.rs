//! Takes secrets out of what is about to be kept: by the names beside them.

use serde_json::Value;

/// What stands for a secret.
const HIDDEN: &str = "***";

/// Parts of names that give a secret away, in lower case.
const SECRETS: [&str; 9] = [
    "password",
    "passwd",
    "secret",
    "token",
    "authorization",
    "cookie",
    "dsn",
    "apikey",
    "credential",
];

/// Whether what has this name is a secret: `passwordHash`, `X-Api-Key`, `reset_token`.
#[must_use]
pub fn is_secret(name: &str) -> bool {
    let name: String =
        name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    SECRETS.iter().any(|secret| name.contains(secret))
}

/// The value without the secrets in it, however deep.
pub(super) fn redact(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let hide = |(name, value): (String, Value)| {
                let value = if is_secret(&name) { HIDDEN.into() } else { redact(value) };
                (name, value)
            };
            fields.into_iter().map(hide).collect()
        }
        Value::Array(items) => items.into_iter().map(redact).collect(),
        Value::String(text) => Value::String(scrub(&text)),
        other => other,
    }
}

/// The text without passwords in addresses, and without what stands after the name of a secret:
/// `token=…`, `password: "…"`.
#[must_use]
pub fn scrub(text: &str) -> String {
    let text = hide_url_passwords(text);
    // Of the same length, byte by byte.
    let lower = text.to_ascii_lowercase();
    let mut scrubbed = String::with_capacity(text.len());
    let (mut copied, mut at) = (0, 0);
    while let Some(after_name) = end_of_name(&lower, at) {
        at = after_name;
        if let Some((start, end)) = value_after(&text, after_name) {
            scrubbed.extend([&text[copied..start], HIDDEN]);
            (copied, at) = (end, end);
        }
    }
    scrubbed.push_str(&text[copied..]);
    scrubbed
}

/// Where the next name of a secret ends.
fn end_of_name(lower: &str, from: usize) -> Option<usize> {
    let bytes = lower.as_bytes();
    (from..bytes.len()).find_map(|at| {
        let name = SECRETS.iter().find(|name| bytes[at..].starts_with(name.as_bytes()));
        name.map(|name| at + name.len())
    })
}

/// The value behind `name`, `name"`, `nameHash`, then `=` or `:`. A placeholder of SQL is none.
fn value_after(text: &str, after_name: usize) -> Option<(usize, usize)> {
    let rest = text[after_name..].trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
    let rest = rest.trim_start_matches(['"', '\'', '`', '\\']).trim_start();
    let rest = rest.strip_prefix(['=', ':'])?;
    if rest.starts_with(':') {
        return None;
    }
    let value = rest.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    let start = text.len() - value.len() + usize::from(quote.is_some());
    let value = &text[start..];
    let end = match quote {
        Some(quote) => end_of_quoted(value, quote),
        None if value.starts_with(['?', '$']) => return None,
        // A header's value may have several words; that of a field ends at the next one.
        None => value.find(['&', ',', ';', '}', ')', '\n']).unwrap_or(value.len()),
    };
    (end > 0 && !value[..end].starts_with(HIDDEN)).then_some((start, start + end))
}

fn end_of_quoted(value: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, c) in value.char_indices() {
        if c == quote && !is_escaped {
            return at;
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    value.len()
}

/// `scheme://user:password@host` without the password.
fn hide_url_passwords(text: &str) -> String {
    let mut hidden = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        hidden.push_str(before);
        let end = after.find(|c: char| c.is_whitespace() || "/?#\"'".contains(c));
        let (authority, after) = after.split_at(end.unwrap_or(after.len()));
        match authority
            .rsplit_once('@')
            .and_then(|(user, host)| Some((user.split_once(':')?, host)))
        {
            Some(((user, _), host)) => {
                hidden.extend([user, ":", HIDDEN, "@", host]);
            }
            None => hidden.push_str(authority),
        }
        rest = after;
    }
    hidden.push_str(rest);
    hidden
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_are_known_by_their_names_however_deep_they_are() {
        let value = json!({
            "name": "Vera", "passwordHash": "canary", "list": [{"API_KEY": "canary"}],
            "deep": {"mailer-dsn": {"a": "canary"}, "kept": 7},
            "log": "login with password=canary&name=Vera",
        });
        assert_eq!(
            redact(value),
            json!({
                "name": "Vera", "passwordHash": "***", "list": [{"API_KEY": "***"}],
                "deep": {"mailer-dsn": "***", "kept": 7},
                "log": "login with password=***&name=Vera",
            })
        );
    }

    #[test]
    fn secrets_in_texts_are_hidden_and_the_rest_stays() {
        for (text, expected) in [
            ("/reset?token=canary&x=1", "/reset?token=***&x=1"),
            (
                "Login { name: \"a\", password: \"ca\\\"nary\" }",
                "Login { name: \"a\", password: \"***\" }",
            ),
            ("{\"secret\":\"canary\",\"a\":1}", "{\"secret\":\"***\",\"a\":1}"),
            ("Authorization: Bearer canary", "Authorization: ***"),
            ("smtp://me:canary@host:25/x", "smtp://me:***@host:25/x"),
            ("postgres://me:ca@nary@host/x", "postgres://me:***@host/x"),
            (
                "WHERE token_hash = $1 AND \"secret\" = ?",
                "WHERE token_hash = $1 AND \"secret\" = ?",
            ),
            ("token::new and passwords", "token::new and passwords"),
            ("password: ***", "password: ***"),
        ] {
            assert_eq!(scrub(text), expected);
        }
    }
}
