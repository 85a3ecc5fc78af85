//! One walk through all files of the storage, each compared with the rows as they are then.
//!
//! Files are read before rows: a photo that is uploaded meanwhile is not among the files, or has its
//! row already. Only some hundred files are in memory at a time.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use messenger_doctrine::Database;
use uuid::Uuid;

use super::Sweep;
use crate::photo_storage::{MediaName, PhotoStorage, StorageError, StoredFile};
use crate::repository::photos::{self, PhotoFiles as Row};
use crate::repository::queued_messages;

/// So many files are compared at once.
const AT_ONCE: usize = 500;
/// How long an upload takes at most from its first rendition to its row.
const TO_ITS_ROW: TimeDelta = TimeDelta::minutes(1);

/// What a walk found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Found {
    /// How many files there are.
    pub files: u64,
    /// Files that no photo needs, old enough to be removed.
    pub orphans: u64,
    /// Their length in bytes, together.
    pub bytes: u64,
    /// Files that no photo needs, and whose row may still come.
    pub young: u64,
    /// Files whose deletion is in a queue, or has failed there.
    pub to_be_deleted: u64,
    /// Files that photos refer to and that are not there.
    pub missing: u64,
}

/// A walk that is not at its end.
pub struct Walk {
    photos: PhotoStorage,
    database: Database,
    files: BoxStream<'static, Vec<Result<StoredFile, StorageError>>>,
    /// Older files are removed.
    before: DateTime<Utc>,
    /// Photos that have not changed since are counted; others may change under our eyes.
    unchanged_since: NaiveDateTime,
    found: Found,
    /// How many references of those photos were found to lead somewhere.
    seen: i64,
}

impl Walk {
    /// Begins at the first file.
    ///
    /// # Errors
    /// What the storage said.
    pub async fn begin(sweep: &Sweep) -> anyhow::Result<Self> {
        Ok(Self {
            photos: sweep.photos.clone(),
            database: sweep.database.clone(),
            files: sweep.photos.list().await?.chunks(AT_ONCE).boxed(),
            before: sweep.now - sweep.age,
            unchanged_since: (sweep.now - TO_ITS_ROW).naive_utc(),
            found: Found::default(),
            seen: 0,
        })
    }

    /// Goes on, and gives those of the next files that belong to no photo and are old; `None` at the
    /// end.
    ///
    /// # Errors
    /// What storage or database said.
    pub async fn next(&mut self) -> anyhow::Result<Option<Vec<StoredFile>>> {
        let Some(files) = self.files.next().await else { return Ok(None) };
        let mut ours = Vec::with_capacity(files.len());
        for file in files {
            let file = file?;
            if let Some(photo) = photo_of(&file.key) {
                ours.push((canonical(photo), file));
            }
        }
        let known = photos_of(&self.database, &ours).await?;
        let mut unneeded = Vec::new();
        for (photo, file) in ours {
            self.found.files += 1;
            let rows =
                photo.and_then(|photo| known.get(&photo)).map(Vec::as_slice).unwrap_or_default();
            let references = self.references(rows, &file.key);
            // While Ponka is at work there are files that no row names yet.
            let is_work = file.key.starts_with("media/") && rows.iter().any(Row::needs_original);
            if references == 0 && !is_work {
                unneeded.push((photo, file));
            }
        }
        self.old_ones_of(unneeded).await.map(Some)
    }

    /// What was found, when all files have been seen.
    ///
    /// # Errors
    /// What storage or database said.
    pub async fn end(mut self) -> anyhow::Result<Found> {
        // One that went away in the middle has shown too little.
        self.photos.check().await?;
        let since = self.unchanged_since;
        let wanted = self.database.run(move |connection| photos::count_files(connection, since));
        self.found.missing = u64::try_from(wanted.await? - self.seen).unwrap_or(0);
        Ok(self.found)
    }

    /// How many references to this file there are. Two photos that share it refer to it once.
    fn references(&mut self, rows: &[Row], key: &str) -> usize {
        let since = self.unchanged_since;
        if key.starts_with("originals/") {
            let needing = || rows.iter().filter(|row| row.needs_original());
            self.seen += i64::from(needing().any(|row| row.is_unchanged_since(since)));
            return needing().count();
        }
        let mut references = HashMap::new();
        for row in rows {
            for (place, name) in row.renditions() {
                if name.parse::<MediaName>().is_ok_and(|name| name.key() == key) {
                    *references.entry(place).or_insert(false) |= row.is_unchanged_since(since);
                }
            }
        }
        self.seen += i64::try_from(references.values().filter(|old| **old).count()).unwrap_or(0);
        references.len()
    }

    /// Those that are neither young nor about to be deleted anyway. The queue is read after the rows:
    /// a row goes and its message comes in one transaction.
    async fn old_ones_of(
        &mut self,
        files: Vec<(Option<Uuid>, StoredFile)>,
    ) -> anyhow::Result<Vec<StoredFile>> {
        if files.is_empty() {
            return Ok(Vec::new());
        }
        let queued = self.database.run(queued_messages::files_to_be_deleted).await?;
        let mut old = Vec::new();
        for (photo, file) in files {
            if photo.is_some_and(|photo| queued.contains(&photo)) {
                self.found.to_be_deleted += 1;
            } else if file.last_modified >= self.before {
                self.found.young += 1;
            } else {
                self.found.orphans += 1;
                self.found.bytes += file.size;
                old.push(file);
            }
        }
        Ok(old)
    }
}

/// The rows of the photos that these files belong to.
async fn photos_of(
    database: &Database,
    files: &[(Option<Uuid>, StoredFile)],
) -> anyhow::Result<HashMap<Uuid, Vec<Row>>> {
    let photos: HashSet<Uuid> = files.iter().filter_map(|(photo, _)| *photo).collect();
    let photos: Vec<Uuid> = photos.into_iter().collect();
    let rows = database.run(move |connection| photos::files_of(connection, &photos));
    let mut known: HashMap<Uuid, Vec<Row>> = HashMap::new();
    for row in rows.await? {
        known.entry(row.filename).or_default().push(row);
    }
    Ok(known)
}

/// The photo that a file belongs to, by its file id; `None` for a file that is none of ours.
fn photo_of(key: &str) -> Option<&str> {
    let (folder, rest) = key.split_once('/')?;
    match folder {
        "originals" | "incoming" | "probe" => Some(rest),
        "media" => rest.split('/').next(),
        _ => None,
    }
}

/// The id, if it is written as we write it: under another name the file is nobody's.
fn canonical(photo: &str) -> Option<Uuid> {
    Uuid::try_parse(photo).ok().filter(|id| id.to_string() == photo)
}
