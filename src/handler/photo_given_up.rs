//! Notes on a photo that its message was given up, so that its page can say so.

use messenger::{Context, DispatchError, Envelope, GivenUpListener, ScopeError, async_trait};
use messenger_doctrine::{DatabaseContext as _, UnitOfWork};

use crate::entity::PhotoStatus;
use crate::message::command::AddPonkaToImage;
use crate::repository::photos;

/// The reason that a photo shows when nothing is wrong with the photo itself.
const OUR_FAULT: &str = "unavailable";

/// Notes on a photo that `AddPonkaToImage` was given up. The handler has noted it already if the
/// photo itself is to blame.
pub struct PhotoGivenUp;

#[async_trait]
impl GivenUpListener<UnitOfWork> for PhotoGivenUp {
    async fn given_up(
        &self,
        envelope: &Envelope,
        cx: &mut Context<UnitOfWork>,
    ) -> Result<(), DispatchError> {
        let Some(message) = envelope.message::<AddPonkaToImage>() else { return Ok(()) };
        let id = message.image_post_id;
        let noted = cx.db(move |connection| {
            let photo = photos::find(connection, id)?;
            let is_noted = photo.is_none_or(|photo| photo.status == PhotoStatus::Failed);
            if is_noted {
                return Ok(());
            }
            photos::set_status(connection, id, PhotoStatus::Failed, Some(OUR_FAULT))
        });
        let noted = noted.await;
        Ok(noted.map_err(|error| ScopeError::new("could not note that a photo failed", error))?)
    }
}
