//! What is to be seen on a photo, told by its owner.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use uuid::Uuid;

use super::answer::see_other;
use super::viewer::Viewer;
use super::{App, AppError, gallery};
use crate::http::alt_text::{self, AltTextProblem};
use crate::http::error_page;
use crate::http::problem::Problem;
use crate::repository::photos;

#[derive(Deserialize)]
pub(super) struct Typed {
    alt: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sent {
    alt: String,
}

/// `POST /images/{id}/alt`
pub(super) async fn save_on_page(
    app: web::Data<App>,
    viewer: Viewer,
    request: HttpRequest,
    id: web::Path<String>,
    typed: web::Form<Typed>,
) -> Result<HttpResponse, AppError> {
    match store(&app, &viewer, &id, &typed.alt).await? {
        Ok(id) => Ok(see_other(&format!("/#photo-{id}"))),
        Err(problem) => {
            let sentence = problem.to_string();
            Ok(error_page::response(&request, StatusCode::UNPROCESSABLE_ENTITY, &sentence))
        }
    }
}

/// `PUT /api/images/{id}/alt`
pub(super) async fn save(
    app: web::Data<App>,
    viewer: Viewer,
    id: web::Path<String>,
    sent: web::Json<Sent>,
) -> Result<HttpResponse, AppError> {
    match store(&app, &viewer, &id, &sent.alt).await? {
        Ok(_) => Ok(HttpResponse::NoContent().finish()),
        Err(problem) => {
            Ok(Problem::from_violation("alt", problem.code(), &problem.to_string()).response())
        }
    }
}

/// Gives the id of the photo, or inside what is wrong with the text.
async fn store(
    app: &App,
    viewer: &Viewer,
    id: &str,
    typed: &str,
) -> Result<Result<Uuid, AltTextProblem>, AppError> {
    let photo = gallery::find(app, id, viewer).await?;
    let text = match alt_text::parse(typed) {
        Ok(text) => text,
        Err(problem) => return Ok(Err(problem)),
    };
    let (id, owner) = (photo.id, viewer.owner);
    let stored = app
        .database
        .transaction(move |connection| photos::set_alt(connection, id, owner, text.as_deref()));
    if stored.await? { Ok(Ok(id)) } else { Err(AppError::NotFound) }
}
