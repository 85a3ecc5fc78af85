//! Delete the file of a photo whose row is gone.

use messenger::{Interface, Message, interfaces};
use serde::{Deserialize, Serialize};

use crate::message::{AsyncMessage, LongRunning};

/// Delete the file of a photo whose row is gone, with all its renditions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeletePhotoFile {
    /// The id of the file in the photo storage.
    pub filename: String,
}

impl AsyncMessage for DeletePhotoFile {}
impl LongRunning for DeletePhotoFile {}

impl Message for DeletePhotoFile {
    const NAME: &'static str = r"App\Message\DeletePhotoFile";
    const INTERFACES: &'static [Interface] = interfaces![Self: AsyncMessage, LongRunning];
}
