//! In dev only this machine is meant: a page elsewhere whose name is made to lead here (DNS
//! rebinding) gets nothing to read.

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::Next;
use actix_web::{Error, web};

use super::error_page;
use super::requested_host::requested_host;
use crate::config::is_this_machine;

const SENTENCE: &str = "This gallery runs in dev mode, for this machine only. Open it at the address \
                        that it printed when it started.";

/// The hosts that requests may be for. Put it into the application as [`web::Data`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AllowedHosts {
    /// Every name: a proxy before us decides.
    Any,
    /// Only names of this machine.
    Local,
}

impl AllowedHosts {
    fn allow(self, host: &str) -> bool {
        self == Self::Any || is_this_machine(without_port(host))
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

/// Middleware for [`actix_web::middleware::from_fn`]: answers 421 to a request for another host.
///
/// # Errors
/// Only what the inner service returns.
pub async fn refuse_other_hosts<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let host = requested_host(request.headers(), request.uri()).unwrap_or_default();
    let is_allowed =
        request.app_data::<web::Data<AllowedHosts>>().is_none_or(|hosts| hosts.allow(host));
    if is_allowed {
        return next.call(request).await.map(ServiceResponse::map_into_left_body);
    }
    let (request, _unread_body) = request.into_parts();
    let mut answer = error_page::response(&request, StatusCode::MISDIRECTED_REQUEST, SENTENCE);
    answer.head_mut().set_connection_type(actix_web::http::ConnectionType::Close);
    Ok(ServiceResponse::new(request, answer).map_into_right_body())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_allowed() {
        let hosts = AllowedHosts::Local;
        for host in [
            "localhost",
            "LOCALHOST:8000",
            "gallery.localhost:8000",
            "127.0.0.1:8000",
            "127.9.9.9",
            "[::1]:8000",
            "[::1]",
            "[::ffff:127.0.0.1]:8000",
        ] {
            assert!(hosts.allow(host), "{host}");
            assert!(AllowedHosts::Any.allow(host));
        }
        for host in [
            "",
            "?",
            "evil.test",
            "evil.test:8000",
            "127.0.0.1.evil.test",
            "localhost.evil.test",
            "evil-localhost",
            "10.0.0.1",
            "ponka.test",
            "127.0.0.1:8000:evil",
            "0.0.0.0",
        ] {
            assert!(!hosts.allow(host), "{host}");
            assert!(AllowedHosts::Any.allow(host));
        }
    }
}
