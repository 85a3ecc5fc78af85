//! Where a request comes from, as far as nobody can make it up.

use actix_web::HttpRequest;

use super::App;
use crate::http::client::Client;

/// Who has sent a request.
pub(super) fn of(app: &App, request: &HttpRequest) -> Client {
    app.trusted_proxies.client(request)
}
