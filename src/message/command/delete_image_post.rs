//! Delete a photo: its row now, its file later.

use messenger::Message;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Delete a photo: its row now, its file later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeleteImagePost {
    /// The photo that goes, whoever owns it.
    pub image_post_id: Uuid,
}

impl Message for DeleteImagePost {
    const NAME: &'static str = r"App\Message\DeleteImagePost";
}
