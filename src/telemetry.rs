//! Logging: lines for people or for programs on stderr, and the audit trail in a file as well.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::sync::OnceLock;

use anyhow::Context as _;
use messenger::clock::Clock;
use messenger_console::{Verbosity, colours_are_wanted, is_dangerous, printable};
use owo_colors::{OwoColorize, Style};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, MakeWriter};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry};

use crate::config::{LogConfig, LogFormat};

/// The target whose lines also go to [`AUDIT_FILE`].
const AUDIT: &str = "messenger_audit";

/// What reads requests from connections, before anything of ours sees them.
const READS_REQUESTS: [&str; 2] = ["actix_http::h1::dispatcher", "actix_http::h1::decoder"];

/// Where the audit trail is, below the working directory.
pub const AUDIT_FILE: &str = "var/log/messenger.log";

/// Starts to log: as much as was asked for on the command line, else as `RUST_LOG` says. The audit
/// trail is written whatever is shown; `also` listens as well.
///
/// # Errors
/// When `RUST_LOG` cannot be used, or somebody else has started to log.
pub fn init(
    log: &LogConfig,
    verbosity: Option<Verbosity>,
    also: Option<impl Layer<Registry> + Send + Sync>,
) -> anyhow::Result<()> {
    let directives = match verbosity {
        None => log.filter.as_str(),
        Some(Verbosity::Quiet) => "error",
        Some(Verbosity::Normal) => "warn",
        Some(Verbosity::Verbose | Verbosity::VeryVerbose) => "warn,ponka=info,messenger=info",
        Some(Verbosity::Debug) => "debug",
    };
    let filter = EnvFilter::try_new(with_less_of_strangers(directives).as_ref())
        .with_context(|| format!("RUST_LOG={directives:?} cannot be used"))?;
    let is_terminal = io::stderr().is_terminal();
    let shown = tracing_subscriber::fmt::layer().with_writer(io::stderr).log_internal_errors(false);
    let shown = match log.format {
        LogFormat::Json => {
            let plain = || PlainJson(io::stderr());
            shown.with_writer(plain).json().flatten_event(true).boxed()
        }
        LogFormat::Text => {
            let line = Line { for_terminal: is_terminal };
            shown.with_ansi(is_terminal && colours_are_wanted()).event_format(line).boxed()
        }
    };
    let audit = tracing_subscriber::fmt::layer()
        .with_writer(AuditFile::default())
        .with_ansi(false)
        .log_internal_errors(false)
        .event_format(Line { for_terminal: false });
    tracing_subscriber::registry()
        .with(also)
        .with(shown.with_filter(filter))
        .with(audit.with_filter(Targets::new().with_target(AUDIT, Level::INFO)))
        .try_init()?;
    Ok(())
}

/// What strangers send that is no request is an error of theirs, not one of ours, and the HTTP
/// library calls it one: its lines are left out where nobody has asked for its steps.
fn with_less_of_strangers(directives: &str) -> Cow<'_, str> {
    let wanted = directives.parse::<Targets>();
    match wanted.is_ok_and(|wanted| wanted.would_enable(READS_REQUESTS[0], &Level::DEBUG)) {
        true => Cow::Borrowed(directives),
        false => {
            let left_out = READS_REQUESTS.map(|target| format!("{target}=off"));
            Cow::Owned(format!("{directives},{}", left_out.join(",")))
        }
    }
}

/// Passes lines of JSON on without what JSON allows in a text and a terminal would obey.
struct PlainJson<W>(W);

impl<W: Write> Write for PlainJson<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut escaped = String::with_capacity(line.len());
        for c in String::from_utf8_lossy(line).chars() {
            if is_dangerous(c) && c != '\n' {
                // None of these is beyond the first plane.
                escaped.push_str(&format!("\\u{:04x}", u32::from(c)));
            } else {
                escaped.push(c);
            }
        }
        self.0.write_all(escaped.as_bytes()).map(|()| line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// One event, one line.
struct Line {
    /// Only the time of day, and the level in colour.
    for_terminal: bool,
}

impl<S, N> FormatEvent<S, N> for Line
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let format = if self.for_terminal { "%H:%M:%S" } else { "%Y-%m-%dT%H:%M:%S%.3fZ" };
        let (level, target) = (event.metadata().level(), event.metadata().target());
        let colour = if writer.has_ansi_escapes() { colour_of(*level) } else { Style::new() };
        let level = format!("{level:5}");
        write!(writer, "{} {} ", Clock::System.now().format(format), level.style(colour))?;
        write!(writer, "[{}] ", target.split("::").next().unwrap_or(target))?;
        let mut said = Said::default();
        event.record(&mut said);
        writer.write_str(&printable(&said.message))?;
        for (name, value) in &said.fields {
            // Most values are in the sentence already; a short number may be there by chance.
            if *name == "message_id" || !said.message.contains(value.as_str()) {
                write!(writer, " {name}={}", printable(value))?;
            }
        }
        writeln!(writer)
    }
}

fn colour_of(level: Level) -> Style {
    match level {
        Level::ERROR => Style::new().red().bold(),
        Level::WARN => Style::new().yellow(),
        Level::INFO => Style::new().green(),
        _ => Style::new().dimmed(),
    }
}

/// What an event says.
#[derive(Default)]
struct Said {
    message: String,
    fields: Vec<(&'static str, String)>,
}

impl Visit for Said {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            let _ = write!(self.message, "{value:?}");
        } else {
            self.fields.push((field.name(), format!("{value:?}")));
        }
    }
}

/// Opens the file with the first line for it, so that reading commands leave no empty files.
#[derive(Default)]
struct AuditFile(OnceLock<Option<File>>);

fn open_audit_file() -> Option<File> {
    let path = Path::new(AUDIT_FILE);
    let opened = std::fs::create_dir_all(path.parent().unwrap_or(path))
        .and_then(|()| File::options().append(true).create(true).open(path));
    // Logging about it here would come back here.
    opened
        .inspect_err(|error| {
            let _ = writeln!(io::stderr(), "Could not open the audit log {AUDIT_FILE}: {error}");
        })
        .ok()
}

impl<'a> MakeWriter<'a> for AuditFile {
    type Writer = Box<dyn Write + 'a>;

    fn make_writer(&'a self) -> Self::Writer {
        match self.0.get_or_init(open_audit_file) {
            Some(file) => Box::new(file),
            None => Box::new(io::sink()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_request_is_only_shown_to_whoever_wants_to_see_it() {
        for (directives, is_shown) in [
            ("info", false),
            ("error", false),
            ("info,messenger=debug,ponka=trace", false),
            ("", false),
            ("debug", true),
            ("trace", true),
            ("info,actix_http=debug", true),
        ] {
            let filter = with_less_of_strangers(directives);
            assert_eq!(filter == directives, is_shown, "{directives}");
            assert!(EnvFilter::try_new(filter.as_ref()).is_ok(), "{filter}");
        }
    }

    #[test]
    fn a_line_of_json_means_the_same_without_what_a_terminal_would_obey() {
        let line = "{\"a\":\"\u{9b}31m\u{7f}\u{2028}\u{202e} 🐱 \\u001b\"}\n";
        let mut plain = PlainJson(Vec::new());
        plain.write_all(line.as_bytes()).unwrap();
        let plain = String::from_utf8(plain.0).unwrap();
        let expected = r#"{"a":"\u009b31m\u007f\u2028\u202e 🐱 \u001b"}"#;
        assert_eq!(plain, format!("{expected}\n"));
        let meant = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(meant(&plain), meant(line));
    }
}
