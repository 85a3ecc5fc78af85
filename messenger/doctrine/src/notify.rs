//! Telling workers of what was sent, where no trigger does.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::backend::Backend;
use super::layout::Layout;
use super::queue::Queue;
use super::transport::{DoctrineTransport, lock};
use super::trigger::notify;

/// Notifications cost a lock at every commit: one is enough for everything that comes within.
const NOTIFY_AT_MOST_EVERY: Duration = Duration::from_millis(5);

impl DoctrineTransport {
    /// Whether workers hear of a message only if we tell them.
    pub(super) fn may_notify(&self, layout: Layout) -> bool {
        let postgres = self.database.backend() == Backend::Postgres;
        postgres && self.options.use_notify && !layout.notifies
    }

    /// Whether to send a notification with this message. In an open transaction always: nobody
    /// knows when it commits.
    pub(super) fn should_notify(&self, layout: Layout, in_transaction: bool) -> bool {
        if !self.may_notify(layout) {
            return false;
        }
        let mut notified_at = lock(&self.notified_at);
        let recent = notified_at.is_some_and(|at| at.elapsed() < NOTIFY_AT_MOST_EVERY);
        if recent && !in_transaction {
            return false;
        }
        *notified_at = Some(Instant::now());
        true
    }

    /// Makes up for notifications that were left out.
    pub(super) fn notify_later(&self, queue: Queue) {
        if self.will_notify.swap(true, Ordering::SeqCst) {
            return;
        }
        let (database, will_notify) = (self.database.clone(), Arc::clone(&self.will_notify));
        tokio::spawn(async move {
            tokio::time::sleep(NOTIFY_AT_MOST_EVERY).await;
            will_notify.store(false, Ordering::SeqCst);
            let sent = database.run(move |connection| notify(connection, &queue)).await;
            if let Err(error) = sent {
                tracing::warn!(target: "messenger", "Could not notify workers: {error}");
            }
        });
    }
}
