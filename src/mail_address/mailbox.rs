//! An address, and whose it is.

use std::fmt;
use std::str::FromStr;

use super::{DisplayName, EmailAddress, InvalidMailbox};

/// An address with or without the name of whom it belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Mailbox {
    /// What the person is called, if that is known.
    pub name: Option<DisplayName>,
    /// Where mails for the person go.
    pub address: EmailAddress,
}

impl Mailbox {
    /// The mailbox of somebody with a name.
    #[must_use]
    pub fn new(name: DisplayName, address: EmailAddress) -> Self {
        Self { name: Some(name), address }
    }
}

impl From<EmailAddress> for Mailbox {
    fn from(address: EmailAddress) -> Self {
        Self { name: None, address }
    }
}

/// Reads `vera@example.org` or `Vera Example <vera@example.org>`.
impl FromStr for Mailbox {
    type Err = InvalidMailbox;

    fn from_str(text: &str) -> Result<Self, InvalidMailbox> {
        let text = text.trim();
        let Some((name, address)) = text.strip_suffix('>').and_then(|text| text.rsplit_once('<'))
        else {
            return EmailAddress::parse(text).map(Self::from);
        };
        let address = EmailAddress::parse(address)?;
        match name.trim().trim_matches('"') {
            "" => Ok(Self::from(address)),
            name => Ok(Self::new(DisplayName::parse(name)?, address)),
        }
    }
}

/// For people: `Vera Example <vera@example.org>`.
impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name} <{}>", self.address),
            None => self.address.fmt(f),
        }
    }
}
