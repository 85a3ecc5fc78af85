//! Draw Ponka on an uploaded photo.

use messenger::{Interface, Message, interfaces};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::message::LongRunning;

/// Draw Ponka on an uploaded photo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AddPonkaToImage {
    /// The photo that she visits.
    pub image_post_id: Uuid,
}

impl LongRunning for AddPonkaToImage {}

impl Message for AddPonkaToImage {
    const NAME: &'static str = r"App\Message\AddPonkaToImage";
    const INTERFACES: &'static [Interface] = interfaces![Self: LongRunning];
}
