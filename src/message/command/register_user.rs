//! Make an account.

use messenger::Message;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::entity::PasswordHash;

/// Make an account, and greet whoever asked for it. The password is hashed before it comes here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegisterUser {
    /// The id that the account will have, a UUID of version 7.
    pub uuid: Uuid,
    /// What the person wants to be called.
    pub name: String,
    /// The address, in lower case.
    pub email: String,
    /// The hash of the password.
    pub password_hash: PasswordHash,
    /// The visitor whose photos move to the account.
    #[serde(default)]
    pub visitor_id: Option<Uuid>,
}

impl Message for RegisterUser {
    const NAME: &'static str = r"App\Messenger\Command\RegisterUser";
}
