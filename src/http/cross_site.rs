//! Refuses what another site makes a browser send, without tokens: the algorithm of Go's
//! `CrossOriginProtection`.

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::http::{Method, StatusCode, Uri};
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest};

use super::error_page;
use super::log_share::may_log;
use super::requested_host::requested_host;

const SENTENCE: &str = "This request came from another site, so we did nothing. \
                        Open the gallery and try it from there.";

/// Why a request is taken for cross-site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CrossSite {
    /// The browser says so.
    #[error("Sec-Fetch-Site is neither same-origin nor none")]
    FetchSite,
    /// The browser is from before 2023, and its `Origin` is not this host.
    #[error("Origin is not this host")]
    Origin,
}

/// Middleware for [`actix_web::middleware::from_fn`]: answers 403 before the body is read, and closes
/// the connection.
///
/// # Errors
/// Only what the inner service returns.
pub async fn refuse_cross_site<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    match check(request.method(), request.headers(), request.uri()) {
        Ok(()) => next.call(request).await.map(ServiceResponse::map_into_left_body),
        Err(reason) => {
            let (request, _unread_body) = request.into_parts();
            let response = refusal(&request, reason);
            Ok(ServiceResponse::new(request, response).map_into_right_body())
        }
    }
}

/// Whether a request may go on.
///
/// # Errors
/// Why it may not.
pub fn check(method: &Method, headers: &HeaderMap, uri: &Uri) -> Result<(), CrossSite> {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    match headers.get("sec-fetch-site").map(HeaderValue::as_bytes) {
        Some(b"same-origin" | b"none") => return Ok(()),
        Some(site) if !site.is_empty() => return Err(CrossSite::FetchSite),
        _ => {}
    }
    // Neither header: curl, a program, or a form on our own page in an old browser.
    let Some(origin) = headers.get(header::ORIGIN).filter(|origin| !origin.is_empty()) else {
        return Ok(());
    };
    match (origin.to_str().ok().and_then(host_of), requested_host(headers, uri)) {
        (Some(origin), Some(host)) if origin.eq_ignore_ascii_case(host) => Ok(()),
        _ => Err(CrossSite::Origin),
    }
}

/// The host and port of an origin; `null` has none.
fn host_of(origin: &str) -> Option<&str> {
    origin.split_once("://").map(|(_, host)| host)
}

fn refusal(request: &HttpRequest, reason: CrossSite) -> actix_web::HttpResponse {
    if may_log(request, "csrf_rejected") {
        tracing::warn!(
            event = "csrf_rejected",
            request.method = %request.method(),
            request.path = request.path(),
            %reason,
            "refused a cross-site request: {reason}",
        );
    }
    let mut response = error_page::response(request, StatusCode::FORBIDDEN, SENTENCE);
    response.head_mut().set_connection_type(actix_web::http::ConnectionType::Close);
    response.headers_mut().append(header::VARY, HeaderValue::from_static("Sec-Fetch-Site, Origin"));
    response
}

#[cfg(test)]
mod tests {
    use actix_web::middleware::from_fn;
    use actix_web::test::{TestRequest, call_service, init_service, read_body};
    use actix_web::{App, web};

    use super::*;

    fn checked(method: Method, headers: &[(&str, &str)]) -> Result<(), CrossSite> {
        let request = headers
            .iter()
            .fold(TestRequest::default().method(method), |request, header| {
                request.insert_header(*header)
            })
            .insert_header(("host", "ponka.test:8000"))
            .to_srv_request();
        check(request.method(), request.headers(), request.uri())
    }

    #[test]
    fn the_cases_of_go_are_decided_as_in_go() {
        use CrossSite::{FetchSite, Origin};
        let same = ("origin", "http://ponka.test:8000");
        let evil = ("origin", "https://evil.test");
        for (headers, expected) in [
            (vec![], Ok(())),
            (vec![("sec-fetch-site", "same-origin")], Ok(())),
            (vec![("sec-fetch-site", "none")], Ok(())),
            (vec![("sec-fetch-site", "same-origin"), evil], Ok(())),
            (vec![("sec-fetch-site", "cross-site")], Err(FetchSite)),
            (vec![("sec-fetch-site", "same-site"), same], Err(FetchSite)),
            (vec![("sec-fetch-site", "Same-Origin")], Err(FetchSite)),
            (vec![same], Ok(())),
            (vec![("origin", "https://ponka.test:8000")], Ok(())),
            (vec![("origin", "http://ponka.test")], Err(Origin)),
            (vec![("origin", "http://ponka.test:8000.evil.test")], Err(Origin)),
            (vec![evil], Err(Origin)),
            (vec![("origin", "null")], Err(Origin)),
        ] {
            assert_eq!(checked(Method::POST, &headers), expected, "{headers:?}");
            assert_eq!(checked(Method::DELETE, &headers), expected, "{headers:?}");
            assert_eq!(checked(Method::GET, &headers), Ok(()), "{headers:?}");
        }
    }

    #[actix_web::test]
    async fn a_refusal_speaks_the_language_of_its_path_and_says_what_it_depends_on() {
        let app = App::new()
            .wrap(from_fn(refuse_cross_site))
            .default_service(web::to(|| async { "reached" }));
        let app = init_service(app).await;
        for (path, content_type) in
            [("/images", "text/html; charset=utf-8"), ("/api/images", "application/problem+json")]
        {
            let request = TestRequest::post().uri(path).insert_header(("origin", "null"));
            let response = call_service(&app, request.to_request()).await;
            assert_eq!(response.status(), StatusCode::FORBIDDEN);
            assert_eq!(response.headers().get("content-type").unwrap(), content_type);
            assert_eq!(response.headers().get("vary").unwrap(), "Sec-Fetch-Site, Origin");
            assert!(!response.response().head().keep_alive());
            let body = read_body(response).await;
            assert!(String::from_utf8_lossy(&body).contains("from another site"));
        }
    }
}
