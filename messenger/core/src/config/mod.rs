//! `messenger.toml`: reading it, checking it, and saying exactly what is wrong with it.
//!
//! The keys are Symfony's. Start with [`MessengerConfig::parse`] for one text or [`ConfigLoader`]
//! for files with an overlay and an environment; the result is plain data that code may also
//! build by hand. What only the program knows (messages, interfaces, middleware, serializers,
//! options) is checked by the builder: every name is [`Located`], so [`Problem::unknown`] can
//! still name file and line. Reading is the feature `toml`, on by default.
#![cfg_attr(
    not(feature = "toml"),
    expect(dead_code, reason = "without a file to read, everything is built by hand")
)]

mod bus;
mod check;
mod failure_transport;
mod interpolate;
#[cfg(feature = "toml")]
mod loader;
mod located;
mod messenger_config;
mod node;
pub mod options;
mod problem;
mod rate_limit;
mod retry;
mod route;
mod section;
mod show;
mod signal;
#[cfg(feature = "toml")]
mod source;
mod suggestion;
#[cfg(test)]
#[cfg(feature = "toml")]
mod tests;
mod toml_text;
mod transport;

#[cfg(feature = "toml")]
pub use self::loader::{ConfigLoader, FILE_NAME};
pub use self::{
    bus::{BusConfig, DEFAULT_BUS},
    failure_transport::FailureTransport,
    interpolate::Lookup,
    located::{Located, Origin},
    messenger_config::{FailureConfig, MessengerConfig},
    problem::{ConfigError, Problem},
    rate_limit::RateLimitConfig,
    retry::{MessageRetryConfig, RetryConfig},
    route::{InvalidRouteKey, RouteConfig, RouteKey},
    signal::Signal,
    transport::TransportConfig,
};
