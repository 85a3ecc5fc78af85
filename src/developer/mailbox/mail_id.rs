//! The id of a mail: the name of its file without the ending.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// The longest id, in bytes: file systems end at 255, and an ending is still to come.
const MAX_BYTES: usize = 200;

/// Letters, digits, `.`, `_` and `-`, and no dot in front: what cannot leave its folder, is not
/// hidden, and is not a file that is still being written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct MailId(String);

/// The text is not the id of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the id of a mail")]
pub struct InvalidMailId;

impl MailId {
    /// The id as it stands in addresses and file names.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MailId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for MailId {
    type Err = InvalidMailId;

    fn from_str(text: &str) -> Result<Self, InvalidMailId> {
        let is_allowed =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        let is_good = (1..=MAX_BYTES).contains(&text.len())
            && !text.starts_with('.')
            && text.bytes().all(is_allowed);
        if is_good { Ok(Self(text.to_owned())) } else { Err(InvalidMailId) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_cannot_leave_its_folder() {
        for good in ["a", "01a20664-b8f4-76a2-9e1e-b5a1de214076", "1764000000.M1_x.host", "a..b"] {
            assert_eq!(good.parse::<MailId>().unwrap().as_str(), good);
        }
        let long = "a".repeat(201);
        for bad in
            ["", ".", "..", "../x", "a/b", "a\\b", ".tmp", "a\0", "a b", "é", "a%2fb", "a:b", &long]
        {
            assert_eq!(bad.parse::<MailId>(), Err(InvalidMailId), "{bad:?}");
        }
    }
}
