//! Deletes a photo's row, and has its file deleted once that is certain.

use messenger::stamp::DispatchAfterCurrentBusStamp;
use messenger::{Handler, HandlerError, Message};
use messenger_doctrine::{DatabaseContext as _, UnitOfWork};

use crate::fault::FaultPoint;
use crate::handler::Cx;
use crate::message::COMMAND_BUS;
use crate::message::command::{DeleteImagePost, DeletePhotoFile};
use crate::repository::photos;

/// Deletes a photo's row, and has its file deleted once that is certain. Called twice, it finds
/// nothing the second time.
pub struct DeleteImagePostHandler {
    /// Fails on purpose, for the tutorial.
    pub fault: FaultPoint,
}

impl Handler<DeleteImagePost, UnitOfWork> for DeleteImagePostHandler {
    type Output = ();

    async fn handle(&self, message: &DeleteImagePost, cx: &mut Cx) -> Result<(), HandlerError> {
        self.fault.check()?;
        let id = message.image_post_id;
        let deleted = cx.db(move |connection| photos::delete(connection, id)).await?;
        let Some(photo) = deleted else {
            return Ok(()); // somebody else was faster
        };
        let file = DeletePhotoFile::of(photo.filename);
        cx.dispatch_on(COMMAND_BUS, file.with(DispatchAfterCurrentBusStamp)).await?;
        Ok(())
    }

    fn name(&self) -> &'static str {
        "DeleteImagePostHandler"
    }
}
