//! Where photos are kept: private originals, public renditions, on disk, on S3 or in memory.

mod error;
mod files;
mod guard;
mod incoming;
mod location;
mod marker;
mod media_name;
mod parts;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStoreExt, PutMode};
use uuid::Uuid;

use self::guard::Guard;
use self::location::Place;

pub use self::error::StorageError;
pub use self::files::StoredFile;
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
    place: Arc<Place>,
    guard: Option<Arc<Guard>>,
}

/// A stored file that is being read.
pub struct OpenFile {
    /// The length in bytes.
    pub size: u64,
    /// The bytes, in pieces.
    pub bytes: BoxStream<'static, Result<Bytes, StorageError>>,
}

impl PhotoStorage {
    /// The storage at this place. A folder that is missing is not made.
    ///
    /// # Errors
    /// [`StorageError`] if the `AWS_*` variables are incomplete.
    pub fn open(location: PhotoStorageUrl, aws: &AwsVariables) -> Result<Self, StorageError> {
        Ok(Self { place: Place::of(location, aws)?.into(), guard: None })
    }

    /// A new empty storage in memory.
    ///
    /// # Panics
    /// Never: memory needs no variables.
    #[must_use]
    pub fn in_memory() -> Self {
        let opened = Self::open(PhotoStorageUrl::Memory, &AwsVariables::default());
        opened.expect("memory needs no variables")
    }

    /// Starts an upload of at most `limit` bytes, which [`finish`](IncomingPhoto::finish) stores as
    /// `originals/<id>`. Short photos stay in memory until then.
    #[must_use]
    pub fn incoming(&self, id: Uuid, limit: u64) -> IncomingPhoto {
        let part_size = match self.place.location {
            PhotoStorageUrl::S3 { .. } => S3_PART,
            PhotoStorageUrl::Folder(_) | PhotoStorageUrl::Memory => LOCAL_PART,
        };
        IncomingPhoto::new(self.clone(), id, limit, part_size)
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
        let store = self.checked().await?;
        match store.put_opts(&key, bytes.clone().into(), PutMode::Create.into()).await {
            Ok(_) => {}
            // An earlier delivery has left it. It is as good as new now, also for a sweep.
            Err(object_store::Error::AlreadyExists { .. }) => {
                store.put(&key, bytes.into()).await?;
            }
            Err(error) => return Err(error.into()),
        }
        self.check().await?;
        Ok(name)
    }

    /// The whole file.
    ///
    /// # Errors
    /// [`StorageError::NotFound`], or what the store said.
    pub async fn read(&self, key: &str) -> Result<Bytes, StorageError> {
        Ok(self.found(key, self.place.store()?.get(&path(key)?).await).await?.bytes().await?)
    }

    /// The file in pieces, for answers.
    ///
    /// # Errors
    /// [`StorageError::NotFound`], or what the store said; each piece can fail as well.
    pub async fn read_stream(&self, key: &str) -> Result<OpenFile, StorageError> {
        let found = self.found(key, self.place.store()?.get(&path(key)?).await).await?;
        let size = found.meta.size;
        Ok(OpenFile { size, bytes: found.into_stream().map_err(StorageError::from).boxed() })
    }

    /// The length of a file in bytes, without reading it.
    ///
    /// # Errors
    /// [`StorageError::NotFound`], or what the store said.
    pub async fn size(&self, key: &str) -> Result<u64, StorageError> {
        Ok(self.found(key, self.place.store()?.head(&path(key)?).await).await?.size)
    }

    /// Whether there is such a file.
    ///
    /// # Errors
    /// [`StorageError::Away`], or what the store said.
    pub async fn exists(&self, key: &str) -> Result<bool, StorageError> {
        match self.size(key).await {
            Ok(_) => Ok(true),
            Err(StorageError::NotFound { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Removes a file that is expected to be there.
    ///
    /// # Errors
    /// [`StorageError::NotFound`] if it is not: S3 would say nothing, hence the look before.
    pub async fn delete(&self, key: &str) -> Result<(), StorageError> {
        self.size(key).await?;
        self.found(key, self.place.store()?.delete(&path(key)?).await).await
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
        let store = self.checked().await?;
        let renditions: Vec<ObjectMeta> = store.list(Some(&folder)).try_collect().await?;
        let mut removed = 0;
        for rendition in renditions {
            let key: String = rendition.location.into();
            removed += usize::from(self.delete_if_present(&key).await?);
        }
        removed += usize::from(self.delete_if_present(&original_key(photo)).await?);
        Ok(removed)
    }

    /// Writes, reads and removes a small file, to see whether the storage works and is the right one.
    ///
    /// # Errors
    /// What failed first.
    pub async fn probe(&self) -> Result<(), StorageError> {
        self.check_anew().await?;
        let key = format!("probe/{}", Uuid::new_v4());
        let written = Bytes::copy_from_slice(key.as_bytes());
        self.place.store()?.put(&path(&key)?, written.clone().into()).await?;
        let read = self.read(&key).await;
        self.delete(&key).await?;
        if read? == written { Ok(()) } else { Err(StorageError::Corrupt { key }) }
    }

    /// What the store answered. Where the whole storage is away, no single file is missing.
    async fn found<T>(
        &self,
        key: &str,
        answer: object_store::Result<T>,
    ) -> Result<T, StorageError> {
        match answer {
            Err(object_store::Error::NotFound { .. }) => {
                self.check().await?;
                Err(StorageError::NotFound { key: key.to_owned() })
            }
            answer => Ok(answer?),
        }
    }
}

impl fmt::Display for PhotoStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.place.fmt(f)
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
