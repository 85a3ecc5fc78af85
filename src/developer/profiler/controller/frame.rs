//! A rendered mail on its own: in a frame that can do nothing, and as a file.

use actix_web::{HttpResponse, web};

use crate::controller::AppError;
use crate::developer::mail_frame::mail_frame;
use crate::developer::profiler::{Preview, ProfiledEmail, Profiler};
use crate::http::download::download;
use crate::http::original_filename::OriginalFilename;

/// `GET /_profiler/{token}/emails/{number}/html`
pub(super) async fn html(
    profiler: web::Data<Profiler>,
    place: web::Path<(String, usize)>,
) -> Result<HttpResponse, AppError> {
    Ok(mail_frame(preview(&profiler, &place)?.html.ok_or(AppError::NotFound)?))
}

/// `GET /_profiler/{token}/emails/{number}/raw`
pub(super) async fn raw(
    profiler: web::Data<Profiler>,
    place: web::Path<(String, usize)>,
) -> Result<HttpResponse, AppError> {
    Ok(download(&OriginalFilename::clean("email.eml"), preview(&profiler, &place)?.raw))
}

fn preview(profiler: &Profiler, (token, number): &(String, usize)) -> Result<Preview, AppError> {
    let profile = profiler.find(token).ok_or(AppError::NotFound)?;
    let emails = ProfiledEmail::all_of(&profile);
    let email = emails.get(*number).ok_or(AppError::NotFound)?;
    let rendered = profiler.preview(&email.body);
    rendered.and_then(Result::ok).ok_or(AppError::NotFound)
}
