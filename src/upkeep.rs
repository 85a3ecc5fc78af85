//! What workers do beside their messages: once an hour one of them all sweeps the photo storage.
//!
//! A row of the database says when the last sweep began. Whoever moves it on sweeps; so it does not
//! matter how many workers there are, nor which of them die.

use std::convert::Infallible;
use std::time::Duration;

use chrono::TimeDelta;
use messenger::clock::Clock;
use messenger_doctrine::Database;
use tracing::{error, info, warn};

use crate::photo_storage::{PhotoStorage, StorageError};
use crate::repository::upkeep;
use crate::sweep::{self, Sweep, Swept};

/// What the row is called.
const SWEEP: &str = "photos:sweep";
/// How often the storage is swept.
const EVERY: TimeDelta = TimeDelta::hours(1);
/// How often a worker looks whether it is time.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// Keeps the gallery tidy.
#[derive(Debug, Clone)]
pub struct Upkeep {
    /// Where the photos are.
    pub photos: PhotoStorage,
    /// Where their rows are.
    pub database: Database,
    /// What time it is.
    pub clock: Clock,
}

impl Upkeep {
    /// Does what is due, for ever; what fails is logged and done an hour later.
    pub async fn run(&self) -> Infallible {
        loop {
            match self.once().await {
                Ok(_) => {}
                Err(error) if StorageError::is_away(&error) => {
                    warn!("The photo storage was not swept: {error:#}");
                }
                Err(error) => error!("The photo storage could not be swept: {error:#}"),
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Does what is due. The first sweep is due an hour after this was first called. Gives what was
    /// swept, if that was due and its turn.
    ///
    /// # Errors
    /// What storage or database said.
    pub async fn once(&self) -> anyhow::Result<Option<Swept>> {
        let now = self.clock.now();
        let (began, before) = (now.naive_utc(), (now - EVERY).naive_utc());
        let mine = self
            .database
            .transaction(move |connection| upkeep::begin(connection, SWEEP, began, before));
        if !mine.await? {
            return Ok(None);
        }
        let (photos, database) = (self.photos.clone(), self.database.clone());
        let sweep = Sweep { photos, database, now, age: sweep::AGE };
        match sweep.run_unasked().await? {
            Ok(swept) => {
                tell(&swept);
                Ok(Some(swept))
            }
            Err(found) => {
                error!(
                    "{} of {} files belong to no photo. Is it the right database? Nothing was removed; \
                     see \"console photos:sweep --dry-run\"",
                    found.orphans, found.files
                );
                Ok(None)
            }
        }
    }
}

fn tell(Swept { found, removed, parts, took }: &Swept) {
    let seconds = took.as_secs_f64();
    info!(
        removed,
        bytes = found.bytes,
        parts,
        files = found.files,
        "The photo storage was swept in {seconds:.1} s: {removed} of {} files ({} bytes) and {parts} \
         parts of abandoned uploads were removed",
        found.files,
        found.bytes
    );
    if found.missing > 0 {
        error!(
            missing = found.missing,
            "{} files of photos are missing in the photo storage; \"console photos:check\" tells which",
            found.missing
        );
    }
}
