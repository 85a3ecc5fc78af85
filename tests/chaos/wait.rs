//! Waiting for what real processes do: looking again and again, and not for ever.

use std::time::Duration;

/// Looks until there is something; `None` if that takes longer than the patience lasts.
pub(crate) async fn until<T, F: Future<Output = Option<T>>>(
    patience: Duration,
    mut look: impl FnMut() -> F,
) -> Option<T> {
    let looking = async {
        let mut looks = tokio::time::interval(Duration::from_millis(50));
        loop {
            looks.tick().await;
            if let Some(found) = look().await {
                return found;
            }
        }
    };
    tokio::time::timeout(patience, looking).await.ok()
}
