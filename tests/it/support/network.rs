//! A gallery whose network can fail.

use super::proxy::Proxy;
use super::{Builder, TestApp, TestDatabase};

/// A gallery that will reach its database through a proxy; `None`, said aloud, without a server.
pub(crate) fn behind_a_proxy() -> Option<(Builder, Proxy)> {
    let database = TestDatabase::postgres()?;
    let proxy = Proxy::start(database.server_address());
    let url = database.through(proxy.port());
    Some((TestApp::builder(database).var("DATABASE_URL", url), proxy))
}
