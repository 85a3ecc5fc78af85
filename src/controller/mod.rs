//! Controllers: what each address answers. They know messages, not who handles them.

mod account;
mod alt_text;
mod answer;
mod api;
mod csp_report;
mod error;
mod events;
mod gallery;
mod guesses;
mod health;
mod login;
mod media;
mod openapi;
mod register;
mod retry;
mod sessions;
mod tiles;
mod upload;
mod view;
mod viewer;

use actix_web::error::{JsonPayloadError, PayloadError, UrlencodedError};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, Route, guard, web};
use messenger::Messenger;
use messenger::clock::Clock;
use messenger_doctrine::{Database, UnitOfWork};
use serde::Serialize;
use std::sync::Arc;

use crate::config::Allowance;
use crate::darkroom::Darkroom;
use crate::http::account_pages::AccountView;
use crate::http::assets;
use crate::http::body_pace::is_too_slow;
use crate::http::session_cookie::SessionCookies;
use crate::http::templates::Templates;
use crate::http::trusted_proxies::TrustedProxies;
use crate::http::upload::UploadLimits;
use crate::http::visitor::VisitorCookies;
use crate::live_feed::LiveFeed;
use crate::password::Passwords;
use crate::photo_storage::PhotoStorage;

pub(crate) use viewer::{Account, Viewer};

pub use error::AppError;
pub use health::Readiness;

/// How long the body of a form without files may be, in bytes.
const FORM_BYTES: usize = 16 * 1024;

/// What controllers may use.
#[derive(Clone)]
pub struct App {
    /// Every change goes through it.
    pub messenger: Messenger<UnitOfWork>,
    /// The database, for looking things up.
    pub database: Database,
    /// Where the photos are.
    pub photos: PhotoStorage,
    /// Where photos are decoded.
    pub darkroom: Arc<Darkroom>,
    /// Renders every page.
    pub templates: Templates,
    /// How much a request may send.
    pub limits: UploadLimits,
    /// Whether a visitor without an account may upload.
    pub guest_uploads: bool,
    /// How much one owner may upload.
    pub allowance: Allowance,
    /// The open pages that are told of changes.
    pub live: LiveFeed,
    /// Whose word for where a request comes from is taken.
    pub trusted_proxies: TrustedProxies,
    /// Hashes and checks passwords.
    pub passwords: Passwords,
    /// Who is signed in, as the browser keeps it.
    pub session_cookies: SessionCookies,
    /// Who a visitor without an account is.
    pub visitor_cookies: VisitorCookies,
    /// Whether a page may say what only a developer should know.
    pub dev: bool,
    /// What `/readyz` has found last.
    pub readiness: Readiness,
    /// What time it is.
    pub clock: Clock,
}

/// What a template is given: who looks, and what the page is about.
#[derive(Serialize)]
struct Page<P> {
    account: Option<AccountView>,
    #[serde(flatten)]
    page: P,
}

impl App {
    /// Renders a page for whoever looks at it.
    pub(crate) fn page(
        &self,
        viewer: &Viewer,
        template: &str,
        page: impl Serialize,
    ) -> Result<String, AppError> {
        self.page_for(viewer.account.as_ref(), template, page)
    }

    /// Renders a page that is the same for everybody, below the name of whoever looks at it.
    pub(crate) fn page_for(
        &self,
        account: Option<&Account>,
        template: &str,
        page: impl Serialize,
    ) -> Result<String, AppError> {
        let account = account.map(Account::view);
        Ok(self.templates.render(template, Page { account, page })?)
    }
}

/// All addresses of the gallery.
pub fn routes(config: &mut web::ServiceConfig) {
    let get = get_or_head;
    config
        .default_service(web::to(nothing_here))
        .app_data(web::QueryConfig::default().error_handler(|_, _| AppError::BadRequest.into()))
        .app_data(web::FormConfig::default().limit(FORM_BYTES).error_handler(unreadable_form))
        .app_data(web::JsonConfig::default().limit(FORM_BYTES).error_handler(unreadable_json))
        .app_data(web::PathConfig::default().error_handler(|_, _| AppError::NotFound.into()))
        .service(only("/", "GET, HEAD").route(get().to(gallery::home)))
        .service(only("/images", "POST").route(web::post().to(gallery::create)))
        .service(only("/images/{id}", "GET, HEAD").route(get().to(gallery::show)))
        .service(only("/images/{id}/delete", "POST").route(web::post().to(gallery::delete)))
        .configure(live_routes)
        .service(
            only("/api/images", "GET, HEAD, POST")
                .route(get().to(api::list))
                .route(web::post().to(api::create)),
        )
        .service(
            only("/api/images/{id}", "GET, HEAD, DELETE")
                .route(get().to(api::show))
                .route(web::delete().to(api::delete)),
        )
        .service(only("/api/openapi.json", "GET, HEAD").route(get().to(openapi::show)))
        .service(only("/media/{name}", "GET, HEAD").route(get().to(media::show)))
        .service(only("/assets/{name:.*}", "GET, HEAD").route(get().to(assets::serve)))
        .service(
            only("/register", "GET, HEAD, POST")
                .route(get().to(register::show))
                .route(web::post().to(register::create)),
        )
        .service(only("/register/done", "GET, HEAD").route(get().to(register::done)))
        .service(
            only("/login", "GET, HEAD, POST")
                .route(get().to(login::show))
                .route(web::post().to(login::sign_in)),
        )
        .service(only("/logout", "POST").route(web::post().to(login::sign_out)))
        .service(only("/account", "GET, HEAD").route(get().to(account::show)))
        .service(only("/account/name", "POST").route(web::post().to(account::rename)))
        .service(only("/account/password", "POST").route(web::post().to(account::change_password)))
        .service(
            only("/account/sign-out-everywhere", "POST")
                .route(web::post().to(account::sign_out_everywhere)),
        )
        .service(only("/account/delete", "POST").route(web::post().to(account::delete)))
        .service(only("/healthz", "GET, HEAD").route(get().to(health::alive)))
        .service(only("/readyz", "GET, HEAD").route(get().to(health::ready)));
}

/// What a page uses while it is open.
fn live_routes(config: &mut web::ServiceConfig) {
    let get = get_or_head;
    config
        .service(only("/images/{id}/retry", "POST").route(web::post().to(retry::retry_on_page)))
        .service(only("/images/{id}/alt", "POST").route(web::post().to(alt_text::save_on_page)))
        .service(only("/api/images/{id}/retry", "POST").route(web::post().to(retry::retry)))
        .service(only("/api/images/{id}/alt", "PUT").route(web::put().to(alt_text::save)))
        .service(only("/events", "GET, HEAD").route(get().to(events::show)))
        .service(only("/tiles", "GET, HEAD").route(get().to(tiles::show)))
        .service(
            only("/csp-report", "POST")
                .app_data(web::PayloadConfig::new(csp_report::LONGEST))
                .route(web::post().to(csp_report::create)),
        );
}

/// Any other address. The account is looked up for the top of the page that says so.
async fn nothing_here(_: Option<Account>) -> HttpResponse {
    HttpResponse::NotFound().finish()
}

/// A resource that answers other methods with 405 and says which it has.
pub(crate) fn only(path: &str, methods: &'static str) -> actix_web::Resource {
    web::resource(path).default_service(web::to(move || async move {
        HttpResponse::MethodNotAllowed().insert_header((header::ALLOW, methods)).finish()
    }))
}

fn unreadable_form(error: UrlencodedError, _: &HttpRequest) -> actix_web::Error {
    match error {
        UrlencodedError::Overflow { .. } => AppError::TooLarge.into(),
        UrlencodedError::Payload(PayloadError::Io(error)) if is_too_slow(&error) => {
            AppError::TooSlow.into()
        }
        _ => AppError::BadRequest.into(),
    }
}

fn unreadable_json(error: JsonPayloadError, _: &HttpRequest) -> actix_web::Error {
    match error {
        JsonPayloadError::Overflow { .. } | JsonPayloadError::OverflowKnownLength { .. } => {
            AppError::TooLarge.into()
        }
        _ => AppError::BadRequest.into(),
    }
}

pub(crate) fn get_or_head() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}
