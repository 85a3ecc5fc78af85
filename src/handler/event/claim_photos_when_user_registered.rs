//! Moves the photos of the visit to the account that was made in it.

use messenger::{Handler, HandlerError};
use messenger_doctrine::{DatabaseContext as _, UnitOfWork};

use super::registered;
use crate::handler::Cx;
use crate::message::event::UserRegistered;
use crate::repository::{photos, users};

/// Moves the photos of the visit to the account that was made in it. Called twice, it finds none
/// the second time.
pub struct ClaimPhotosWhenUserRegistered;

impl Handler<UserRegistered, UnitOfWork> for ClaimPhotosWhenUserRegistered {
    type Output = ();

    async fn handle(&self, event: &UserRegistered, cx: &mut Cx) -> Result<(), HandlerError> {
        let user = registered(event, cx).await?;
        let Some(visitor) = user.visitor_id else {
            return Ok(()); // registered without having been here before
        };
        let account = event.uuid;
        cx.db(move |connection| {
            // Not to somebody who is being deleted.
            if users::hold(connection, account)? {
                photos::change_owner(connection, visitor, account)?;
            }
            Ok(())
        })
        .await?;
        Ok(())
    }

    fn name(&self) -> &'static str {
        "ClaimPhotosWhenUserRegistered"
    }
}
