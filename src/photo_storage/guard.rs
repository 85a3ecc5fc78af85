//! Makes sure that the storage is there, and that it is the one of this gallery.
//!
//! A folder that is not mounted looks like an empty one, and whatever is written into it is hidden once
//! the right one is back. So the storage has a marker file with an id that the database knows. It is
//! looked at before and after each change: in a folder each time, on S3, where nothing is mounted, until
//! it was found once.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::StreamExt;
use messenger_doctrine::Database;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use tracing::{debug, error};
use uuid::Uuid;

use super::{MediaName, PhotoStorage, StorageError, marker, original_key};
use crate::config::PhotoStorageUrl;
use crate::repository::photo_storages;
use crate::repository::photos::{self, PhotoFiles};

/// So many photos are looked for to see whether a storage without a marker is theirs.
const WITNESSES: i64 = 100;
/// What an operator can do about a storage that is not the expected one.
const ADVICE: &str = "If photos are to be kept there from now on, run \"console photos:adopt\"";

/// Knows the storage again.
#[derive(Debug)]
pub(super) struct Guard {
    database: Database,
    /// What the marker is to say.
    id: OnceLock<Uuid>,
    /// Whether the marker was found once.
    was_found: AtomicBool,
}

impl PhotoStorage {
    /// The same storage, used only if it is the one that this database knows. What is in memory is
    /// always the right one.
    #[must_use]
    pub fn guarded_by(mut self, database: Database) -> Self {
        if !matches!(self.place.location, PhotoStorageUrl::Memory) {
            let (id, was_found) = (OnceLock::new(), AtomicBool::new(false));
            self.guard = Some(Guard { database, id, was_found }.into());
        }
        self
    }

    /// Makes sure that this is the storage of the gallery; a new one is set up.
    ///
    /// # Errors
    /// [`StorageError::Away`] if it is not, or if this cannot be told.
    pub async fn check(&self) -> Result<(), StorageError> {
        let Some(guard) = &self.guard else { return Ok(()) };
        let id = self.expected(guard).await?;
        let is_mounted = self.place.folder().is_some();
        if !is_mounted && guard.was_found.load(Ordering::Relaxed) {
            return Ok(());
        }
        self.find_marker(id).await?;
        guard.was_found.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// The same, when a program starts: it goes on without its storage, which may come later.
    pub async fn check_at_start(&self) {
        if let Err(error) = self.check().await {
            error!("No photo can be stored: {:#}", anyhow::Error::from(error));
        }
    }

    /// The same, and looks again at what was found before.
    pub(super) async fn check_anew(&self) -> Result<(), StorageError> {
        if let Some(guard) = &self.guard {
            guard.was_found.store(false, Ordering::Relaxed);
        }
        self.check().await
    }

    /// Makes this the storage of the gallery, whatever it was before.
    ///
    /// # Errors
    /// What the database or the store said.
    pub async fn adopt(&self) -> Result<(), StorageError> {
        let Some(guard) = &self.guard else { return Ok(()) };
        self.set_up(guard).await.map(drop)
    }

    async fn find_marker(&self, id: Uuid) -> Result<(), StorageError> {
        let why = match marker::read(&self.place).await? {
            Some(found) if found == id.to_string() => return Ok(()),
            Some(_) => format!("the one that is there belongs to another gallery. {ADVICE}"),
            None => format!(
                "its marker file {} is not there. Mount it or bring it back. {ADVICE}",
                marker::KEY
            ),
        };
        Err(StorageError::away(&self.place, why))
    }

    /// The id that the storage of this gallery has.
    async fn expected(&self, guard: &Guard) -> Result<Uuid, StorageError> {
        if let Some(id) = guard.id.get() {
            return Ok(*id);
        }
        if let Some((id, true)) = guard.known().await? {
            return Ok(*guard.id.get_or_init(|| id));
        }
        match self.may_be_ours(guard).await {
            Ok(()) => self.set_up(guard).await,
            // Another process may have set it up, and stored the first photo, meanwhile.
            Err(error) => match guard.known().await? {
                Some((id, true)) => Ok(id),
                _ => Err(error),
            },
        }
    }

    async fn set_up(&self, guard: &Guard) -> Result<Uuid, StorageError> {
        self.place.make()?;
        let new = Uuid::new_v4();
        let proposed =
            guard.database.transaction(move |connection| photo_storages::propose(connection, new));
        let id = proposed.await.map_err(StorageError::Unknown)?;
        marker::write(&*self.place.store()?, id).await?;
        let confirmed = guard.database.transaction(photo_storages::confirm).await;
        confirmed.map_err(StorageError::Unknown)?;
        debug!("The photo storage {} is set up", self.place);
        Ok(*guard.id.get_or_init(|| id))
    }

    /// Whether a storage that the database does not know yet can be that of its photos: both are
    /// new, or files of its photos are there.
    async fn may_be_ours(&self, guard: &Guard) -> Result<(), StorageError> {
        let photos = move |connection: &mut _| photos::newest_files(connection, WITNESSES);
        let photos = guard.database.run(photos).await.map_err(StorageError::Unknown)?;
        let away = |why: &str| StorageError::away(&self.place, format!("{why}. {ADVICE}"));
        let store = match self.place.store() {
            Ok(store) => store,
            Err(_) if photos.is_empty() => return Ok(()),
            Err(error) => return Err(error),
        };
        let marker = marker::read(&self.place).await?;
        if let Some(marker) = &marker {
            // Somebody is about to set it up, or was killed while doing so.
            let is_ours = guard.known().await?.is_some_and(|(id, _)| id.to_string() == *marker);
            if is_ours {
                return Ok(());
            }
        }
        if photos.is_empty() {
            // Where no photo is, none can be lost, whoever has left the marker.
            let is_new = !has_photos(&*store).await?;
            let foreign = match marker {
                Some(_) => "it is the one of another database",
                None => "there are photos that the database does not know",
            };
            return if is_new { Ok(()) } else { Err(away(foreign)) };
        }
        for photo in &photos {
            if has_file_of(&*store, photo).await? {
                return Ok(());
            }
        }
        Err(away("there is no file of the photos that the database knows"))
    }
}

impl Guard {
    /// The id that the database knows, and whether the storage is set up with it.
    async fn known(&self) -> Result<Option<(Uuid, bool)>, StorageError> {
        self.database.run(photo_storages::find).await.map_err(StorageError::Unknown)
    }
}

async fn has_photos(store: &dyn ObjectStore) -> Result<bool, StorageError> {
    for folder in ["originals", "media"] {
        if let Some(first) = store.list(Some(&Path::from(folder))).next().await {
            first?;
            return Ok(true);
        }
    }
    Ok(false)
}

async fn has_file_of(store: &dyn ObjectStore, photo: &PhotoFiles) -> Result<bool, StorageError> {
    let renditions = photo.renditions().filter_map(|(_, name)| name.parse::<MediaName>().ok());
    let keys = renditions.map(|name| name.key()).chain([original_key(photo.filename)]);
    for key in keys {
        match store.head(&Path::from(key)).await {
            Ok(_) => return Ok(true),
            Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(false)
}
