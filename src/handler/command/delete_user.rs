//! Deletes an account with all its photos, and has their files deleted once that is certain.

use messenger::stamp::DispatchAfterCurrentBusStamp;
use messenger::{Handler, HandlerError, Message};
use messenger_doctrine::{DatabaseContext as _, UnitOfWork};

use crate::handler::Cx;
use crate::message::COMMAND_BUS;
use crate::message::command::{DeletePhotoFile, DeleteUser};
use crate::repository::{photos, users};

/// Deletes an account with all its photos, and has their files deleted once that is certain. Called
/// twice, it finds nothing the second time.
pub struct DeleteUserHandler;

impl Handler<DeleteUser, UnitOfWork> for DeleteUserHandler {
    type Output = ();

    async fn handle(&self, message: &DeleteUser, cx: &mut Cx) -> Result<(), HandlerError> {
        let account = message.uuid;
        let files = cx.db(move |connection| {
            users::delete(connection, account)?;
            photos::delete_all_of(connection, account)
        });
        for file in files.await? {
            let message = DeletePhotoFile::of(file);
            cx.dispatch_on(COMMAND_BUS, message.with(DispatchAfterCurrentBusStamp)).await?;
        }
        Ok(())
    }

    fn name(&self) -> &'static str {
        "DeleteUserHandler"
    }
}
