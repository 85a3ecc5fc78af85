//! The profiler's pages: the last requests, and what happened while each was answered.

mod emails;
mod frame;
mod messages;
mod outcome;
mod page;
mod statements;
mod text;
mod timeline;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::{KEPT, Profiler, Summary, link};
use crate::controller::{Account, App, AppError, get_or_head, only};
use crate::http::error_page;
use crate::http::security_headers::page_policy_with;

use page::{Panel, ProfilePage};

/// The addresses of the profiler.
pub(in crate::developer) fn routes(config: &mut web::ServiceConfig) {
    let (get, methods) = (get_or_head, "GET, HEAD");
    config
        .service(only("/_profiler", methods).route(get().to(list)))
        .service(only("/_profiler/latest", methods).route(get().to(latest)))
        .service(only("/_profiler/{token}.json", methods).route(get().to(summary)))
        .service(only("/_profiler/{token}", methods).route(get().to(show)))
        .service(
            only("/_profiler/{token}/emails/{number}/html", methods).route(get().to(frame::html)),
        )
        .service(
            only("/_profiler/{token}/emails/{number}/raw", methods).route(get().to(frame::raw)),
        );
}

#[derive(Deserialize)]
struct Which {
    /// `1`: files and streams.
    #[serde(rename = "static")]
    files: Option<String>,
}

#[derive(Serialize)]
struct ListPage {
    profiles: Vec<Line>,
    is_files: bool,
    kept: usize,
}

#[derive(Serialize)]
struct Line {
    link: String,
    time: String,
    took: String,
    #[serde(flatten)]
    summary: Summary,
}

/// `GET /_profiler`
async fn list(
    app: web::Data<App>,
    profiler: web::Data<Profiler>,
    account: Option<Account>,
    which: web::Query<Which>,
) -> Result<HttpResponse, AppError> {
    let is_files = which.files.as_deref() == Some("1");
    let line = |summary: Summary| Line {
        link: link(&summary.token),
        time: summary.at.format("%H:%M:%S").to_string(),
        took: text::milliseconds(summary.duration),
        summary,
    };
    let profiles = profiler.list(is_files).into_iter().map(line).collect();
    let page = ListPage { profiles, is_files, kept: KEPT };
    Ok(html(app.page_for(account.as_ref(), "profiler/index.html", page)?))
}

/// `GET /_profiler/latest`
async fn latest(request: HttpRequest, profiler: web::Data<Profiler>) -> HttpResponse {
    match profiler.list(false).first() {
        Some(newest) => {
            let place = link(&newest.token);
            HttpResponse::SeeOther().insert_header((header::LOCATION, place)).finish()
        }
        None => unknown(&request),
    }
}

/// `GET /_profiler/{token}.json`, for the toolbar
async fn summary(
    request: HttpRequest,
    profiler: web::Data<Profiler>,
    token: web::Path<String>,
) -> HttpResponse {
    match profiler.find(&token) {
        Some(profile) => HttpResponse::Ok().json(Summary::of(&profile)),
        None => unknown(&request),
    }
}

#[derive(Deserialize)]
struct Wanted {
    panel: Option<Panel>,
    /// Only messages of this bus.
    bus: Option<String>,
}

/// `GET /_profiler/{token}?panel=`
async fn show(
    app: web::Data<App>,
    profiler: web::Data<Profiler>,
    request: HttpRequest,
    account: Option<Account>,
    token: web::Path<String>,
    wanted: web::Query<Wanted>,
) -> Result<HttpResponse, AppError> {
    let Some(profile) = profiler.find(&token) else { return Ok(unknown(&request)) };
    let outcomes = outcome::look_up(&app, &profile).await?;
    let panel = wanted.panel.unwrap_or_default();
    let preview = |body: &_| profiler.preview(body);
    let page = ProfilePage::new(&profile, panel, wanted.bus.as_deref(), &outcomes, preview);
    let mut response = html(app.page_for(account.as_ref(), "profiler/profile.html", page)?);
    if panel == Panel::Emails
        && let Ok(policy) = HeaderValue::from_str(&page_policy_with("frame-src 'self'"))
    {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    Ok(response)
}

fn html(body: String) -> HttpResponse {
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(body)
}

fn unknown(request: &HttpRequest) -> HttpResponse {
    let sentence = format!(
        "There is no such profile. Only the last {KEPT} requests are kept, and none of them \
         after a restart."
    );
    error_page::response(request, StatusCode::NOT_FOUND, &sentence)
}
