//! The two answers that pages give: some HTML, or where to look next.

use actix_web::HttpResponse;
use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};

use super::AppError;

pub(super) fn html(status: StatusCode, page: String) -> Result<HttpResponse, AppError> {
    let mut answer = HttpResponse::build(status);
    Ok(answer.insert_header((CONTENT_TYPE, "text/html; charset=utf-8")).body(page))
}

/// What was asked for is done; look there.
pub(super) fn see_other(place: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, place)).finish()
}

/// Has the browser keep, or forget, something.
pub(super) fn add_cookie(
    answer: &mut HttpResponse,
    cookie: &Cookie<'static>,
) -> Result<(), AppError> {
    answer.add_cookie(cookie).map_err(|error| AppError::Internal(error.into()))
}

/// Says how many seconds to wait, if it is known.
pub(super) fn ask_to_wait(mut answer: HttpResponse, seconds: Option<u64>) -> HttpResponse {
    if let Some(seconds) = seconds {
        answer.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    answer
}
