//! Where photos are kept: private originals, public renditions, on disk, on S3 or in memory.

mod error;
mod incoming;
mod location;
mod media_name;
mod parts;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt, PutMode};
use uuid::Uuid;

pub use self::error::StorageError;
pub use self::incoming::{IncomingPhoto, StoredOriginal};
pub use self::media_name::{InvalidMediaName, MediaName};

use crate::config::{AwsVariables, PhotoStorageUrl};
use crate::photo::PhotoFormat;

/// The size of a part on the local disk: larger parts cost memory, smaller ones throughput.
const LOCAL_PART: usize = 128 * 1024;

/// The smallest part that S3 accepts.
const S3_PART: usize = 5 * 1024 * 1024;

/// The photo storage. A clone is cheap and names the same storage.
///
/// | Below | Kept there |
/// | --- | --- |
/// | `originals/` | uploads as they arrived; never served |
/// | `media/` | renditions that were encoded here, under the hash of their bytes |
/// | `incoming/` | long uploads, between their last byte and their move to `originals/` |
#[derive(Debug, Clone)]
pub struct PhotoStorage {
    store: Arc<dyn ObjectStore>,
    location: PhotoStorageUrl,
}

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

/// A stored file that is being read.
pub struct OpenFile {
    /// The length in bytes.
    pub size: u64,
    /// The bytes, in pieces.
    pub bytes: BoxStream<'static, Result<Bytes, StorageError>>,
}

impl PhotoStorage {
    /// Opens the storage; a local folder is created if it is missing.
    ///
    /// # Errors
    /// [`StorageError`] if the folder cannot be created or the `AWS_*` variables are incomplete.
    pub fn open(location: PhotoStorageUrl, aws: &AwsVariables) -> Result<Self, StorageError> {
        Ok(Self { store: location.open(aws)?, location })
    }

    /// A new empty storage in memory.
    #[must_use]
    pub fn in_memory() -> Self {
        let store = Arc::new(object_store::memory::InMemory::new());
        Self { store, location: PhotoStorageUrl::Memory }
    }

    /// Starts an upload of at most `limit` bytes, which [`finish`](IncomingPhoto::finish) stores as
    /// `originals/<id>`. Short photos stay in memory until then.
    #[must_use]
    pub fn incoming(&self, id: Uuid, limit: u64) -> IncomingPhoto {
        let part_size = match self.location {
            PhotoStorageUrl::S3 { .. } => S3_PART,
            PhotoStorageUrl::Folder(_) | PhotoStorageUrl::Memory => LOCAL_PART,
        };
        IncomingPhoto::new(Arc::clone(&self.store), id, limit, part_size)
    }

    /// Stores a rendition of a photo and gives its name. The same bytes twice are one file.
    ///
    /// # Errors
    /// [`StorageError::NoSpace`], or what the store said.
    pub async fn publish(
        &self,
        photo: Uuid,
        bytes: Bytes,
        format: PhotoFormat,
    ) -> Result<MediaName, StorageError> {
        let name = MediaName::of(photo, &bytes, format);
        let key = Path::from(name.key());
        match self.store.put_opts(&key, bytes.into(), PutMode::Create.into()).await {
            Ok(_) | Err(object_store::Error::AlreadyExists { .. }) => Ok(name),
            Err(error) => Err(error.into()),
        }
    }

    /// The whole file.
    ///
    /// # Errors
    /// [`StorageError::NotFound`], or what the store said.
    pub async fn read(&self, key: &str) -> Result<Bytes, StorageError> {
        let found = self.store.get(&path(key)?).await.map_err(StorageError::at(key))?;
        Ok(found.bytes().await?)
    }

    /// The file in pieces, for answers.
    ///
    /// # Errors
    /// [`StorageError::NotFound`], or what the store said; each piece can fail as well.
    pub async fn read_stream(&self, key: &str) -> Result<OpenFile, StorageError> {
        let found = self.store.get(&path(key)?).await.map_err(StorageError::at(key))?;
        let size = found.meta.size;
        Ok(OpenFile { size, bytes: found.into_stream().map_err(StorageError::from).boxed() })
    }

    /// The length of a file in bytes, without reading it.
    ///
    /// # Errors
    /// [`StorageError::NotFound`], or what the store said.
    pub async fn size(&self, key: &str) -> Result<u64, StorageError> {
        Ok(self.store.head(&path(key)?).await.map_err(StorageError::at(key))?.size)
    }

    /// Removes a file that is expected to be there.
    ///
    /// # Errors
    /// [`StorageError::NotFound`] if it is not: S3 would say nothing, hence the look before.
    pub async fn delete(&self, key: &str) -> Result<(), StorageError> {
        self.size(key).await?;
        self.store.delete(&path(key)?).await.map_err(StorageError::at(key))
    }

    /// Removes a file if there is one; whether there was one.
    ///
    /// # Errors
    /// What the store said.
    pub async fn delete_if_present(&self, key: &str) -> Result<bool, StorageError> {
        match self.delete(key).await {
            Ok(()) => Ok(true),
            Err(StorageError::NotFound { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Removes everything that is kept of a photo: the original and all renditions; how many files
    /// there were.
    ///
    /// # Errors
    /// What the store said.
    pub async fn delete_photo(&self, photo: Uuid) -> Result<usize, StorageError> {
        let folder = Path::from(format!("media/{photo}"));
        let renditions: Vec<ObjectMeta> = self.store.list(Some(&folder)).try_collect().await?;
        let mut removed = 0;
        for rendition in renditions {
            let key: String = rendition.location.into();
            removed += usize::from(self.delete_if_present(&key).await?);
        }
        removed += usize::from(self.delete_if_present(&original_key(photo)).await?);
        Ok(removed)
    }

    /// Every file, in no particular order.
    pub fn list(&self) -> BoxStream<'static, Result<StoredFile, StorageError>> {
        self.store.list(None).map_ok(StoredFile::from).map_err(StorageError::from).boxed()
    }

    /// Removes what a process was writing when it died, if that was before `before`; how many files
    /// there were, originals and renditions alike. They have no key and are not in
    /// [`list`](Self::list). (On S3 this is a lifecycle rule.)
    ///
    /// # Errors
    /// What the file system said.
    pub async fn remove_abandoned_parts(&self, before: DateTime<Utc>) -> std::io::Result<usize> {
        let PhotoStorageUrl::Folder(folder) = &self.location else {
            return Ok(0);
        };
        let folders = ["incoming", "originals", "media", "probe"].map(|name| folder.join(name));
        let remove =
            move || folders.iter().map(|folder| parts::remove_abandoned(folder, before)).sum();
        tokio::task::spawn_blocking(remove).await?
    }

    /// Writes, reads and removes a small file, to see whether the storage works.
    ///
    /// # Errors
    /// What failed first.
    pub async fn probe(&self) -> Result<(), StorageError> {
        let key = format!("probe/{}", Uuid::new_v4());
        let written = Bytes::copy_from_slice(key.as_bytes());
        self.store.put(&path(&key)?, written.clone().into()).await?;
        let read = self.read(&key).await;
        self.delete(&key).await?;
        if read? == written { Ok(()) } else { Err(StorageError::Corrupt { key }) }
    }
}

impl From<ObjectMeta> for StoredFile {
    fn from(meta: ObjectMeta) -> Self {
        Self { key: meta.location.into(), last_modified: meta.last_modified, size: meta.size }
    }
}

/// Where the upload of a photo is kept as it arrived.
#[must_use]
pub fn original_key(photo: Uuid) -> String {
    format!("originals/{photo}")
}

/// A key as a path; one with `..` or an empty segment is refused.
fn path(key: &str) -> Result<Path, StorageError> {
    Path::parse(key).map_err(|error| StorageError::Store(error.into()))
}
