//! Handlers of events: each says what it does, and when.

mod claim_photos_when_user_registered;
mod send_welcome_email_when_user_registered;

use anyhow::Context as _;
use messenger::HandlerError;
use messenger_doctrine::DatabaseContext as _;

use super::Cx;
use crate::entity::User;
use crate::message::event::UserRegistered;
use crate::repository::users;

pub use claim_photos_when_user_registered::ClaimPhotosWhenUserRegistered;
pub use send_welcome_email_when_user_registered::SendWelcomeEmailWhenUserRegistered;

/// Who has registered.
async fn registered(event: &UserRegistered, cx: &mut Cx) -> Result<User, HandlerError> {
    let id = event.uuid;
    let user = cx.db(move |connection| users::find(connection, id)).await?;
    let user = user.with_context(|| format!("there is no account {id}; was it deleted?"));
    // Waiting will not bring it back.
    user.map_err(HandlerError::discard)
}
