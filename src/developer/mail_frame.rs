//! The HTML of a mail as the document of a frame that can do nothing.

use actix_web::HttpResponse;
use actix_web::http::header;

/// Draws, and does nothing else: no script, no form, no request; links open windows that are caged
/// likewise.
const POLICY: &str = "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'; \
                      img-src data:; frame-ancestors 'self'";

/// The document of a frame on a page of ours.
#[must_use]
pub(super) fn mail_frame(html: String) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::X_FRAME_OPTIONS, "SAMEORIGIN"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        // No policy governs this: a browser would look up the names of all links.
        .insert_header((header::X_DNS_PREFETCH_CONTROL, "off"))
        .body(html)
}
