//! Where a request comes from, as far as nobody can make it up.

use std::net::IpAddr;

use actix_web::HttpRequest;

use super::App;

/// The name under which a client is counted: its address; of an IPv6 address the network, because
/// everybody has as many addresses as they like.
pub(super) fn of(app: &App, request: &HttpRequest) -> String {
    match app.trusted_proxies.client(request) {
        Some(IpAddr::V6(address)) => hex::encode(&address.octets()[..8]),
        Some(address) => address.to_string(),
        None => "unknown".to_owned(),
    }
}
