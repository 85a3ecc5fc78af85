//! Errors as their reader expects them: a page for people, a problem document under an `/api`.

use actix_web::body::{BodySize, BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse, web};

use super::account_pages::AccountView;
use super::pages::ErrorPage;
use super::problem::Problem;
use super::templates::Templates;

const HTML: &str = "text/html; charset=utf-8";
/// The header that names what went wrong on our side; the log says more about it under that name.
pub const INCIDENT: &str = "x-incident";

/// What to say of an answer, where its status says too little: among the extensions of an answer
/// without a body.
#[derive(Debug, Clone, Copy)]
pub struct Sentence(pub &'static str);

/// An error answer with this status and sentence. Without templates in the application data (or with
/// a broken one), the sentence alone.
#[must_use]
pub fn response(request: &HttpRequest, status: StatusCode, sentence: &str) -> HttpResponse {
    response_with(request, status, sentence, None)
}

fn response_with(
    request: &HttpRequest,
    status: StatusCode,
    sentence: &str,
    incident: Option<&str>,
) -> HttpResponse {
    if is_api(request.path()) {
        return Problem::new(status, sentence).with_incident(incident).response();
    }
    let page = ErrorPage {
        incident: incident.map(str::to_owned),
        status: status.as_u16(),
        title: title(status).to_owned(),
        sentence: sentence.to_owned(),
        account: request.extensions().get::<AccountView>().cloned(),
    };
    let rendered = request.app_data::<web::Data<Templates>>().and_then(|templates| {
        let rendered = templates.render("error.html", &page);
        rendered.inspect_err(|error| tracing::error!(%error, "could not render error.html")).ok()
    });
    let body = rendered.unwrap_or_else(|| format!("<!doctype html><p>{}</p>", escape(sentence)));
    HttpResponse::build(status).content_type(HTML).body(body)
}

/// Whether a program asks.
fn is_api(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/") || path.starts_with("/dev/mailbox/api/")
}

/// Middleware for [`actix_web::middleware::from_fn`]: gives error answers without a body (the 404s and
/// 405s of the router, a bare `HttpResponse::NotFound()`) one that can be read.
///
/// # Errors
/// Only what the inner service returns.
pub async fn explain_errors<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, Error> {
    let answer = next.call(request).await?;
    let is_error = answer.status().is_client_error() || answer.status().is_server_error();
    let is_empty = matches!(answer.response().body().size(), BodySize::None | BodySize::Sized(0));
    if !is_error || !is_empty {
        return Ok(answer.map_into_left_body());
    }
    let (request, bare) = answer.into_parts();
    let incident = bare.headers().get(INCIDENT).and_then(|incident| incident.to_str().ok());
    let said = bare.extensions().get::<Sentence>().map(|sentence| sentence.0);
    let said = said.unwrap_or_else(|| sentence(bare.status()));
    let mut explained = response_with(&request, bare.status(), said, incident);
    for (name, value) in bare.headers() {
        if *name != header::CONTENT_TYPE && *name != header::CONTENT_LENGTH {
            explained.headers_mut().append(name.clone(), value.clone());
        }
    }
    Ok(ServiceResponse::new(request, explained).map_into_right_body())
}

/// What to say when nobody said anything.
#[must_use]
pub fn sentence(status: StatusCode) -> &'static str {
    match status {
        StatusCode::FORBIDDEN => "You can't do that here.",
        StatusCode::NOT_FOUND => "There is nothing here. Ponka looked everywhere.",
        StatusCode::METHOD_NOT_ALLOWED => "This address can't do that. Start from the gallery.",
        StatusCode::PAYLOAD_TOO_LARGE => {
            "That is too much at once. Send less, or add your photos a few at a time."
        }
        StatusCode::REQUEST_TIMEOUT => "That took too long to arrive. Try again.",
        StatusCode::TOO_MANY_REQUESTS => "That was very fast. Wait a moment and try again.",
        StatusCode::SERVICE_UNAVAILABLE => "Ponka is having a moment. Try again soon.",
        StatusCode::INSUFFICIENT_STORAGE => {
            "There is no room left to store that. Nothing was lost; try again later."
        }
        status if status.is_server_error() => {
            "Something went wrong on our side. Nothing was lost; try again in a moment."
        }
        _ => "We couldn't make sense of that. Go back and try again.",
    }
}

fn title(status: StatusCode) -> &'static str {
    match status {
        StatusCode::FORBIDDEN => "Not from here",
        StatusCode::NOT_FOUND => "Nothing to see here",
        StatusCode::METHOD_NOT_ALLOWED => "Not like that",
        StatusCode::PAYLOAD_TOO_LARGE => "Too much at once",
        StatusCode::REQUEST_TIMEOUT => "Too slow",
        StatusCode::TOO_MANY_REQUESTS => "A little slower",
        StatusCode::SERVICE_UNAVAILABLE => "Ponka is having a moment",
        StatusCode::INSUFFICIENT_STORAGE => "No room left",
        status if status.is_server_error() => "Something fell off the table",
        _ => "That didn’t work",
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use actix_web::App;
    use actix_web::middleware::from_fn;
    use actix_web::test::{TestRequest, call_service, init_service, read_body};

    use super::*;
    use crate::config::AppEnv;

    #[actix_web::test]
    async fn an_error_without_a_body_gets_one_and_keeps_its_headers() {
        let bare = || async {
            HttpResponse::MethodNotAllowed().insert_header((header::ALLOW, "GET")).finish()
        };
        let app = App::new()
            .app_data(web::Data::new(Templates::load(AppEnv::Test).unwrap()))
            .wrap(from_fn(explain_errors))
            .route("/api/bare", web::get().to(bare))
            .route("/bare", web::get().to(bare))
            .route("/full", web::get().to(|| async { HttpResponse::NotFound().body("mine") }));
        let app = init_service(app).await;
        for (path, status, content_type, text) in [
            ("/api/bare", 405, "application/problem+json", "can't do that"),
            ("/bare", 405, HTML, "<h1"),
            ("/missing", 404, HTML, "Ponka looked everywhere"),
            ("/full", 404, "", "mine"),
        ] {
            let response = call_service(&app, TestRequest::get().uri(path).to_request()).await;
            assert_eq!(response.status().as_u16(), status, "{path}");
            let value = |name: &str| {
                let value = response.headers().get(name);
                value.map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
            };
            assert_eq!(value("content-type"), content_type, "{path}");
            assert_eq!(value("allow"), if status == 405 { "GET" } else { "" });
            let body = read_body(response).await;
            assert!(String::from_utf8_lossy(&body).contains(text), "{path}");
        }
    }
}
