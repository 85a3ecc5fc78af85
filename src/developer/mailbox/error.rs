//! Why a mail cannot be shown.

use std::io;

/// A mail, or the folder of mails, could not be used.
#[derive(Debug, thiserror::Error)]
pub enum MailboxError {
    /// There is no such mail, or no longer.
    #[error("there is no such mail")]
    NotFound,
    /// The mail is too large to be opened.
    #[error("the mail is larger than {limit} bytes")]
    TooLarge {
        /// The largest mail that is opened, in bytes.
        limit: u64,
    },
    /// The file system refused.
    #[error("could not use the folder of mails")]
    Folder(#[source] io::Error),
    /// The work was interrupted, which happens when the process ends.
    #[error("reading the mails was interrupted")]
    Interrupted,
}

impl From<io::Error> for MailboxError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::NotFound,
            _ => Self::Folder(error),
        }
    }
}
