//! The JSON API: `/api/images`.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use super::upload::{self, NotTaken};
use super::view::ImageView;
use super::viewer::Viewer;
use super::{App, AppError, gallery};
use crate::entity::ImagePost;
use crate::http::original_filename::OriginalFilename;
use crate::http::problem::Problem;

#[derive(Serialize)]
struct Page {
    items: Vec<ImageView>,
    next: Option<String>,
}

#[derive(Serialize)]
struct Created {
    items: Vec<ImageView>,
}

fn views(posts: &[ImagePost]) -> Vec<ImageView> {
    posts.iter().map(ImageView::from).collect()
}

/// `GET /api/images?cursor=`
pub(super) async fn list(
    app: web::Data<App>,
    viewer: Viewer,
    position: web::Query<gallery::Position>,
) -> Result<HttpResponse, AppError> {
    let before = gallery::parse_cursor(position.cursor.as_deref())?;
    let (posts, next) = gallery::page(&app, viewer.owner, before).await?;
    Ok(HttpResponse::Ok().json(Page { items: views(&posts), next }))
}

/// `POST /api/images`
pub(super) async fn create(
    app: web::Data<App>,
    viewer: Viewer,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, AppError> {
    match upload::take(&app, &viewer, request.headers(), payload).await {
        Ok(posts) => match posts.as_slice() {
            [only] => Ok(HttpResponse::Created().json(ImageView::from(only))),
            several => Ok(HttpResponse::Created().json(Created { items: views(several) })),
        },
        Err(NotTaken::Failed(error)) => Err(error),
        Err(NotTaken::Refused(refused)) => {
            let file = refused.file.as_ref().map(OriginalFilename::as_str);
            Ok(Problem::from_refusal(&refused.refusal, file).response())
        }
    }
}

/// `GET /api/images/{id}`
pub(super) async fn show(
    app: web::Data<App>,
    viewer: Viewer,
    id: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let post = gallery::find(&app, &id, &viewer).await?;
    Ok(HttpResponse::Ok().json(ImageView::from(&post)))
}

/// `DELETE /api/images/{id}`
pub(super) async fn delete(
    app: web::Data<App>,
    viewer: Viewer,
    id: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let post = gallery::find(&app, &id, &viewer).await?;
    gallery::delete_post(&app, &post).await?;
    Ok(HttpResponse::NoContent().finish())
}
