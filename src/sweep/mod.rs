//! Removes files that no photo needs: what a process left that was killed, or a step that failed.

mod walk;

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use messenger_doctrine::Database;

use crate::photo_storage::{PhotoStorage, StoredFile};

pub use self::walk::{Found, Walk};

/// Remove only files at least this old: an upload may still be on its way to its row, or it is
/// not known yet how it ended.
pub const AGE: TimeDelta = TimeDelta::hours(1);
/// A sweep that nobody asked for leaves it to a person when more files than this, and more than a tenth
/// of all, belong to no photo: then it is rather rows that are missing.
const SUSPICIOUS: u64 = 100;

/// Compares files and photos.
#[derive(Debug, Clone)]
pub struct Sweep {
    /// Where the files are.
    pub photos: PhotoStorage,
    /// Where the photos are.
    pub database: Database,
    /// What time it is.
    pub now: DateTime<Utc>,
    /// Remove only files at least this old.
    pub age: TimeDelta,
}

/// What a sweep did.
#[derive(Debug, Clone, Copy)]
pub struct Swept {
    /// What was there before anything was removed.
    pub found: Found,
    /// How many files were removed.
    pub removed: u64,
    /// How many parts of abandoned uploads were removed.
    pub parts: usize,
    /// How long it took.
    pub took: Duration,
}

impl Sweep {
    /// Looks, and changes nothing.
    ///
    /// # Errors
    /// What storage or database said.
    pub async fn look(&self) -> anyhow::Result<Found> {
        let mut walk = Walk::begin(self).await?;
        while walk.next().await?.is_some() {}
        walk.end().await
    }

    /// Removes what belongs to no photo, and tells each file before it does.
    ///
    /// # Errors
    /// What storage or database said; what was removed until then is gone.
    pub async fn run(&self, mut tell: impl FnMut(&StoredFile) + Send) -> anyhow::Result<Swept> {
        let began = Instant::now();
        let mut walk = Walk::begin(self).await?;
        let mut removed = 0;
        while let Some(orphans) = walk.next().await? {
            for file in orphans {
                tell(&file);
                removed += u64::from(self.photos.delete_unless_new(&file).await?);
            }
        }
        let parts = self.photos.remove_abandoned_parts(self.now - self.age).await?;
        Ok(Swept { found: walk.end().await?, removed, parts, took: began.elapsed() })
    }

    /// The same, though nobody asked: removes nothing, and gives what was found, if that is so much that
    /// a person should look.
    ///
    /// # Errors
    /// What storage or database said.
    pub async fn run_unasked(&self) -> anyhow::Result<Result<Swept, Found>> {
        let began = Instant::now();
        let found = self.look().await?;
        if found.orphans == 0 {
            // The usual case: there is nothing for which to walk through all files once more.
            let parts = self.photos.remove_abandoned_parts(self.now - self.age).await?;
            return Ok(Ok(Swept { found, removed: 0, parts, took: began.elapsed() }));
        }
        if found.orphans > SUSPICIOUS && found.orphans > found.files / 10 {
            return Ok(Err(found));
        }
        Ok(Ok(self.run(|_| {}).await?))
    }
}
