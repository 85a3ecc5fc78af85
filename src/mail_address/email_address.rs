//! The address of a mailbox.

use std::fmt;
use std::str::FromStr;

use unicode_normalization::UnicodeNormalization;

use super::problem::{InvalidMailbox, is_control};

/// How long an address may be, and what stands before its `@`, in bytes.
const MAX_BYTES: usize = 254;
const MAX_LOCAL_BYTES: usize = 64;

/// The address of a mailbox in one form: small letters, an international domain as ASCII
/// (`vera@xn--bcher-kva.example`). Two texts that lead to the same mailbox are mostly equal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EmailAddress {
    whole: String,
    at: usize,
}

impl EmailAddress {
    /// Reads an address. Letters beyond ASCII are allowed before the `@` too; quotes, comments and
    /// addresses of machines (`vera@[192.0.2.1]`) are not.
    ///
    /// # Errors
    /// When it is missing, too long, or not of the form `vera@example.org`.
    pub fn parse(text: &str) -> Result<Self, InvalidMailbox> {
        let text = text.trim_matches(' ');
        if text.is_empty() {
            return Err(InvalidMailbox::NoAddress);
        }
        if text.contains(is_control) {
            return Err(InvalidMailbox::ControlInAddress);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(InvalidMailbox::NoAt)?;
        if local.is_empty() {
            return Err(InvalidMailbox::NoAt);
        }
        let local: String = local.nfc().collect::<String>().to_lowercase().nfc().collect();
        if !is_local_part(&local) {
            return Err(InvalidMailbox::LocalPart);
        }
        let domain = ascii_domain(domain).ok_or(InvalidMailbox::Domain)?;
        let whole = format!("{local}@{domain}");
        if whole.len() > MAX_BYTES || local.len() > MAX_LOCAL_BYTES {
            return Err(InvalidMailbox::AddressTooLong);
        }
        if lettre::Address::new(&local, &domain).is_err() {
            return Err(InvalidMailbox::LocalPart);
        }
        Ok(Self { whole, at: local.len() })
    }

    /// The whole address, with its domain.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.whole
    }

    /// What stands before the `@`.
    #[must_use]
    pub fn local_part(&self) -> &str {
        &self.whole[..self.at]
    }

    /// What stands after the `@`, in ASCII.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.whole[self.at + 1..]
    }
}

fn is_local_part(local: &str) -> bool {
    let is_allowed = |c: char| {
        c.is_ascii_alphanumeric()
            || "!#$%&'*+-/=?^_`{|}~".contains(c)
            || (!c.is_ascii() && !c.is_whitespace())
    };
    local.split('.').all(|part| !part.is_empty() && part.chars().all(is_allowed))
}

/// The domain in small ASCII letters; `None` if it is none.
fn ascii_domain(domain: &str) -> Option<String> {
    if domain.contains('%') || domain.ends_with('.') {
        return None;
    }
    let Ok(url::Host::Domain(domain)) = url::Host::parse(domain) else { return None };
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let is_whole = domain.contains('.') || domain == "localhost";
    (is_whole && domain.split('.').all(is_label)).then_some(domain)
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.whole)
    }
}

impl FromStr for EmailAddress {
    type Err = InvalidMailbox;

    fn from_str(text: &str) -> Result<Self, InvalidMailbox> {
        Self::parse(text)
    }
}
