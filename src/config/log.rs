//! `RUST_LOG` and `LOG_FORMAT`: what is logged, and how.

use super::vars::Vars;

/// The shape of a log line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// `text`: for people.
    #[default]
    Text,
    /// `json`: one object per line, for programs.
    Json,
}

/// The configuration of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogConfig {
    /// `RUST_LOG`: directives such as `info,messenger=debug`; `info` by default. Checked where
    /// the log is set up.
    pub filter: String,
    /// `LOG_FORMAT`: the shape of a line; text by default.
    pub format: LogFormat,
}

impl LogConfig {
    pub(super) fn read(vars: &mut Vars<'_>) -> Self {
        let format = vars.parse("LOG_FORMAT", "text or json", |text| match text {
            "text" => Some(LogFormat::Text),
            "json" => Some(LogFormat::Json),
            _ => None,
        });
        Self {
            filter: vars.text("RUST_LOG").unwrap_or("info").to_owned(),
            format: format.unwrap_or_default(),
        }
    }
}
