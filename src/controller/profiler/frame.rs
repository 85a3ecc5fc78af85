//! A rendered mail on its own: in a frame that can do nothing, and as a file.

use actix_web::{HttpResponse, web};

use super::find;
use crate::controller::{App, AppError};
use crate::http::download::download;
use crate::http::mail_frame::mail_frame;
use crate::http::original_filename::OriginalFilename;
use crate::profiler::{Preview, ProfiledEmail};

/// `GET /_profiler/{token}/emails/{number}/html`
pub(super) async fn html(
    app: web::Data<App>,
    place: web::Path<(String, usize)>,
) -> Result<HttpResponse, AppError> {
    Ok(mail_frame(preview(&app, &place)?.html.ok_or(AppError::NotFound)?))
}

/// `GET /_profiler/{token}/emails/{number}/raw`
pub(super) async fn raw(
    app: web::Data<App>,
    place: web::Path<(String, usize)>,
) -> Result<HttpResponse, AppError> {
    Ok(download(&OriginalFilename::clean("email.eml"), preview(&app, &place)?.raw))
}

fn preview(app: &App, (token, number): &(String, usize)) -> Result<Preview, AppError> {
    let profile = find(app, token).ok_or(AppError::NotFound)?;
    let emails = ProfiledEmail::all_of(&profile);
    let email = emails.get(*number).ok_or(AppError::NotFound)?;
    let rendered = app.profiler.as_ref().and_then(|profiler| profiler.preview(&email.body));
    rendered.and_then(Result::ok).ok_or(AppError::NotFound)
}
