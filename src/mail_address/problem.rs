//! What can be wrong with the address or the name of somebody who gets mail.

/// Why a text is no address or name of mail: a sentence for whoever typed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidMailbox {
    /// There is no address.
    #[error("The email address is missing.")]
    NoAddress,
    /// There is no `@`, or nothing before it.
    #[error("An email address has a name, an @ and a domain, like vera@example.org.")]
    NoAt,
    /// What stands before the `@`.
    #[error("What stands before the @ of the email address cannot be used.")]
    LocalPart,
    /// What stands after the `@`.
    #[error("What stands after the @ of the email address is not a domain, like example.org.")]
    Domain,
    /// Longer than mail allows.
    #[error("The email address is too long.")]
    AddressTooLong,
    /// A line break or another character that controls instead of showing, in the address.
    #[error("The email address contains a character that cannot be shown.")]
    ControlInAddress,
    /// There is no name.
    #[error("The name is missing.")]
    NoName,
    /// Longer than [`DisplayName::MAX_CHARS`](super::DisplayName::MAX_CHARS).
    #[error("The name is too long.")]
    NameTooLong,
    /// A line break or another character that controls instead of showing, in the name.
    #[error("The name contains a character that cannot be shown, such as a line break.")]
    ControlInName,
}

/// Whether a character controls how text is shown or read instead of being shown: a line break, or
/// one that turns the direction of writing around.
pub(super) fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2066}'..='\u{2069}' | '\u{feff}')
}
