//! The darkroom: where photos are decoded, a few at a time.
//!
//! A decoded photo takes tens of megabytes. On a pool of hundreds of threads the allocator would keep
//! that much for each of them; here it keeps it for a few. Uploads and the worker have a darkroom each,
//! so that neither waits for the other.

use bytes::Bytes;
use thiserror::Error;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;

use crate::photo_storage::{PhotoStorage, StorageError};

/// Decodes photos, a few at a time.
pub struct Darkroom {
    /// `None` only while it is being dropped.
    runtime: Option<Runtime>,
    places: Semaphore,
}

/// A photo could not be worked on.
#[derive(Debug, Error)]
pub enum DarkroomError {
    /// Its file could not be read.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The work panicked, or the process is ending.
    #[error("the work on a photo was interrupted")]
    Interrupted,
}

impl Darkroom {
    /// Opens a darkroom with threads of its own, for so many photos at a time.
    ///
    /// # Errors
    /// When the system has no threads left.
    pub fn open(places: usize) -> std::io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(places)
            .thread_name("darkroom")
            .enable_all()
            .build()?;
        Ok(Self { runtime: Some(runtime), places: Semaphore::new(places) })
    }

    /// Reads a photo and works on it; waits for its turn first.
    ///
    /// # Errors
    /// When the photo cannot be read, or the work panics.
    pub async fn develop<T: Send + 'static>(
        &self,
        photos: &PhotoStorage,
        key: String,
        work: impl FnOnce(Bytes) -> T + Send + 'static,
    ) -> Result<T, DarkroomError> {
        let interrupted = || DarkroomError::Interrupted;
        let _place = self.places.acquire().await.map_err(|_closed| interrupted())?;
        let runtime = self.runtime.as_ref().ok_or_else(interrupted)?;
        let photos = photos.clone();
        let developed = runtime.spawn(async move {
            let photo = photos.read(&key).await?;
            let worked = tokio::task::spawn_blocking(move || work(photo));
            worked.await.map_err(|_panicked| DarkroomError::Interrupted)
        });
        developed.await.map_err(|_panicked| interrupted())?
    }
}

impl Drop for Darkroom {
    fn drop(&mut self) {
        // Waiting for the threads here would block whoever drops it.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
