//! A photo while it arrives: invisible until it is complete, gone if it never is.

use std::sync::Arc;

use bytes::Bytes;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload, PutPayloadMut, WriteMultipart};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::{PhotoStorage, StorageError};

/// How many parts of one upload may be on their way to the store at once.
const PARTS_IN_FLIGHT: usize = 1;

/// An upload that arrived completely.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredOriginal {
    /// The id of the file.
    pub id: Uuid,
    /// The key in the photo storage, `originals/<id>`. It says nothing about the client's file name.
    pub key: String,
    /// The length in bytes.
    pub size: u64,
}

/// Writes one upload. Dropped before [`finish`](Self::finish) has answered, it removes what it wrote.
#[derive(Debug)]
pub struct IncomingPhoto {
    id: Uuid,
    storage: PhotoStorage,
    incoming: Path,
    original: Path,
    limit: u64,
    part_size: usize,
    size: u64,
    /// What has not been sent yet, as long as everything fits into one part.
    buffer: PutPayloadMut,
    upload: Option<WriteMultipart>,
}

impl IncomingPhoto {
    pub(super) fn new(storage: PhotoStorage, id: Uuid, limit: u64, part_size: usize) -> Self {
        Self {
            storage,
            id,
            incoming: Path::from(format!("incoming/{id}")),
            original: Path::from(format!("originals/{id}")),
            limit,
            part_size,
            size: 0,
            buffer: PutPayloadMut::new(),
            upload: None,
        }
    }

    /// How many bytes have been written.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Appends `bytes`; waits while the store is slower than the client.
    ///
    /// # Errors
    /// [`StorageError::TooBig`] as soon as the limit is passed, [`StorageError::NoSpace`], or what the
    /// store said. After an error, drop or [`abort`](Self::abort) the upload.
    pub async fn write(&mut self, bytes: Bytes) -> Result<(), StorageError> {
        self.size += bytes.len() as u64;
        if self.size > self.limit {
            return Err(StorageError::TooBig { limit: self.limit });
        }
        if self.upload.is_none() {
            self.buffer.extend_from_slice(&bytes);
            if self.buffer.content_length() < self.part_size {
                return Ok(());
            }
            return self.start_sending().await;
        }
        if let Some(upload) = &mut self.upload {
            upload.wait_for_capacity(PARTS_IN_FLIGHT).await?;
            upload.write(&bytes);
        }
        Ok(())
    }

    async fn start_sending(&mut self) -> Result<(), StorageError> {
        let multipart = self.storage.checked().await?.put_multipart(&self.incoming).await?;
        let mut upload = WriteMultipart::new_with_chunk_size(multipart, self.part_size);
        for piece in std::mem::take(&mut self.buffer).freeze() {
            upload.write(&piece);
        }
        self.upload = Some(upload);
        Ok(())
    }

    /// Makes the upload durable under its key.
    ///
    /// The work goes on if the caller is dropped meanwhile, so that there is one place which knows how
    /// it ended; with nobody left to take the result, it is removed again.
    ///
    /// # Errors
    /// [`StorageError::NoSpace`], or what the store said; nothing is kept then.
    pub async fn finish(mut self) -> Result<StoredOriginal, StorageError> {
        let upload = self.upload.take();
        let payload = std::mem::take(&mut self.buffer).freeze();
        let (storage, incoming, original) =
            (self.storage.clone(), self.incoming.clone(), self.original.clone());
        let (tell, told) = oneshot::channel();
        tokio::spawn(async move {
            let outcome = complete(&storage, upload, payload, &incoming, &original).await;
            let unclaimed = outcome.map(|store| RemoveOnDrop { store, key: Some(original) });
            drop(tell.send(unclaimed));
        });
        let mut unclaimed = told.await.unwrap_or(Err(StorageError::Interrupted))?;
        unclaimed.key = None;
        Ok(StoredOriginal { id: self.id, key: self.original.to_string(), size: self.size })
    }

    /// Gives the upload up and waits until what was written is removed.
    ///
    /// # Errors
    /// What the store said; a sweep removes the rest later.
    pub async fn abort(mut self) -> Result<(), StorageError> {
        match self.upload.take() {
            Some(upload) => Ok(upload.abort().await?),
            None => Ok(()),
        }
    }
}

impl Drop for IncomingPhoto {
    fn drop(&mut self) {
        if let Some(upload) = self.upload.take()
            && let Ok(runtime) = Handle::try_current()
        {
            let key = self.incoming.clone();
            runtime.spawn(async move {
                if let Err(error) = upload.abort().await {
                    tracing::warn!(%error, "could not remove the abandoned upload {key}");
                }
            });
        }
    }
}

/// A short photo is one atomic write; a long one is already at `incoming` and is renamed.
async fn complete(
    storage: &PhotoStorage,
    upload: Option<WriteMultipart>,
    payload: PutPayload,
    incoming: &Path,
    original: &Path,
) -> Result<Arc<dyn ObjectStore>, StorageError> {
    let store = storage.checked().await?;
    if let Some(upload) = upload {
        upload.finish().await?;
        store.rename(incoming, original).await?;
    } else {
        store.put(original, payload).await?;
    }
    // What was written while the storage was being taken away is in another one.
    storage.check().await?;
    Ok(store)
}

/// Removes a stored file if nobody took it.
struct RemoveOnDrop {
    store: Arc<dyn ObjectStore>,
    key: Option<Path>,
}

impl Drop for RemoveOnDrop {
    fn drop(&mut self) {
        if let Some(key) = self.key.take()
            && let Ok(runtime) = Handle::try_current()
        {
            let store = Arc::clone(&self.store);
            runtime.spawn(async move {
                if let Err(error) = store.delete(&key).await {
                    tracing::warn!(%error, "could not remove the unclaimed upload {key}");
                }
            });
        }
    }
}
