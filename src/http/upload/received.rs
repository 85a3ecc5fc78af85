//! The photos of a request that is still being read: kept together, or not at all.

use tokio::runtime::Handle;

use super::UploadedFile;
use crate::photo_storage::{PhotoStorage, StorageError};

/// Removes the photos from the storage unless [`keep`](Self::keep) is called, also when the client
/// vanishes and the future that owns this is dropped.
pub(super) struct ReceivedFiles {
    storage: PhotoStorage,
    files: Vec<UploadedFile>,
}

impl ReceivedFiles {
    pub(super) fn new(storage: PhotoStorage) -> Self {
        Self { storage, files: Vec::new() }
    }

    pub(super) fn push(&mut self, file: UploadedFile) {
        self.files.push(file);
    }

    pub(super) fn len(&self) -> usize {
        self.files.len()
    }

    pub(super) fn keep(mut self) -> Vec<UploadedFile> {
        std::mem::take(&mut self.files)
    }

    /// Removes them before the refusal is told, so that a test and a person see an empty storage.
    pub(super) async fn discard(mut self) {
        while let Some(file) = self.files.last() {
            log_failure(self.storage.delete_if_present(&file.stored.key).await);
            self.files.pop();
        }
    }
}

impl Drop for ReceivedFiles {
    fn drop(&mut self) {
        let files = std::mem::take(&mut self.files);
        if files.is_empty() {
            return;
        }
        if let Ok(runtime) = Handle::try_current() {
            let storage = self.storage.clone();
            runtime.spawn(async move {
                for file in files {
                    log_failure(storage.delete_if_present(&file.stored.key).await);
                }
            });
        }
    }
}

fn log_failure(outcome: Result<bool, StorageError>) {
    if let Err(error) = outcome {
        tracing::warn!(%error, "could not remove a refused upload; the sweep will");
    }
}
