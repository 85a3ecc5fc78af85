//! Keys and strings as TOML writes them.

/// A TOML key: bare where TOML allows it, quoted where not (`"command.bus"`).
pub(super) fn quote_key(key: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !key.is_empty() && key.chars().all(bare) { key.to_owned() } else { quote(key) }
}

/// A TOML string: literal (`'App\Message\*'`) where a backslash would need escaping, else basic.
pub(super) fn quote(text: &str) -> String {
    let literal = text.contains('\\') && !text.chars().any(|c| c == '\'' || c.is_control());
    if literal {
        return format!("'{text}'");
    }
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
