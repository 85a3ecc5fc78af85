//! The description of the JSON API, `OpenAPI` 3.1.

use actix_web::HttpResponse;

const DESCRIPTION: &str = include_str!("openapi.json");

/// `GET /api/openapi.json`
pub(super) async fn show() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(DESCRIPTION)
}
