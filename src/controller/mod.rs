//! Controllers: what each address answers. They know messages, not who handles them.

mod api;
mod error;
mod gallery;
mod health;
mod media;
mod openapi;
mod upload;
mod view;

use actix_web::http::header;
use actix_web::{HttpResponse, Route, guard, web};
use messenger::Messenger;
use messenger::clock::Clock;
use messenger::doctrine::{Database, UnitOfWork};
use std::sync::Arc;

use crate::darkroom::Darkroom;
use crate::http::assets;
use crate::http::templates::Templates;
use crate::http::upload::UploadLimits;
use crate::photo_storage::PhotoStorage;

pub use error::AppError;

/// What controllers may use.
#[derive(Clone)]
pub struct App {
    /// Dispatches messages.
    pub messenger: Messenger<UnitOfWork>,
    /// The database, for looking things up.
    pub database: Database,
    /// Where the photos are.
    pub photos: PhotoStorage,
    /// Where photos are decoded.
    pub darkroom: Arc<Darkroom>,
    /// The pages.
    pub templates: Templates,
    /// How much a request may send.
    pub limits: UploadLimits,
    /// Whether a visitor without an account may upload.
    pub guest_uploads: bool,
    /// Whether the pages for developers exist: the mailbox, the profiler.
    pub dev: bool,
    /// What time it is.
    pub clock: Clock,
}

/// All addresses.
pub fn routes(config: &mut web::ServiceConfig) {
    let get = get_or_head;
    config
        .app_data(web::QueryConfig::default().error_handler(|_, _| AppError::BadRequest.into()))
        .app_data(web::PathConfig::default().error_handler(|_, _| AppError::NotFound.into()))
        .service(only("/", "GET, HEAD").route(get().to(gallery::home)))
        .service(only("/images", "POST").route(web::post().to(gallery::create)))
        .service(only("/images/{id}", "GET, HEAD").route(get().to(gallery::show)))
        .service(only("/images/{id}/delete", "POST").route(web::post().to(gallery::delete)))
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
        .service(only("/healthz", "GET, HEAD").route(get().to(health::alive)))
        .service(only("/readyz", "GET, HEAD").route(get().to(health::ready)));
}

/// A resource that answers other methods with 405 and says which it has.
fn only(path: &str, methods: &'static str) -> actix_web::Resource {
    web::resource(path).default_service(web::to(move || async move {
        HttpResponse::MethodNotAllowed().insert_header((header::ALLOW, methods)).finish()
    }))
}

fn get_or_head() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}
