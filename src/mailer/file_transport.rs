//! Delivers mails into a folder: `ID.eml`, and `ID.json` with the envelope.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use tokio::fs;

use super::RenderedEmail;

/// Delivers mails into a folder. Delivered twice, a mail is there once.
#[derive(Debug, Clone)]
pub(super) struct FileTransport {
    folder: PathBuf,
}

impl FileTransport {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The envelope comes first: who finds the mail finds its envelope too.
    pub(super) async fn send(&self, email: &RenderedEmail) -> anyhow::Result<()> {
        let folder = &self.folder;
        let stored = async {
            fs::create_dir_all(folder).await?;
            let envelope = serde_json::to_vec(&email.envelope)?;
            self.write(&format!("{}.json", email.id), &envelope).await?;
            self.write(&format!("{}.eml", email.id), &email.message).await
        };
        let stored: anyhow::Result<()> = stored.await;
        stored.with_context(|| format!("could not store a mail in {}", folder.display()))
    }

    /// A file appears whole or not at all.
    async fn write(&self, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
        // Two deliveries of one mail must not write into one another's file.
        let unfinished = self.folder.join(format!(".{name}.{:x}", fastrand::u64(..)));
        let written = fs::write(&unfinished, bytes).await;
        let moved = match written {
            Ok(()) => fs::rename(&unfinished, self.folder.join(name)).await,
            Err(error) => Err(error),
        };
        if moved.is_err() {
            // There may be none.
            let _ = fs::remove_file(&unfinished).await;
        }
        Ok(moved?)
    }
}
