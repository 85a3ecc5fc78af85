//! Delete the file of a photo whose row is gone.

use messenger::{Interface, Message, interfaces};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::message::{AsyncMessage, LongRunning};

/// Delete the file of a photo whose row is gone, with all its renditions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeletePhotoFile {
    /// The id of the file in the photo storage. A text, because anybody may write into a queue: a
    /// message that names no file of ours must stay readable to be set aside with its reason.
    pub filename: String,
}

impl DeletePhotoFile {
    /// The message about this file.
    #[must_use]
    pub fn of(file: Uuid) -> Self {
        Self { filename: file.to_string() }
    }

    /// The id of the file.
    ///
    /// # Errors
    /// When the name is no UUID.
    pub fn file(&self) -> Result<Uuid, uuid::Error> {
        Uuid::try_parse(&self.filename)
    }
}

impl AsyncMessage for DeletePhotoFile {}
impl LongRunning for DeletePhotoFile {}

impl Message for DeletePhotoFile {
    const NAME: &'static str = r"App\Message\DeletePhotoFile";
    const INTERFACES: &'static [Interface] = interfaces![Self: AsyncMessage, LongRunning];
}
