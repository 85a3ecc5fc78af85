//! Deletes the file of a photo, with all its renditions.

use std::time::Duration;

use anyhow::Context as _;
use messenger::{Handler, HandlerError};
use messenger_doctrine::UnitOfWork;

use crate::fault::FaultPoint;
use crate::handler::{Cx, storage_is_there};
use crate::message::command::DeletePhotoFile;
use crate::photo_storage::{PhotoStorage, StorageError, original_key};

/// Deletes the file of a photo, with all its renditions. A file that is not there is an error and
/// is tried again: it may be in a part of the storage that is not mounted. Handled twice, the second
/// delivery fails harmlessly.
pub struct DeletePhotoFileHandler {
    /// Where the photos are.
    pub photos: PhotoStorage,
    /// Fails on purpose, for the tutorial.
    pub fault: FaultPoint,
    /// How much longer it takes on purpose.
    pub sleep: Duration,
}

impl Handler<DeletePhotoFile, UnitOfWork> for DeletePhotoFileHandler {
    type Output = ();

    async fn handle(&self, message: &DeletePhotoFile, _: &mut Cx) -> Result<(), HandlerError> {
        tokio::time::sleep(self.sleep).await;
        storage_is_there(&self.photos).await?;
        self.fault.check()?;
        let file = message
            .file()
            .with_context(|| format!("{:?} is not the name of a photo's file", message.filename))
            .map_err(HandlerError::unrecoverable)?;
        let removed = self.photos.delete_photo(file).await.context("could not delete the photo")?;
        if removed == 0 {
            return Err(StorageError::NotFound { key: original_key(file) }.into());
        }
        Ok(())
    }

    fn name(&self) -> &'static str {
        "DeletePhotoFileHandler"
    }
}
