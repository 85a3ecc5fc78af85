//! How many requests of one client are being answered at the same time, from their first line to
//! the last byte of their answer.

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::RETRY_AFTER;
use actix_web::http::{ConnectionType, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, web};

use super::client::Client;
use super::error_page;
use super::holding::Holding;
use super::log_share::may_log;
use super::shares::Shares;
use super::trusted_proxies::TrustedProxies;

/// Where whoever runs this asks how it is; answered whatever else the same client wants.
const HEALTH: [&str; 2] = ["/healthz", "/readyz"];
/// How soon to try again, in seconds.
const LATER: u64 = 5;
const SENTENCE: &str = "Too many requests at once from where you are. Wait a moment and \
                        try again.";

/// The requests in hand. Put it into the application as [`web::Data`].
#[derive(Debug, Clone)]
pub struct RequestsInHand(Shares);

impl RequestsInHand {
    /// So many for each client.
    #[must_use]
    pub fn new(of_client: usize) -> Self {
        Self(Shares::new(of_client))
    }
}

/// Middleware for [`actix_web::middleware::from_fn`]: answers 503 to a client with too many requests
/// in hand, and closes the connection.
///
/// # Errors
/// Only what the inner service returns.
pub async fn share_out<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, Error> {
    let in_hand = request.app_data::<web::Data<RequestsInHand>>().cloned();
    let mut share = None;
    if let Some(in_hand) = in_hand.filter(|_| !HEALTH.contains(&request.path())) {
        let proxies = request.app_data::<web::Data<TrustedProxies>>();
        let client = proxies.map_or(Client::Unknown, |proxies| proxies.client(request.request()));
        share = in_hand.0.take(client);
        if share.is_none() {
            return Ok(refuse(request).map_into_right_body());
        }
    }
    let answer = next.call(request).await?;
    Ok(answer.map_body(|_, answer| Holding::new(answer, share)).map_into_left_body())
}

fn refuse(request: ServiceRequest) -> ServiceResponse {
    let (request, _unread_body) = request.into_parts();
    if may_log(&request, "crowd") {
        let client = request.peer_addr().map(|peer| peer.ip().to_string()).unwrap_or_default();
        tracing::warn!(event = "crowd", "Too many requests at the same time, by way of {client}");
    }
    let mut answer = error_page::response(&request, StatusCode::SERVICE_UNAVAILABLE, SENTENCE);
    answer.headers_mut().insert(RETRY_AFTER, LATER.into());
    answer.head_mut().set_connection_type(ConnectionType::Close);
    ServiceResponse::new(request, answer)
}

#[cfg(test)]
mod tests {
    use actix_web::middleware::from_fn;
    use actix_web::test::{TestRequest, call_service, init_service, read_body};
    use actix_web::{App, HttpResponse};

    use super::*;

    #[actix_web::test]
    async fn a_request_is_in_hand_until_its_answer_is_gone() {
        let app = App::new()
            .app_data(web::Data::new(RequestsInHand::new(2)))
            .app_data(web::Data::new(TrustedProxies::default()))
            .wrap(from_fn(share_out))
            .default_service(web::to(|| async { HttpResponse::Ok().body("reached") }));
        let app = init_service(app).await;
        let ask = |path: &str, from: &str| {
            let from = format!("{from}:1234").parse().unwrap();
            call_service(&app, TestRequest::with_uri(path).peer_addr(from).to_request())
        };
        let one = ask("/", "192.0.2.1").await;
        let _two = ask("/", "192.0.2.1").await;
        let refused = ask("/", "192.0.2.1").await;
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(refused.headers().get(RETRY_AFTER).unwrap(), "5");
        assert!(!refused.response().head().keep_alive());
        for (path, from) in
            [("/healthz", "192.0.2.1"), ("/readyz", "192.0.2.1"), ("/", "192.0.2.2")]
        {
            assert_eq!(ask(path, from).await.status(), StatusCode::OK, "{path} {from}");
        }
        assert_eq!(read_body(one).await, "reached");
        assert_eq!(ask("/", "192.0.2.1").await.status(), StatusCode::OK);
    }
}
