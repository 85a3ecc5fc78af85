//! The pages: the gallery, the upload form, a photo's own page, the delete form.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use messenger::DispatchError;
use uuid::Uuid;

use super::answer::{ask_to_wait, html, see_other};
use super::upload::{self, Duplicates, NotTaken};
use super::viewer::Viewer;
use super::{App, AppError, events, view};
use crate::entity::Photo;
use crate::http::pages::{HomePage, PhotoPage, PhotoView};
use crate::http::upload::RefusedUpload;
use crate::message::command::DeleteImagePost;
use crate::message::query::GetTotalImageCount;
use crate::message::{COMMAND_BUS, QUERY_BUS};
use crate::repository::photos;

/// How many photos a page has.
pub(super) const PAGE: usize = 60;

/// The query of a list: where the page begins.
#[derive(serde::Deserialize)]
pub(super) struct Position {
    pub(super) cursor: Option<String>,
}

/// `GET /`
pub(super) async fn home(
    app: web::Data<App>,
    viewer: Viewer,
    position: web::Query<Position>,
) -> Result<HttpResponse, AppError> {
    let before = parse_cursor(position.cursor.as_deref())?;
    let last_event = events::last(&app, viewer.owner).await?;
    let (photos, older) = page(&app, viewer.owner, before).await?;
    let page = home_page(&app, &viewer, &photos).await?.with_older(older);
    let page = page.with_last_event(last_event);
    let page = if before.is_some() { page.continued() } else { page };
    html(StatusCode::OK, app.page(&viewer, "home/index.html", page)?)
}

/// `POST /images`
pub(super) async fn create(
    app: web::Data<App>,
    viewer: Viewer,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, AppError> {
    match upload::take(&app, &viewer, &request, payload, Duplicates::Keep).await {
        Ok(taken) => {
            let first = taken.photos.first().map(|photo| format!("/#photo-{}", photo.id));
            Ok(see_other(first.as_deref().unwrap_or("/")))
        }
        Err(NotTaken::Failed(error)) => Err(error),
        Err(NotTaken::Refused(refused)) => refuse(&app, &viewer, &refused).await,
    }
}

/// The page again, with what was wrong on top.
async fn refuse(
    app: &App,
    viewer: &Viewer,
    refused: &RefusedUpload,
) -> Result<HttpResponse, AppError> {
    let file = refused.file.as_ref().map_or("", |file| file.as_str());
    let (photos, older) = page(app, viewer.owner, None).await?;
    let page = home_page(app, viewer, &photos).await?.with_older(older);
    let page = page.with_refusals(vec![refused.refusal.sentence(file)]);
    let answer = html(refused.refusal.status(), app.page(viewer, "home/index.html", page)?)?;
    Ok(ask_to_wait(answer, refused.refusal.retry_after()))
}

/// `GET /images/{id}`
pub(super) async fn show(
    app: web::Data<App>,
    viewer: Viewer,
    id: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let photo = find(&app, &id, &viewer).await?;
    let page = PhotoPage::new(app.clock.now(), view::page_view(&photo));
    html(StatusCode::OK, app.page(&viewer, "images/show.html", page)?)
}

/// `POST /images/{id}/delete`
pub(super) async fn delete(
    app: web::Data<App>,
    viewer: Viewer,
    id: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let photo = find(&app, &id, &viewer).await?;
    delete_photo(&app, &photo).await?;
    Ok(see_other("/"))
}

/// The viewer's photo with this id; what is somebody else's does not exist.
pub(super) async fn find(app: &App, id: &str, viewer: &Viewer) -> Result<Photo, AppError> {
    let id = Uuid::try_parse(id).map_err(|_malformed| AppError::NotFound)?;
    let owner = viewer.owner;
    let found = app.database.run(move |connection| photos::find_owned(connection, id, owner));
    found.await?.ok_or(AppError::NotFound)
}

/// Deletes a photo: its row now, its file later.
pub(super) async fn delete_photo(app: &App, photo: &Photo) -> Result<(), AppError> {
    let message = DeleteImagePost { image_post_id: photo.id };
    match app.messenger.dispatch_on(COMMAND_BUS, message).await {
        Ok(_) => Ok(()),
        // The row is gone, and that is what was asked for; a sweep removes the file.
        Err(DispatchError::Delayed(delayed)) => {
            tracing::error!("The photo is deleted, but the steps after it failed: {delayed}");
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

/// One page of photos, newest first, and where the next one begins.
pub(super) async fn page(
    app: &App,
    owner: Uuid,
    before: Option<Uuid>,
) -> Result<(Vec<Photo>, Option<String>), AppError> {
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let photos = app.database.run(move |connection| photos::page(connection, owner, before, limit));
    let mut photos = photos.await?;
    let more = photos.len() > PAGE;
    photos.truncate(PAGE);
    let next = if more { photos.last().map(|photo| photo.id.to_string()) } else { None };
    Ok((photos, next))
}

/// A cursor is the id of the last photo of the page before; an empty one means the first page.
pub(super) fn parse_cursor(cursor: Option<&str>) -> Result<Option<Uuid>, AppError> {
    let cursor = cursor.filter(|cursor| !cursor.is_empty());
    cursor
        .map(|cursor| Uuid::try_parse(cursor).map_err(|_malformed| AppError::BadRequest))
        .transpose()
}

async fn home_page(app: &App, viewer: &Viewer, photos: &[Photo]) -> Result<HomePage, AppError> {
    let total: u64 = app.messenger.ask_on(QUERY_BUS, GetTotalImageCount {}).await?;
    let photos: Vec<PhotoView> = photos.iter().map(view::page_view).collect();
    let page = HomePage::new(app.clock.now(), total, photos);
    Ok(if viewer.may_upload(app) { page } else { page.for_members_only() })
}
