//! Somebody has registered.

use messenger::Message;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Somebody has registered, and the account is there for everybody to see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserRegistered {
    /// The account.
    pub uuid: Uuid,
}

impl Message for UserRegistered {
    const NAME: &'static str = r"App\Messenger\Event\UserRegistered";
}
