//! Sends Ponka once more to a photo into which she found no way.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::TimeDelta;
use messenger::Message;
use messenger::stamp::DispatchAfterCurrentBusStamp;
use messenger_doctrine::DatabaseContext as _;

use super::answer::{ask_to_wait, see_other};
use super::error::is_delayed;
use super::view::PhotoJson;
use super::viewer::Viewer;
use super::{App, AppError, gallery};
use crate::entity::{Photo, PhotoStatus};
use crate::http::error_page;
use crate::message::COMMAND_BUS;
use crate::message::command::AddPonkaToImage;
use crate::repository::attempts::{self, AttemptLimit, bucket, seconds_until};
use crate::repository::photos;

/// Three times a day: what is wrong with a photo mostly stays wrong.
const PER_PHOTO: AttemptLimit = AttemptLimit::per(TimeDelta::days(1), 3);

/// `POST /images/{id}/retry`
pub(super) async fn retry_on_page(
    app: web::Data<App>,
    viewer: Viewer,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    match queue_again(&app, &viewer, &id).await {
        Ok(photo) => Ok(see_other(&format!("/#photo-{}", photo.id))),
        Err(refused) => refused.response(&request),
    }
}

/// `POST /api/images/{id}/retry`
pub(super) async fn retry(
    app: web::Data<App>,
    viewer: Viewer,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    match queue_again(&app, &viewer, &id).await {
        Ok(queued) => {
            // Without a queue Ponka has come and gone by now. It is queued, whether or not it can be
            // read again.
            let photo = gallery::find(&app, &id, &viewer).await.unwrap_or_else(|error| {
                tracing::warn!("Photo {} waits again, but could not be read: {error}", queued.id);
                queued
            });
            Ok(HttpResponse::Ok().json(PhotoJson::from(&photo)))
        }
        Err(refused) => refused.response(&request),
    }
}

/// Why Ponka does not come once more.
enum NotQueued {
    /// The photo has not failed.
    NotFailed,
    /// She was sent too often.
    TooOften {
        /// Until she may be sent again.
        seconds: u64,
    },
    Failed(AppError),
}

impl<E: Into<AppError>> From<E> for NotQueued {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl NotQueued {
    fn response(self, request: &HttpRequest) -> Result<HttpResponse, AppError> {
        let (status, sentence, seconds) = match self {
            Self::Failed(error) => return Err(error),
            Self::NotFailed => (
                StatusCode::CONFLICT,
                "There is nothing to try again: Ponka has been there, or is on her way.",
                None,
            ),
            Self::TooOften { seconds } => (
                StatusCode::TOO_MANY_REQUESTS,
                "Ponka has tried this photo three times today. Try again tomorrow, or upload it again.",
                Some(seconds),
            ),
        };
        Ok(ask_to_wait(error_page::response(request, status, sentence), seconds))
    }
}

/// The photo waits again and its message is sent, together or not at all. Gives it as it is then.
async fn queue_again(app: &App, viewer: &Viewer, id: &str) -> Result<Photo, NotQueued> {
    let photo = gallery::find(app, id, viewer).await?;
    let (id, owner, now) = (photo.id, viewer.owner, app.clock.now().naive_utc());
    let mut cx = app.messenger.context(COMMAND_BUS);
    let queued = cx.transaction(async move |cx| {
        let name = bucket("retry", &id.to_string());
        let counted = cx.db(move |connection| {
            if !photos::queue_again(connection, id, owner)? {
                return Ok(None);
            }
            attempts::take(connection, &name, PER_PHOTO, now).map(Some)
        });
        match counted.await? {
            None => return Err(NotQueued::NotFailed),
            Some(Err(until)) => {
                return Err(NotQueued::TooOften { seconds: seconds_until(until, now) });
            }
            Some(Ok(())) => {}
        }
        let ponka = AddPonkaToImage { image_post_id: id };
        cx.dispatch_on(COMMAND_BUS, ponka.with(DispatchAfterCurrentBusStamp)).await?;
        Ok(())
    });
    let photo = Photo { status: PhotoStatus::Queued, failure: None, ..photo };
    match queued.await {
        // It is queued; without a queue, Ponka was to come at once, and did not.
        Err(NotQueued::Failed(AppError::Internal(error))) if is_delayed(&error) => {
            tracing::error!("A photo was to be tried again, and failed again: {error:#}");
            Ok(photo)
        }
        queued => queued.map(|()| photo),
    }
}
