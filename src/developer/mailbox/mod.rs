//! The dev mailbox: reads the mails that were written into a folder, for developers and their tests.
//!
//! Nothing that a mail names is ever fetched, and no picture is decoded.

mod arrivals;
mod controller;
mod error;
mod files;
mod folder;
mod html;
mod links;
mod mail;
mod mail_id;
mod parse;
mod shape;
mod summary;
#[cfg(test)]
mod tests;

pub(super) use controller::routes;
pub use error::MailboxError;
pub use folder::{MailFilter, MailFolder, MailPage, PAGE};
pub use mail::{Attachment, Mail, MailProblem};
pub use mail_id::{InvalidMailId, MailId};
pub use summary::MailSummary;

use crate::config::MailerDsn;

/// Where a developer finds the mails of this application.
#[derive(Clone)]
pub enum DevMailbox {
    /// In this folder, as `MAILER_DSN=file://…` says.
    Here(MailFolder),
    /// Not here: what `MAILER_DSN` says, without its secrets.
    Elsewhere(String),
}

impl DevMailbox {
    /// The mailbox that belongs to this `MAILER_DSN`.
    #[must_use]
    pub fn of(mailer: &MailerDsn) -> Self {
        match mailer {
            MailerDsn::Files(folder) => Self::Here(MailFolder::new(folder.clone())),
            MailerDsn::Smtp(dsn) => Self::Elsewhere(dsn.to_string()),
            MailerDsn::Null => Self::Elsewhere("null://null".to_owned()),
            MailerDsn::InMemory => Self::Elsewhere("in-memory://".to_owned()),
        }
    }
}
