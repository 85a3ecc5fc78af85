//! What tells the current recording of messages, SQL and log lines. On a task without one they do
//! nothing.

use std::fmt::{Debug, Write as _};

use messenger::{Dispatch, DispatchListener};
use messenger_doctrine::{SqlObserver, SqlRecorder, SqlStatement};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::Context;
use tracing_subscriber::{Layer, Registry};

use super::current::current;
use super::recording::Recording;

/// Tells the current recording of every dispatch.
#[derive(Debug, Clone, Copy)]
pub struct Messages;

impl DispatchListener for Messages {
    fn dispatched(&self, dispatch: &Dispatch<'_>) {
        if let Some(recording) = current() {
            recording.add_message(dispatch);
        }
    }

    fn released(&self, dispatch: &Dispatch<'_>) {
        if let Some(recording) = current() {
            recording.release_message(dispatch);
        }
    }
}

/// Tells the current recording of every statement.
#[derive(Debug, Clone, Copy)]
pub struct Statements;

impl SqlObserver for Statements {
    fn recorder(&self) -> Option<Box<dyn SqlRecorder>> {
        current().map(|recording| Box::new(recording) as Box<dyn SqlRecorder>)
    }
}

impl SqlRecorder for Recording {
    fn statement(&mut self, statement: &SqlStatement<'_>) {
        self.add_statement(statement);
    }
}

/// Tells the current recording of every event down to `DEBUG`.
#[derive(Debug, Clone, Copy)]
pub struct Logs;

impl Logs {
    /// Hears every step of ours, and of others what matters.
    pub fn layer() -> impl Layer<Registry> + Send + Sync {
        let ours = ["ponka", "messenger", "messenger_audit"].map(|target| (target, Level::DEBUG));
        Self.with_filter(Targets::new().with_targets(ours).with_default(Level::INFO))
    }
}

impl<S: Subscriber> Layer<S> for Logs {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        if *metadata.level() > Level::DEBUG {
            return;
        }
        if let Some(recording) = current() {
            let mut said = Said::default();
            event.record(&mut said);
            recording.add_log(metadata.level().as_str(), metadata.target(), said);
        }
    }
}

/// What an event says.
#[derive(Default)]
pub(super) struct Said {
    pub(super) message: String,
    pub(super) fields: Vec<(&'static str, String)>,
}

impl Visit for Said {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            let _ = write!(self.message, "{value:?}");
        } else {
            self.fields.push((field.name(), format!("{value:?}")));
        }
    }
}
