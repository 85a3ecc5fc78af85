//! Addresses of mail as typed values: whoever has one need not check it again.

mod display_name;
mod email_address;
mod mailbox;
mod problem;
#[cfg(test)]
mod tests;

pub use display_name::DisplayName;
pub use email_address::EmailAddress;
pub use mailbox::Mailbox;
pub use problem::InvalidMailbox;
