//! Outside prod no request that a proxy has passed on is answered: whoever is behind it would get the
//! mailbox, the profiler, and cookies signed with a secret that everybody knows.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::HeaderMap;
use actix_web::http::{ConnectionType, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, web};

use super::error_page;
use crate::config::AppEnv;

/// What proxies, tunnels and content networks add, beside everything that begins with
/// [`PREFIX`]: no browser sends it.
const ADDED: [&str; 11] = [
    "forwarded",
    "via",
    "x-real-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-envoy-external-address",
    "true-client-ip",
    "cf-connecting-ip",
    "fly-client-ip",
    "fastly-client-ip",
    "cdn-loop",
];
const PREFIX: &str = "x-forwarded-";

/// What becomes of requests that a proxy has passed on. Put it into the application as [`web::Data`].
#[derive(Debug, Clone)]
pub struct ForwardedRequests {
    app_env: AppEnv,
    is_said: Arc<AtomicBool>,
}

impl ForwardedRequests {
    /// They are answered in prod, and nowhere else.
    #[must_use]
    pub fn of(app_env: AppEnv) -> Self {
        Self { app_env, is_said: Arc::default() }
    }

    /// Why a request with these headers is refused, if it is; the log says so once.
    fn refusal(&self, headers: &HeaderMap) -> Option<String> {
        if self.app_env == AppEnv::Prod {
            return None;
        }
        let header = added_header(headers)?;
        let sentence = format!(
            "This gallery runs in {} mode, for this machine only, and a proxy has passed this \
             request on ({header}). Set APP_ENV=prod to serve others.",
            self.app_env
        );
        if !self.is_said.swap(true, Ordering::Relaxed) {
            tracing::warn!("Refused a request: {sentence}");
        }
        Some(sentence)
    }
}

fn added_header(headers: &HeaderMap) -> Option<&str> {
    let mut names = headers.keys().map(actix_web::http::header::HeaderName::as_str);
    names.find(|name| name.starts_with(PREFIX) || ADDED.contains(name))
}

/// Middleware for [`actix_web::middleware::from_fn`]: outside prod, answers 403 to a request that a
/// proxy has passed on.
///
/// # Errors
/// Only what the inner service returns.
pub async fn refuse_forwarded<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let rule = request.app_data::<web::Data<ForwardedRequests>>();
    let Some(sentence) = rule.and_then(|rule| rule.refusal(request.headers())) else {
        return next.call(request).await.map(ServiceResponse::map_into_left_body);
    };
    let (request, _unread_body) = request.into_parts();
    let mut answer = error_page::response(&request, StatusCode::FORBIDDEN, &sentence);
    answer.head_mut().set_connection_type(ConnectionType::Close);
    Ok(ServiceResponse::new(request, answer).map_into_right_body())
}
