//! What the profiler keeps of requests and answers: no cookie's value, no secret.

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

use super::super::{Request, is_secret, scrub};

/// What is asked for so often that pages would be pushed out.
const FILES: [&str; 5] = ["/assets/", "/media/", "/dev/book/", "/dev/mailbox/api/", "/events"];
/// More of a path or a header is not kept, in bytes.
const LONGEST: usize = 2_000;

pub(super) fn request(request: &ServiceRequest) -> Request {
    let path = request.uri().path_and_query().map_or_else(|| request.path(), |path| path.as_str());
    Request {
        method: request.method().to_string(),
        path: short(&scrub(path)),
        headers: headers(request.headers()),
        is_file: FILES.iter().any(|prefix| request.path().starts_with(prefix)),
        redirected_from: None,
    }
}

/// The headers, in alphabetical order.
pub(super) fn headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let mut shown: Vec<_> =
        headers.iter().map(|(name, given)| (name.to_string(), value(name, given))).collect();
    shown.sort();
    shown
}

fn value(name: &HeaderName, value: &HeaderValue) -> String {
    let text = String::from_utf8_lossy(value.as_bytes());
    match *name {
        header::COOKIE => names_of(&text),
        // Its attributes are no secret.
        header::SET_COOKIE => {
            let (cookie, attributes) = text.split_once(';').unwrap_or((&text, ""));
            short(&format!("{};{attributes}", names_of(cookie)))
        }
        _ if is_secret(name.as_str()) => "***".to_owned(),
        _ => short(&scrub(&text)),
    }
}

/// `name=***` for each cookie.
fn names_of(cookies: &str) -> String {
    let names = cookies.split(';').map(|pair| pair.split('=').next().unwrap_or_default().trim());
    short(&names.map(|name| format!("{name}=***")).collect::<Vec<_>>().join("; "))
}

fn short(text: &str) -> String {
    let cut = text.char_indices().find(|(at, _)| *at >= LONGEST);
    cut.map_or_else(|| text.to_owned(), |(end, _)| format!("{} …", &text[..end]))
}
