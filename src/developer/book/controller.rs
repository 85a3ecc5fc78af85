//! The book about the gallery, for developers. Its addresses exist in dev only.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use serde::Serialize;

use super::{BookPage, page, picture};
use crate::controller::{App, AppError, Viewer, get_or_head, only};

/// The addresses of the book: as the files in `docs/`, so that their links work as they are.
pub(in crate::developer) fn routes(config: &mut web::ServiceConfig) {
    let get = get_or_head;
    config
        .service(only("/dev/book", "GET, HEAD").route(get().to(to_the_first_page)))
        .service(only("/dev/book/{path:.*}", "GET, HEAD").route(get().to(show)));
}

#[derive(Serialize)]
struct Shown {
    book: BookPage,
}

/// `GET /dev/book`
async fn to_the_first_page() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, "/dev/book/")).finish()
}

/// `GET /dev/book/{path}`
async fn show(
    app: web::Data<App>,
    viewer: Viewer,
    path: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    if let Some(picture) = picture(&path) {
        let answer = HttpResponse::Ok().content_type(picture.content_type).body(picture.bytes);
        return Ok(answer);
    }
    let book = page(&path).ok_or(AppError::NotFound)?;
    let html = app.page(&viewer, "book/page.html", Shown { book })?;
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(html))
}
