//! Which mails a test is looking for.

use chrono::{DateTime, Utc};

use super::files::MailFile;
use super::summary::MailSummary;

/// What a mail must have; an empty filter fits every mail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MailFilter {
    /// One of the recipients, by address, in whatever case.
    pub to: Option<String>,
    /// The mail came after this moment.
    pub since: Option<DateTime<Utc>>,
}

impl MailFilter {
    /// Whether the file can be the one, as far as its name and age tell.
    pub(super) fn fits_file(&self, file: &MailFile) -> bool {
        self.since.is_none_or(|since| file.received_at > since)
    }

    /// Whether the mail is addressed as asked.
    pub(super) fn fits(&self, mail: &MailSummary) -> bool {
        let Some(wanted) = &self.to else { return true };
        mail.to.iter().any(|address| address.eq_ignore_ascii_case(wanted))
    }
}
