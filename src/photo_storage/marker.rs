//! The file by which a photo storage is known again: without it, the storage is not there.

use std::io;

use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use uuid::Uuid;

use super::StorageError;
use super::location::Place;

pub(super) const KEY: &str = "ponka-storage.txt";

/// What is written into it.
fn text(id: Uuid) -> String {
    format!(
        "{id}\n\
         This is the photo storage of a Ponka gallery, whose database knows this number. Where the file\n\
         is missing, the gallery takes the storage for one that is not mounted, and stores no photo.\n\
         Leave it here, and copy it with the photos.\n"
    )
}

/// The id in it; `None` without a marker.
pub(super) async fn read(place: &Place) -> Result<Option<String>, StorageError> {
    let text = match place.folder() {
        Some(folder) => match tokio::fs::read_to_string(folder.join(KEY)).await {
            Ok(text) => text,
            Err(error) if is_missing(&error) => return Ok(None),
            Err(error) => return Err(StorageError::in_folder(error)),
        },
        None => match place.store()?.get(&Path::from(KEY)).await {
            Ok(found) => String::from_utf8_lossy(&found.bytes().await?).into_owned(),
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        },
    };
    Ok(Some(text.lines().next().unwrap_or_default().trim().to_owned()))
}

/// Writes it, whatever it said before.
pub(super) async fn write(store: &dyn ObjectStore, id: Uuid) -> Result<(), StorageError> {
    store.put(&Path::from(KEY), text(id).into()).await?;
    Ok(())
}

/// Neither the folder nor the file is there, or something else is.
fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
