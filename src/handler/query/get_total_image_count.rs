//! Counts the photos.

use messenger::{Handler, HandlerError};
use messenger_doctrine::{DatabaseContext as _, UnitOfWork};

use crate::handler::Cx;
use crate::message::query::GetTotalImageCount;
use crate::repository::photos;

/// Counts the photos of all owners.
pub struct GetTotalImageCountHandler;

impl Handler<GetTotalImageCount, UnitOfWork> for GetTotalImageCountHandler {
    type Output = u64;

    async fn handle(&self, _: &GetTotalImageCount, cx: &mut Cx) -> Result<u64, HandlerError> {
        Ok(cx.db(photos::count).await?)
    }

    fn name(&self) -> &'static str {
        "GetTotalImageCountHandler"
    }
}
