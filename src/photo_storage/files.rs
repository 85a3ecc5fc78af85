//! The files of the storage one after the other, as they are compared with the photos.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStoreExt};

use super::{PhotoStorage, StorageError, parts};

/// One stored file, as a sweeper sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// The key, beginning with `originals/`, `media/` or `incoming/`.
    pub key: String,
    /// When it was written, by the clock of the storage.
    pub last_modified: DateTime<Utc>,
    /// The length in bytes.
    pub size: u64,
}

impl PhotoStorage {
    /// Every file, in no particular order. They are read while they are taken.
    ///
    /// # Errors
    /// [`StorageError::Away`]; each file can fail as well.
    pub async fn list(
        &self,
    ) -> Result<BoxStream<'static, Result<StoredFile, StorageError>>, StorageError> {
        let files = self.checked().await?.list(None);
        Ok(files.map_ok(StoredFile::from).map_err(StorageError::from).boxed())
    }

    /// Removes a file that was listed, unless it was written anew since; whether it did.
    ///
    /// # Errors
    /// [`StorageError::Away`], or what the store said.
    pub async fn delete_unless_new(&self, file: &StoredFile) -> Result<bool, StorageError> {
        let store = self.checked().await?;
        match store.head(&Path::from(&*file.key)).await {
            Ok(found) if found.last_modified == file.last_modified => {}
            Ok(_) | Err(object_store::Error::NotFound { .. }) => return Ok(false),
            Err(error) => return Err(error.into()),
        }
        self.delete_if_present(&file.key).await
    }

    /// Removes what a process was writing when it died, if that was before `before`; how many files
    /// there were, originals and renditions alike. They have no key and are not in
    /// [`list`](Self::list). (On S3 this is a lifecycle rule.)
    ///
    /// # Errors
    /// [`StorageError::Away`], or what the file system said.
    pub async fn remove_abandoned_parts(
        &self,
        before: DateTime<Utc>,
    ) -> Result<usize, StorageError> {
        self.check().await?;
        let Some(folder) = self.place.folder() else { return Ok(0) };
        let folders = ["incoming", "originals", "media", "probe"].map(|name| folder.join(name));
        let remove =
            move || folders.iter().map(|folder| parts::remove_abandoned(folder, before)).sum();
        let removed: Result<std::io::Result<usize>, _> = tokio::task::spawn_blocking(remove).await;
        removed.map_err(|_stopped| StorageError::Interrupted)?.map_err(StorageError::in_folder)
    }

    /// What is stored, once it is certain that it is the right storage.
    pub(super) async fn checked(&self) -> Result<Arc<dyn object_store::ObjectStore>, StorageError> {
        self.check().await?;
        self.place.store()
    }
}

impl From<ObjectMeta> for StoredFile {
    fn from(meta: ObjectMeta) -> Self {
        Self { key: meta.location.into(), last_modified: meta.last_modified, size: meta.size }
    }
}
