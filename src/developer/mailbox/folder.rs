//! The folder of mails: listing, opening, deleting. Everything on threads that may block.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use chrono::{DateTime, Utc};

use super::error::MailboxError;
use super::files::{self, MailFile};
use super::mail::Mail;
use super::mail_id::MailId;
use super::summary::MailSummary;

/// How many mails a page has, and how many a search finds at most.
pub const PAGE: usize = 100;

/// What a mail must have; an empty filter fits every mail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MailFilter {
    /// One of the recipients, by address, in whatever case.
    pub to: Option<String>,
    /// The mail came after this moment.
    pub since: Option<DateTime<Utc>>,
}

/// A folder of mails. A clone is cheap.
#[derive(Clone)]
pub struct MailFolder {
    folder: Arc<PathBuf>,
    pub(super) waits: Arc<AtomicUsize>,
}

/// One page of a list.
#[derive(Debug, Clone)]
pub struct MailPage {
    /// The mails, the newest first, at most [`PAGE`].
    pub mails: Vec<MailSummary>,
    /// How many mails there are in all.
    pub total: usize,
    /// How many of all are unread.
    pub unread: usize,
    /// Whether there are older ones on a further page.
    pub has_older: bool,
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

impl MailFolder {
    /// The mails in this folder, which need not exist yet.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self { folder: Arc::new(folder), waits: Arc::default() }
    }

    /// Where the mails are.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// A page of the list; the first is 1.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub async fn page(&self, number: usize) -> Result<MailPage, MailboxError> {
        self.blocking(move |folder| {
            let all = files::list(folder)?;
            let first = number.saturating_sub(1).saturating_mul(PAGE);
            let files = all.iter().skip(first).take(PAGE);
            // A mail that vanished in the meantime is not on the page.
            let mails = files.filter_map(|file| MailSummary::read(folder, file).ok()).collect();
            Ok(MailPage {
                mails,
                total: all.len(),
                unread: all.iter().filter(|file| file.is_unread).count(),
                has_older: all.len() > first.saturating_add(PAGE),
            })
        })
        .await
    }

    /// Opens a mail.
    ///
    /// # Errors
    /// When there is no such mail, or it cannot be read.
    pub async fn find(&self, id: MailId) -> Result<Mail, MailboxError> {
        self.blocking(move |folder| Mail::open(folder, &files::find(folder, &id)?)).await
    }

    /// The mails that fit, the newest first, at most [`PAGE`]; without their attachments and raw bytes,
    /// which together could fill the memory.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub async fn search(&self, filter: MailFilter) -> Result<Vec<Mail>, MailboxError> {
        self.blocking(move |folder| {
            let found = matching(folder, &filter)?;
            let opened = found.filter_map(|file| Mail::open(folder, &file).ok());
            let opened = opened.map(|mail| Mail { attachments: vec![], raw: vec![], ..mail });
            Ok(opened.take(PAGE).collect())
        })
        .await
    }

    /// Notes that somebody has looked at a mail.
    ///
    /// # Errors
    /// When the folder cannot be written to.
    pub async fn mark_seen(&self, id: MailId) -> Result<(), MailboxError> {
        self.blocking(move |folder| files::mark_seen(folder, &id)).await
    }

    /// Deletes a mail.
    ///
    /// # Errors
    /// When there is no such mail, or it cannot be removed.
    pub async fn delete(&self, id: MailId) -> Result<(), MailboxError> {
        self.blocking(move |folder| files::delete(folder, &files::find(folder, &id)?.id)).await
    }

    /// Deletes every mail that fits.
    ///
    /// # Errors
    /// When the folder cannot be read or a mail cannot be removed.
    pub async fn delete_all(&self, filter: MailFilter) -> Result<(), MailboxError> {
        self.blocking(move |folder| {
            for file in matching(folder, &filter)? {
                match files::delete(folder, &file.id) {
                    // Somebody else was faster.
                    Ok(()) | Err(MailboxError::NotFound) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(())
        })
        .await
    }

    pub(super) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Path) -> Result<T, MailboxError> + Send + 'static,
    ) -> Result<T, MailboxError> {
        let folder = self.folder.clone();
        let done = tokio::task::spawn_blocking(move || work(&folder));
        done.await.map_err(|_panicked| MailboxError::Interrupted)?
    }
}

/// The files that fit, the newest first. Mails are opened only if the filter asks for what is inside.
fn matching<'a>(
    folder: &'a Path,
    filter: &'a MailFilter,
) -> Result<impl Iterator<Item = files::MailFile> + 'a, MailboxError> {
    let all = files::list(folder)?.into_iter().filter(|file| filter.fits_file(file));
    Ok(all.filter(move |file| {
        let fits = || MailSummary::read(folder, file).is_ok_and(|mail| filter.fits(&mail));
        filter.to.is_none() || fits()
    }))
}
