//! Somebody has registered.

use messenger::Message;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Somebody has registered, and the account is there for everybody to see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserRegistered {
    /// The account that was made.
    pub uuid: Uuid,
    /// Whether a welcome may be sent: not if others have had as many mails sent to the address as it
    /// gets in a day.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub welcome: bool,
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_yes(welcome: &bool) -> bool {
    *welcome
}

impl Message for UserRegistered {
    const NAME: &'static str = r"App\Messenger\Event\UserRegistered";
}
