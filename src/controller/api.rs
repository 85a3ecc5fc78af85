//! The JSON API: `/api/images`.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::answer::ask_to_wait;
use super::upload::{self, Duplicates, NotTaken, Taken};
use super::view::PhotoJson;
use super::viewer::Viewer;
use super::{App, AppError, gallery};
use crate::entity::Photo;
use crate::http::original_filename::OriginalFilename;
use crate::http::problem::Problem;

#[derive(Serialize)]
struct Page {
    items: Vec<PhotoJson>,
    next: Option<String>,
}

#[derive(Serialize)]
struct Created {
    items: Vec<PhotoJson>,
}

fn views(photos: &[Photo]) -> Vec<PhotoJson> {
    photos.iter().map(PhotoJson::from).collect()
}

/// `GET /api/images?cursor=`
pub(super) async fn list(
    app: web::Data<App>,
    viewer: Viewer,
    position: web::Query<gallery::Position>,
) -> Result<HttpResponse, AppError> {
    let before = gallery::parse_cursor(position.cursor.as_deref())?;
    let (photos, next) = gallery::page(&app, viewer.owner, before).await?;
    Ok(HttpResponse::Ok().json(Page { items: views(&photos), next }))
}

/// The query of `POST /api/images`.
#[derive(Deserialize)]
pub(super) struct HowToTake {
    /// `skip`: what is in the gallery already is not stored again.
    duplicates: Option<String>,
}

/// `POST /api/images`
pub(super) async fn create(
    app: web::Data<App>,
    viewer: Viewer,
    request: HttpRequest,
    how: web::Query<HowToTake>,
    payload: web::Payload,
) -> Result<HttpResponse, AppError> {
    let duplicates = match how.duplicates.as_deref() {
        None => Duplicates::Keep,
        Some("skip") => Duplicates::Skip,
        Some(_) => return Err(AppError::BadRequest),
    };
    match upload::take(&app, &viewer, &request, payload, duplicates).await {
        Ok(taken) => Ok(created(&taken)),
        Err(NotTaken::Failed(error)) => Err(error),
        Err(NotTaken::Refused(refused)) => {
            let file = refused.file.as_ref().map(OriginalFilename::as_str);
            let answer = Problem::from_refusal(&refused.refusal, file).response();
            Ok(ask_to_wait(answer, refused.refusal.retry_after()))
        }
    }
}

fn created(taken: &Taken) -> HttpResponse {
    let is_nothing_new = taken.duplicates == taken.photos.len();
    let mut answer = if is_nothing_new { HttpResponse::Ok() } else { HttpResponse::Created() };
    if taken.duplicates > 0 {
        answer.insert_header(("X-Ponka-Duplicate", taken.duplicates.to_string()));
    }
    match taken.photos.as_slice() {
        [only] => answer.json(PhotoJson::from(only)),
        several => answer.json(Created { items: views(several) }),
    }
}

/// `GET /api/images/{id}`
pub(super) async fn show(
    app: web::Data<App>,
    viewer: Viewer,
    id: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let photo = gallery::find(&app, &id, &viewer).await?;
    Ok(HttpResponse::Ok().json(PhotoJson::from(&photo)))
}

/// `DELETE /api/images/{id}`
pub(super) async fn delete(
    app: web::Data<App>,
    viewer: Viewer,
    id: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let photo = gallery::find(&app, &id, &viewer).await?;
    gallery::delete_photo(&app, &photo).await?;
    Ok(HttpResponse::NoContent().finish())
}
