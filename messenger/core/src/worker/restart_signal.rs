//! How workers are asked to stop, wherever they run.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;

use crate::clock::Clock;
use crate::error::BoxError;

/// Where `messenger:stop-workers` leaves its request, and workers look for it. A worker stops when it
/// finds another request than the one it found when it started; no clock has to agree with another.
#[async_trait]
pub trait RestartSignal: Send + Sync + 'static {
    /// The last request, in words that differ from those of every other request; `None` if there was
    /// none.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn last_request(&self) -> Result<Option<String>, BoxError>;

    /// Asks every worker that runs now and looks there to stop once it has finished what it has in
    /// hand.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn request(&self) -> Result<(), BoxError>;
}

#[async_trait]
impl RestartSignal for Arc<dyn RestartSignal> {
    async fn last_request(&self) -> Result<Option<String>, BoxError> {
        (**self).last_request().await
    }

    async fn request(&self) -> Result<(), BoxError> {
        (**self).request().await
    }
}

/// A request in a file, for the workers on one machine or on one shared folder. No database is
/// needed.
#[derive(Debug, Clone)]
pub struct FileSignal {
    path: PathBuf,
}

impl FileSignal {
    /// A request in this file, which need not be there yet. Its folder must be there, and whoever
    /// asks must be allowed to write into it.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }
}

#[async_trait]
impl RestartSignal for FileSignal {
    async fn last_request(&self) -> Result<Option<String>, BoxError> {
        let path = self.path.clone();
        match tokio::task::spawn_blocking(|| std::fs::read_to_string(path)).await? {
            Ok(request) => Ok(Some(request)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn request(&self) -> Result<(), BoxError> {
        let (path, unique) = (self.path.clone(), fastrand::u64(..));
        let mut unfinished = path.clone().into_os_string();
        unfinished.push(format!(".{unique:016x}"));
        let request = format!("{} {unique:016x}\n", Clock::System.now().to_rfc3339());
        let write = move || {
            // Renamed, so that no worker reads the half of it.
            std::fs::write(&unfinished, request)?;
            std::fs::rename(&unfinished, path)
        };
        Ok(tokio::task::spawn_blocking(write).await??)
    }
}

/// A request in memory, for the workers of one process. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct InMemorySignal {
    requests: Arc<AtomicU64>,
}

#[async_trait]
impl RestartSignal for InMemorySignal {
    async fn last_request(&self) -> Result<Option<String>, BoxError> {
        let requests = self.requests.load(Ordering::SeqCst);
        Ok((requests > 0).then(|| requests.to_string()))
    }

    async fn request(&self) -> Result<(), BoxError> {
        self.requests.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}
