//! `POST /csp-report`: browsers tell of pages that did what their policy forbids.

use actix_web::error::PayloadError;
use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, web};

use super::guesses::{self, Wait};
use super::{App, AppError};
use crate::http::body_pace::is_too_slow;
use crate::http::csp_report::CspReport;
use crate::http::log_share::may_log;

/// How long a report may be, in bytes.
pub(super) const LONGEST: usize = 10 * 1024;
/// What a browser calls a report: the list of today, and the single one of before.
const KINDS: [&str; 2] = ["application/reports+json", "application/csp-report"];

/// `POST /csp-report`. What is no report is not read.
pub(super) async fn create(
    app: web::Data<App>,
    request: HttpRequest,
    body: web::Payload,
) -> Result<HttpResponse, AppError> {
    if !KINDS.contains(&request.content_type().to_ascii_lowercase().as_str()) {
        return Ok(HttpResponse::new(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    if let Err(Wait(seconds)) = guesses::ask_to_report(&app, &request).await? {
        return Ok(HttpResponse::TooManyRequests().insert_header((RETRY_AFTER, seconds)).finish());
    }
    let body = web::Bytes::from_request(&request, &mut body.into_inner()).await;
    let body = body.map_err(|error| unreadable(&error))?;
    let report = CspReport::parse(&body).ok_or(AppError::BadRequest)?;
    if may_log(&request, "csp_report") {
        tracing::warn!(
            event = "csp_report",
            count = report.count,
            "A browser kept a page from what its policy forbids: {report}",
        );
    }
    Ok(HttpResponse::NoContent().finish())
}

fn unreadable(error: &actix_web::Error) -> AppError {
    match error.as_error() {
        Some(PayloadError::Overflow) => AppError::TooLarge,
        Some(PayloadError::Io(error)) if is_too_slow(error) => AppError::TooSlow,
        _ => AppError::BadRequest,
    }
}
