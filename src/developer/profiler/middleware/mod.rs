//! Records every request for the profiler, and says in its answer under which token. Installed
//! only on a developer's machine.

mod facts;
mod form_fields;
mod redirect;
mod toolbar;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, web};

use super::{Answer, Profiler, Recording, record};
use crate::http::account_pages::AccountView;

/// The header that names the profile.
const TOKEN: HeaderName = HeaderName::from_static("x-debug-token");
/// The header with the profile's address.
const TOKEN_LINK: HeaderName = HeaderName::from_static("x-debug-token-link");

/// The address of a profile.
#[must_use]
pub fn link(token: &str) -> String {
    format!("/_profiler/{token}")
}

/// Middleware for [`actix_web::middleware::from_fn`], to be wrapped around everything else. It needs
/// a [`Profiler`] in the application data. The profiler's own pages are not recorded.
///
/// # Errors
/// Only what the inner service returns.
pub async fn profile_requests<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let is_own = request.path() == "/_profiler" || request.path().starts_with("/_profiler/");
    let Some(profiler) = request.app_data::<web::Data<Profiler>>().cloned().filter(|_| !is_own)
    else {
        return next.call(request).await;
    };
    let before = redirect::token_of(&request);
    let recording = profiler.begin(facts::request(&request), before.as_deref());
    form_fields::watch(&mut request, &recording);
    let mut response = record(recording.clone(), next.call(request)).await?;
    recording.finish(answer(&response));
    redirect::remember(&mut response, &recording);
    name_profile(response.headers_mut(), &recording);
    profiler.keep(recording);
    Ok(response)
}

fn answer<B>(response: &ServiceResponse<B>) -> Answer {
    let account = response.request().extensions().get::<AccountView>().cloned();
    Answer {
        status: response.status().as_u16(),
        headers: facts::headers(response.headers()),
        user: account.map(|account| account.email),
    }
}

fn name_profile(headers: &mut HeaderMap, recording: &Recording) {
    let token = recording.token();
    for (name, value) in [(TOKEN, token), (TOKEN_LINK, &link(token))] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::middleware::from_fn;
    use actix_web::test::{TestRequest, call_service, init_service};
    use actix_web::{App, HttpRequest, HttpResponse};
    use messenger::clock::Clock;

    use super::*;

    async fn sign_in(request: HttpRequest, body: web::Bytes) -> HttpResponse {
        let (name, email) = ("Vera".to_owned(), "vera@example.org".to_owned());
        request.extensions_mut().insert(AccountView { name, email, id: uuid::Uuid::nil() });
        HttpResponse::Ok().body(body)
    }

    #[actix_web::test]
    async fn the_names_of_form_fields_and_the_user_are_kept_and_the_body_passes_untouched() {
        let profiler = Profiler::new(Clock::System, None);
        let app = App::new()
            .app_data(web::Data::new(profiler.clone()))
            .wrap(from_fn(profile_requests))
            .default_service(web::to(sign_in));
        let app = init_service(app).await;
        let body = "email=vera%40example.org&password=canary&list%5B%5D=1&email=twice";
        let form = TestRequest::post()
            .uri("/login")
            .insert_header(("content-type", "application/x-www-form-urlencoded"))
            .set_payload(body);
        let response = call_service(&app, form.to_request()).await;
        let token = response.headers().get(TOKEN).unwrap().to_str().unwrap().to_owned();
        assert_eq!(actix_web::test::read_body(response).await, body);
        let profile = profiler.find(&token).unwrap();
        assert_eq!(profile.form_fields, ["email", "password", "list[]"]);
        assert_eq!(profile.answer.user.as_deref(), Some("vera@example.org"));
        assert!(!format!("{profile:?}").contains("canary"));

        let json = TestRequest::post().uri("/login").set_payload("a=1");
        let response = call_service(&app, json.to_request()).await;
        let token = response.headers().get(TOKEN).unwrap().to_str().unwrap().to_owned();
        assert!(profiler.find(&token).unwrap().form_fields.is_empty());
    }
}
