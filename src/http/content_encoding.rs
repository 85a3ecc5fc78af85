//! Refuses compressed bodies before they are read: a few kilobytes of them become gigabytes.

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::http::{ConnectionType, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, HttpResponse};

use super::error_page;

const SENTENCE: &str = "This request is compressed. Send it uncompressed: leave \
                        Content-Encoding out, or set it to identity.";

/// Middleware for [`actix_web::middleware::from_fn`], around whatever reads bodies: answers 415 to a
/// request whose body has a coding, says which one is fine, and closes the connection.
///
/// # Errors
/// Only what the inner service returns.
pub async fn refuse_encoded_bodies<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    if !is_encoded(request.headers()) {
        return next.call(request).await.map(ServiceResponse::map_into_left_body);
    }
    let (request, _unread_body) = request.into_parts();
    let refusal = refusal(&request);
    Ok(ServiceResponse::new(request, refusal).map_into_right_body())
}

/// Whether any coding but `identity` is named; one that cannot be read is one.
fn is_encoded(headers: &HeaderMap) -> bool {
    headers.get_all(header::CONTENT_ENCODING).any(|line| {
        let codings = line.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
        codings
            .into_iter()
            .any(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case(b"identity"))
    })
}

fn refusal(request: &HttpRequest) -> HttpResponse {
    let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
    let mut answer = error_page::response(request, status, SENTENCE);
    answer.head_mut().set_connection_type(ConnectionType::Close);
    let fine = HeaderValue::from_static("identity");
    answer.headers_mut().insert(header::ACCEPT_ENCODING, fine);
    answer
}

#[cfg(test)]
mod tests {
    use actix_web::middleware::from_fn;
    use actix_web::test::{TestRequest, call_service, init_service};
    use actix_web::{App, web};

    use super::*;

    #[actix_web::test]
    async fn only_identity_passes() {
        let app = App::new()
            .wrap(from_fn(refuse_encoded_bodies))
            .default_service(web::to(|| async { "reached" }));
        let app = init_service(app).await;
        for (coding, is_fine) in [
            ("identity", true),
            ("IDENTITY", true),
            ("", true),
            ("identity, identity", true),
            ("gzip", false),
            ("x-gzip", false),
            ("identity,gzip", false),
            ("something", false),
            ("identity;q=0", false),
        ] {
            let request = TestRequest::post().insert_header(("content-encoding", coding));
            let answer = call_service(&app, request.to_request()).await;
            let expected =
                if is_fine { StatusCode::OK } else { StatusCode::UNSUPPORTED_MEDIA_TYPE };
            assert_eq!(answer.status(), expected, "{coding}");
            let names = answer.headers().get("accept-encoding").map(HeaderValue::as_bytes);
            assert_eq!(names, (!is_fine).then_some(&b"identity"[..]), "{coding}");
        }
    }
}
