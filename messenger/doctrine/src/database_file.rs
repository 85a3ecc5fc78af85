//! Notices that the file of an SQLite database was replaced or deleted under the running program,
//! which would go on with the file that nobody else can see.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::database::Database;
use super::error::DatabaseError;

/// How often a program that does nothing else looks at the file.
const LOOK: Duration = Duration::from_secs(1);

/// Which file it is: its device and inode.
pub(super) type FileId = (u64, u64);

/// The file of a database, as it was when it was opened.
#[derive(Debug)]
pub(super) struct DatabaseFile {
    path: PathBuf,
    log: PathBuf,
    id: FileId,
    is_lost: AtomicBool,
}

impl DatabaseFile {
    /// The file at this path; `None` if there is none, as for a database in memory.
    pub(super) fn at(path: &str) -> Option<Self> {
        let id = id(Path::new(path))?;
        let log = PathBuf::from(format!("{path}-wal"));
        Some(Self { path: path.into(), log, id, is_lost: AtomicBool::new(false) })
    }

    /// The write-ahead log. It is there as long as a connection is open.
    pub(super) fn log(&self) -> Option<FileId> {
        id(&self.log)
    }

    /// Whether file and log are still those that were opened. Two looks at a folder take
    /// microseconds, so every use of a connection begins with this.
    pub(super) fn check(&self, log: Option<FileId>) -> Result<(), DatabaseError> {
        let is_same = id(&self.path) == Some(self.id) && (log.is_none() || self.log() == log);
        if is_same && !self.is_lost.load(Ordering::SeqCst) {
            return Ok(());
        }
        let problem = format!(
            "the file {} was replaced or deleted while this program had it open; start it again",
            self.path.display()
        );
        if !self.is_lost.swap(true, Ordering::SeqCst) {
            tracing::error!(target: "messenger", "The database cannot be used any more: {problem}.");
        }
        Err(DatabaseError::NoConnection(problem))
    }
}

impl Database {
    /// Waits until the file of the database is found to be replaced or deleted. From then on nothing
    /// is read or written, and the program can do nothing better than end. On PostgreSQL this never
    /// happens.
    pub async fn file_lost(&self) -> DatabaseError {
        let Some(file) = self.file() else { return std::future::pending().await };
        loop {
            if let Err(error) = file.check(None) {
                return error;
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}

fn id(path: &Path) -> Option<FileId> {
    let file = std::fs::metadata(path).ok()?;
    Some((file.dev(), file.ino()))
}
