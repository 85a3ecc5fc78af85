//! Which recording the current task writes to.

use super::recording::Recording;

tokio::task_local! {
    static CURRENT: Recording;
}

/// The recording of the request that this task answers.
#[must_use]
pub fn current() -> Option<Recording> {
    CURRENT.try_with(Clone::clone).ok()
}

/// Does the work; what happens meanwhile is written to this recording.
pub async fn record<F: Future>(recording: Recording, work: F) -> F::Output {
    CURRENT.scope(recording, work).await
}

/// The same work, for a task of its own: it writes to the recording of the task that starts it.
pub fn carry<F: Future>(work: F) -> impl Future<Output = F::Output> {
    let recording = current();
    async move {
        match recording {
            Some(recording) => record(recording, work).await,
            None => work.await,
        }
    }
}
