//! One transport: where it leads, its options, and what happens when a message fails.

use crate::dsn::Dsn;

use super::{
    failure_transport::{FailureTransport, NO_TRANSPORT},
    located::Located,
    node::Node,
    options::{TransportOption, read_options},
    problem::{Problem, Problems},
    rate_limit::RateLimitConfig,
    retry::RetryConfig,
    section::Section,
};

const KEYS: [&str; 6] =
    ["dsn", "options", "retry_strategy", "failure_transport", "rate_limiter", "serializer"];

/// The configuration of one transport, `transports.NAME = "dsn"` or `[transports.NAME]`.
#[derive(Clone, Debug, PartialEq)]
pub struct TransportConfig {
    /// Name of the transport, e.g. `async`.
    pub name: Located<String>,
    /// Where it leads.
    pub dsn: Located<Dsn>,
    /// Its options in written order; they win over the query of the DSN.
    pub options: Vec<TransportOption>,
    /// When a failed message is tried again.
    pub retry_strategy: RetryConfig,
    /// Where a message goes when it is not tried again.
    pub failure_transport: FailureTransport,
    /// How fast it may hand out messages; `None` (the default) = as fast as they are handled.
    pub rate_limiter: Option<RateLimitConfig>,
    /// Name of the serializer; `None` (the default) = the messenger's own.
    pub serializer: Option<Located<String>>,
}

impl TransportConfig {
    /// A transport with every default.
    pub fn new(name: impl Into<Located<String>>, dsn: impl Into<Located<Dsn>>) -> Self {
        Self {
            name: name.into(),
            dsn: dsn.into(),
            options: Vec::new(),
            retry_strategy: RetryConfig::default(),
            failure_transport: FailureTransport::Inherit,
            rate_limiter: None,
            serializer: None,
        }
    }

    pub(super) fn read(name: &str, node: &Node, problems: &Problems) -> Option<Self> {
        let section = Section::open(node, &KEYS, problems)?;
        if name == NO_TRANSPORT {
            let message = "a transport cannot be called \"none\": the word means no transport";
            problems.add(Problem::new(&node.origin, message));
        }
        section.require(&["dsn"], "dsn = \"sync://\"");
        let dsn = section.string("dsn").and_then(|text| parse_dsn(&text, problems));
        let options = section.get("options").map(|node| read_options(node, problems));
        let retry = section.get("retry_strategy").and_then(|n| RetryConfig::read(n, problems));
        let limit = section.get("rate_limiter").and_then(|n| RateLimitConfig::read(n, problems));
        let failure = section.string("failure_transport").map(FailureTransport::from_name);
        let serializer = section.string("serializer");
        Some(Self {
            name: Located::new(name.to_owned(), node.origin.clone()),
            dsn: dsn?,
            options: options.unwrap_or_default(),
            retry_strategy: retry.unwrap_or_default(),
            failure_transport: failure.unwrap_or_default(),
            rate_limiter: limit,
            serializer,
        })
    }
}

fn parse_dsn(text: &Located<String>, problems: &Problems) -> Option<Located<Dsn>> {
    let parsed = Dsn::parse(text).map_err(|error| Problem::new(&text.origin, error.to_string()));
    problems.keep(parsed).map(|dsn| Located::new(dsn, text.origin.clone()))
}
