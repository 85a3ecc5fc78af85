//! A request that somebody watches, such as a developer's profiler. The gallery tells what only it
//! knows, and does not know whom.

use std::any::Any;
use std::sync::Arc;

use minijinja::Value;

tokio::task_local! {
    static WATCHER: Arc<dyn RequestWatcher>;
}

/// Watches a request while it is answered, with every task that it starts by [`carry`].
pub trait RequestWatcher: Any + Send + Sync {
    /// A form with this field was sent; its value is nobody's business.
    fn form_field(&self, name: &str);

    /// What a page shows of it so far.
    fn toolbar(&self) -> Value;
}

/// Who watches the request that this task answers.
#[must_use]
pub fn watcher() -> Option<Arc<dyn RequestWatcher>> {
    WATCHER.try_with(Clone::clone).ok()
}

/// Does the work; what happens meanwhile is this watcher's to see.
pub async fn watched_by<F: Future>(watcher: Arc<dyn RequestWatcher>, work: F) -> F::Output {
    WATCHER.scope(watcher, work).await
}

/// The same work, for a task of its own: it is watched as the task that starts it.
pub fn carry<F: Future>(work: F) -> impl Future<Output = F::Output> {
    let watcher = watcher();
    async move {
        match watcher {
            Some(watcher) => watched_by(watcher, work).await,
            None => work.await,
        }
    }
}
