//! Delete an account with all its photos.

use messenger::Message;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Delete an account with all its photos: the rows now, the files later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteUser {
    /// The account that goes, with its photos.
    pub uuid: Uuid,
}

impl Message for DeleteUser {
    const NAME: &'static str = r"App\Messenger\Command\DeleteUser";
}
