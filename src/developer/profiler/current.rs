//! Which recording the current task writes to.

use std::any::Any;
use std::sync::Arc;

use super::recording::Recording;
use crate::watched::{watched_by, watcher};

/// The recording of the request that this task answers.
#[must_use]
pub fn current() -> Option<Recording> {
    let watcher: Arc<dyn Any + Send + Sync> = watcher()?;
    watcher.downcast().ok().map(Arc::unwrap_or_clone)
}

/// Does the work; what happens meanwhile is written to this recording.
pub async fn record<F: Future>(recording: Recording, work: F) -> F::Output {
    watched_by(Arc::new(recording), work).await
}
