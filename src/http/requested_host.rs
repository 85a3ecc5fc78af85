//! Which host a request is for.

use actix_web::http::Uri;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::http::uri::Authority;

/// The host and port that the client asked for: in HTTP/2 and to a proxy they are part of the
/// address. `None` if a request names no host, or two different ones.
#[must_use]
pub fn requested_host<'a>(headers: &'a HeaderMap, uri: &'a Uri) -> Option<&'a str> {
    let header = match headers.get(header::HOST).map(HeaderValue::to_str) {
        Some(Ok(host)) => Some(host),
        Some(Err(_)) => return None,
        None => None,
    };
    match (uri.authority().map(Authority::as_str), header) {
        (Some(host), Some(other)) => host.eq_ignore_ascii_case(other).then_some(host),
        (host, other) => host.or(other),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_request_is_for_one_host() {
        for (uri, header, expected) in [
            ("/", Some("ponka.test"), Some("ponka.test")),
            ("/", None, None),
            ("/", Some("p\u{e4}nka.test"), None),
            ("http://ponka.test:81/", None, Some("ponka.test:81")),
            ("http://ponka.test/", Some("Ponka.test"), Some("ponka.test")),
            ("http://ponka.test/", Some("evil.test"), None),
            ("http://127.0.0.1/", Some("evil.test"), None),
            ("http://evil.test/", Some("127.0.0.1"), None),
        ] {
            let request = TestRequest::with_uri(uri);
            let request = header.into_iter().fold(request, |request, host| {
                let host = HeaderValue::from_bytes(host.as_bytes()).unwrap();
                request.insert_header((header::HOST, host))
            });
            let request = request.to_srv_request();
            let host = requested_host(request.headers(), request.uri());
            assert_eq!(host, expected, "{uri} {header:?}");
        }
    }
}
