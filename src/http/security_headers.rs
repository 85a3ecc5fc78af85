//! The security headers of every answer, by what kind of answer it is.

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web;

use super::trusted_proxies::TrustedProxies;

const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data: blob:; connect-src 'self'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'; manifest-src 'self'; require-trusted-types-for 'script'; \
    trusted-types ponka; report-to csp";
/// Where `report-to csp` leads.
const REPORTING_ENDPOINTS: &str = "csp=\"/csp-report\"";
const DATA_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";
const MEDIA_POLICY: &str = "default-src 'none'; sandbox";
const PERMISSIONS: &str = "camera=(), microphone=(), geolocation=(), payment=(), usb=()";
const TWO_YEARS_OF_TLS: &str = "max-age=63072000; includeSubDomains";

/// What an answer is, as far as the browser's defences are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// HTML, error pages of every path included.
    Page,
    /// JSON, text, redirects, empty answers.
    Data,
    /// `text/event-stream`.
    Events,
    /// `/media/*` and files to be saved: bytes that began with a stranger.
    Media,
    /// `/assets/*`: our own files.
    Static,
}

impl Kind {
    fn of(path: &str, headers: &HeaderMap) -> Self {
        let content_type =
            headers.get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
        if content_type.starts_with(b"text/html") {
            Self::Page
        } else if content_type.starts_with(b"text/event-stream") {
            Self::Events
        } else if path.starts_with("/media/") || content_type == b"application/octet-stream" {
            Self::Media
        } else if path.starts_with("/assets/") {
            Self::Static
        } else {
            Self::Data
        }
    }
}

/// The policy of a page that needs one thing more, such as `frame-src 'self'`.
#[must_use]
pub fn page_policy_with(directive: &str) -> String {
    format!("{PAGE_POLICY}; {directive}")
}

/// Middleware for [`actix_web::middleware::from_fn`], to be wrapped around everything else. A header
/// that a handler set itself stays as it is.
///
/// # Errors
/// Only what the inner service returns.
pub async fn add_security_headers<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let mut response = next.call(request).await?;
    let kind = Kind::of(response.request().path(), response.headers());
    let proxies = response.request().app_data::<web::Data<TrustedProxies>>();
    let is_https = proxies.is_some_and(|proxies| proxies.is_https(response.request()));
    let headers = response.headers_mut();
    headers.remove(header::SERVER);
    for (name, value) in headers_for(kind) {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    if is_https {
        let value = HeaderValue::from_static(TWO_YEARS_OF_TLS);
        headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
    if matches!(kind, Kind::Page | Kind::Data) {
        headers.append(header::VARY, HeaderValue::from_static("Cookie, Accept"));
    }
    Ok(response)
}

fn headers_for(kind: Kind) -> Vec<(HeaderName, &'static str)> {
    let policy = match kind {
        Kind::Page => PAGE_POLICY,
        Kind::Media => MEDIA_POLICY,
        Kind::Data | Kind::Events | Kind::Static => DATA_POLICY,
    };
    let mut headers = vec![
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
        (header::CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    if kind == Kind::Page {
        headers.push((header::CROSS_ORIGIN_OPENER_POLICY, "same-origin"));
        headers.push((header::PERMISSIONS_POLICY, PERMISSIONS));
        headers.push((HeaderName::from_static("reporting-endpoints"), REPORTING_ENDPOINTS));
    }
    if matches!(kind, Kind::Page | Kind::Data | Kind::Media) {
        headers.push((header::X_FRAME_OPTIONS, "DENY"));
    }
    headers
}

#[cfg(test)]
mod tests {
    use actix_web::middleware::from_fn;
    use actix_web::test::{TestRequest, call_service, init_service};
    use actix_web::{App, HttpResponse};

    use super::*;

    async fn answer(path: &str, content_type: &'static str, status: u16) -> HeaderMap {
        let handler = move || async move {
            let status = actix_web::http::StatusCode::from_u16(status).unwrap();
            HttpResponse::build(status)
                .insert_header(("content-type", content_type))
                .insert_header(("server", "secret/1.0"))
                .finish()
        };
        let app = App::new().wrap(from_fn(add_security_headers)).default_service(web::to(handler));
        let app = init_service(app).await;
        call_service(&app, TestRequest::get().uri(path).to_request()).await.headers().clone()
    }

    #[actix_web::test]
    async fn the_matrix_holds_for_every_kind_and_status() {
        for (path, content_type, policy, frame, opener) in [
            ("/", "text/html; charset=utf-8", PAGE_POLICY, Some("DENY"), Some("same-origin")),
            ("/media/x.jpg", "text/html", PAGE_POLICY, Some("DENY"), Some("same-origin")),
            ("/api/images", "application/json", DATA_POLICY, Some("DENY"), None),
            ("/media/x.jpg", "image/jpeg", MEDIA_POLICY, Some("DENY"), None),
            ("/x.eml", "application/octet-stream", MEDIA_POLICY, Some("DENY"), None),
            ("/assets/app.css", "text/css", DATA_POLICY, None, None),
            ("/events", "text/event-stream", DATA_POLICY, None, None),
        ] {
            for status in [200, 303, 404, 405, 413, 500] {
                let headers = answer(path, content_type, status).await;
                let value = |name: &str| headers.get(name).map(|value| value.to_str().unwrap());
                assert_eq!(value("content-security-policy"), Some(policy), "{path} {status}");
                assert_eq!(value("x-frame-options"), frame, "{path}");
                assert_eq!(value("cross-origin-opener-policy"), opener, "{path}");
                assert_eq!(value("permissions-policy").is_some(), policy == PAGE_POLICY);
                let endpoints = (policy == PAGE_POLICY).then_some("csp=\"/csp-report\"");
                assert_eq!(value("reporting-endpoints"), endpoints);
                assert_eq!(value("x-content-type-options"), Some("nosniff"));
                assert_eq!(value("cross-origin-resource-policy"), Some("same-origin"));
                assert_eq!(value("referrer-policy"), Some("strict-origin-when-cross-origin"));
                assert_eq!(value("strict-transport-security"), None);
                assert_eq!(value("server"), None);
            }
        }
    }

    #[test]
    fn no_policy_allows_anything_inline() {
        for policy in [PAGE_POLICY, DATA_POLICY, MEDIA_POLICY] {
            assert!(!policy.contains("unsafe") && policy.starts_with("default-src 'none'"));
        }
    }
}
