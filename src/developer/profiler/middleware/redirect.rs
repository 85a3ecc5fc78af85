//! Lets the page after a redirect name the request before it: in a cookie that lives until then.

use actix_web::body::MessageBody;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;

use super::super::Recording;

/// The name of the cookie.
const COOKIE: &str = "ponka_redirect";
/// A browser follows at once.
const HALF_A_MINUTE: Duration = Duration::seconds(30);

/// The token that the cookie names. Anybody can write a cookie: it is only looked up.
pub(super) fn token_of(request: &ServiceRequest) -> Option<String> {
    let cookie = request.cookie(COOKIE)?;
    let is_token = |value: &&str| {
        (6..=16).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    Some(cookie.value()).filter(is_token).map(ToOwned::to_owned)
}

/// Sets the cookie with a redirect, and removes it with the page that shows it.
pub(super) fn remember<B: MessageBody>(response: &mut ServiceResponse<B>, recording: &Recording) {
    let headers = response.headers();
    let is_redirect = response.status().is_redirection() && headers.contains_key(header::LOCATION);
    let kind = headers.get(header::CONTENT_TYPE).map_or(&b""[..], |value| value.as_bytes());
    let is_page = kind.starts_with(b"text/html");
    let cookie = if is_redirect {
        cookie(recording.token().to_owned(), HALF_A_MINUTE)
    } else if is_page && response.request().cookie(COOKIE).is_some() {
        cookie(String::new(), Duration::ZERO)
    } else {
        return;
    };
    // Without it the page names no request before it; nothing else depends on it.
    let _ = response.response_mut().add_cookie(&cookie);
}

fn cookie(value: String, max_age: Duration) -> Cookie<'static> {
    Cookie::build(COOKIE, value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(max_age)
        .finish()
}
