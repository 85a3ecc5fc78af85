//! Waiting for a mail that is not there yet.

use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use tokio::time::{Instant, sleep_until};

use super::error::MailboxError;
use super::folder::MailFilter;
use super::folder::MailFolder;
use super::mail::Mail;

/// How often the folder's time of change is looked at.
const GLANCE: Duration = Duration::from_millis(150);
/// After how many glances the folder is read even if it seems unchanged: two changes within one tick
/// of the file system's clock look like one.
const READ_ANYWAY: u32 = 8;

impl MailFolder {
    /// How many calls of [`wait`](Self::wait) have found nothing at first, ever.
    #[must_use]
    pub fn waits(&self) -> usize {
        self.waits.load(Ordering::SeqCst)
    }

    /// The mails that fit, as soon as there is one; none if none has come in this time.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub async fn wait(
        &self,
        filter: MailFilter,
        patience: Duration,
    ) -> Result<Vec<Mail>, MailboxError> {
        let deadline = Instant::now() + patience;
        let mut changed = self.changed_at().await?;
        let mut found = self.search(filter.clone()).await?;
        if found.is_empty() {
            self.waits.fetch_add(1, Ordering::SeqCst);
        }
        let mut glances = 0;
        while found.is_empty() && Instant::now() < deadline {
            sleep_until(deadline.min(Instant::now() + GLANCE)).await;
            glances += 1;
            let now = self.changed_at().await?;
            let is_last = Instant::now() >= deadline;
            if now != changed || is_last || glances % READ_ANYWAY == 0 {
                changed = now;
                found = self.search(filter.clone()).await?;
            }
        }
        Ok(found)
    }

    /// When a file last came or went; `None` while there is no folder.
    async fn changed_at(&self) -> Result<Option<SystemTime>, MailboxError> {
        let modified = |folder: &Path| folder.metadata().and_then(|about| about.modified()).ok();
        self.blocking(move |folder| Ok(modified(folder))).await
    }
}
