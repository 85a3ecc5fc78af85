//! The task that looks after all streams.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use messenger_doctrine::DatabaseError;
use tokio::time::Instant;
use uuid::Uuid;

use super::Inner;
use super::subscription::End;
use crate::repository::{photo_events, sessions};

/// The shortest time between two looks: what changes in between is told together.
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);
/// How soon to look again when the database could not be asked.
const RETRY: Duration = Duration::from_secs(1);
/// How soon to look although nothing was heard: the connection that would tell may have fallen silent.
const LOOK_ANYWAY: Duration = Duration::from_secs(5);

/// Looks for changes and gives signs of life, as long as there is a stream.
pub(super) async fn watch(inner: Arc<Inner>) {
    let mut watching = Watching(Some(Arc::clone(&inner)));
    let mut changes = inner.database.listen(photo_events::CHANNEL);
    let mut next_beat = Instant::now() + inner.heartbeat;
    // Something may have changed before the listening began.
    let mut is_due = true;
    let mut looked_at = Instant::now();
    while inner.is_needed() {
        if is_due {
            looked_at = Instant::now();
            let told = inner.tell_changes().await;
            is_due = told.is_err();
            if let Err(error) = told {
                tracing::warn!("Could not look for changed photos: {error}");
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        let until_beat = next_beat.saturating_duration_since(Instant::now());
        let at_most = if is_due { RETRY } else { LOOK_ANYWAY };
        is_due |= changes.wait(at_most.min(until_beat)).await || looked_at.elapsed() >= LOOK_ANYWAY;
        if Instant::now() >= next_beat {
            inner.beat().await;
            next_beat = Instant::now() + inner.heartbeat;
        }
    }
    watching.0 = None;
}

/// Notes that nobody watches any more if the runtime goes away under the task.
struct Watching(Option<Arc<Inner>>);

impl Drop for Watching {
    fn drop(&mut self) {
        if let Some(inner) = &self.0 {
            inner.streams().is_watched = false;
        }
    }
}

impl Inner {
    /// Whether there is still a stream. If not, the next one starts a new task.
    fn is_needed(&self) -> bool {
        let mut streams = self.streams();
        streams.is_watched = streams.taken > 0;
        streams.is_watched
    }

    async fn tell_changes(&self) -> Result<(), DatabaseError> {
        let owners: Vec<Uuid> = self.streams().by_owner.keys().copied().collect();
        let asked = self.database.run(move |connection| photo_events::last_of(connection, &owners));
        let reached = asked.await?;
        let streams = self.streams();
        for (owner, last) in reached {
            for seat in streams.by_owner.get(&owner).into_iter().flat_map(BTreeMap::values) {
                seat.news.send_if_modified(|news| {
                    let is_new = last > news.last;
                    news.last = news.last.max(last);
                    is_new
                });
            }
        }
        Ok(())
    }

    /// Gives a sign of life to every stream, but ends those whose session has ended.
    async fn beat(&self) {
        let sessions = {
            let streams = self.streams();
            let seats = streams.by_owner.values().flat_map(BTreeMap::values);
            let sessions: HashSet<String> = seats.filter_map(|seat| seat.session.clone()).collect();
            sessions
        };
        let ended = self.ended(sessions).await.unwrap_or_else(|error| {
            // Each stream looks for itself before it tells anything.
            tracing::warn!("Could not see whose sessions have ended: {error}");
            HashSet::new()
        });
        for seat in self.streams().by_owner.values().flat_map(BTreeMap::values) {
            if seat.session.as_ref().is_some_and(|session| ended.contains(session)) {
                seat.end(End::SignedOut);
            } else {
                seat.news.send_modify(|news| news.beats += 1);
            }
        }
    }

    async fn ended(&self, mut hashes: HashSet<String>) -> Result<HashSet<String>, DatabaseError> {
        if hashes.is_empty() {
            return Ok(hashes);
        }
        let (asked, now) = (Vec::from_iter(hashes.clone()), self.clock.now().naive_utc());
        let alive = self.database.run(move |connection| sessions::alive(connection, &asked, now));
        for hash in alive.await? {
            hashes.remove(&hash);
        }
        Ok(hashes)
    }
}
