//! What can go wrong between us and the place where the photos are kept.

use std::error::Error as StdError;
use std::io;

use messenger_doctrine::DatabaseError;

use super::location::Place;

/// Why a photo could not be stored, read or removed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StorageError {
    /// Nothing is stored under this key.
    #[error("there is no file \"{key}\" in the photo storage")]
    NotFound {
        /// The key that was asked for.
        key: String,
    },

    /// The photo is longer than the caller allowed; nothing of it is kept.
    #[error("the photo is longer than {limit} bytes")]
    TooBig {
        /// The largest accepted length, in bytes.
        limit: u64,
    },

    /// The disk (or the quota on it) is full.
    #[error("there is no space left in the photo storage")]
    NoSpace(#[source] object_store::Error),

    /// The storage is not there, or it is another one than that of this gallery: nothing is written,
    /// removed or reported as missing.
    #[error("the photo storage {place} is away: {why}")]
    Away {
        /// Where it should be.
        place: String,
        /// What was found instead.
        why: String,
    },

    /// The database did not say which storage is the one of this gallery.
    #[error("the database did not say which photo storage is the right one")]
    Unknown(#[source] DatabaseError),

    /// A probe read back something else than it wrote.
    #[error("the photo storage gave back other bytes than were written to \"{key}\"")]
    Corrupt {
        /// The key of the probe.
        key: String,
    },

    /// The task that was completing an upload was stopped, which happens when the process ends.
    #[error("the upload was interrupted before it was complete")]
    Interrupted,

    /// Everything else: the network, permissions, a refused key.
    #[error("the photo storage did not answer as expected")]
    Store(#[source] object_store::Error),
}

impl StorageError {
    /// The storage is not there, or another one is.
    pub(super) fn away(place: &Place, why: impl Into<String>) -> Self {
        Self::Away { place: place.to_string(), why: why.into() }
    }

    /// What the file system said.
    pub(super) fn in_folder(source: io::Error) -> Self {
        let store = "LocalFileSystem";
        object_store::Error::Generic { store, source: Box::new(source) }.into()
    }

    /// Whether this, or what is below it, is [`Away`](Self::Away): it will pass.
    #[must_use]
    pub fn is_away(error: &anyhow::Error) -> bool {
        error.chain().any(|cause| matches!(cause.downcast_ref(), Some(Self::Away { .. })))
    }
}

impl From<object_store::Error> for StorageError {
    fn from(error: object_store::Error) -> Self {
        match error {
            full if is_out_of_space(&full) => Self::NoSpace(full),
            other => Self::Store(other),
        }
    }
}

/// Whether an `ENOSPC` or `EDQUOT` is somewhere below `error`; object stores wrap it several times.
fn is_out_of_space(error: &(dyn StdError + 'static)) -> bool {
    std::iter::successors(Some(error), |error| (*error).source())
        .filter_map(|error| error.downcast_ref::<io::Error>())
        .any(|io| matches!(io.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn generic(source: impl Into<Box<dyn StdError + Send + Sync>>) -> object_store::Error {
        object_store::Error::Generic { store: "test", source: source.into() }
    }

    #[test]
    fn a_full_disk_is_recognised_however_deep_it_is_wrapped() {
        let full = generic(generic(io::Error::from(io::ErrorKind::StorageFull)));
        assert!(matches!(StorageError::from(full), StorageError::NoSpace(_)));

        let other = generic(io::Error::from(io::ErrorKind::PermissionDenied));
        assert!(matches!(StorageError::from(other), StorageError::Store(_)));
    }
}
