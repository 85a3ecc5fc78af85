//! What a handler's error says about trying again.

use std::fmt;
use std::time::Duration;

use crate::error::{BoxError, Chain};

/// Why a handler failed, and whether trying again makes sense.
///
/// Made from any error by `?`, also from a text or an `anyhow::Error`: then the transport's retry
/// strategy decides. It does not implement `Error` itself, which is what lets `?` work.
pub struct HandlerError {
    verdict: Verdict,
    class: &'static str,
    stops_worker: bool,
    source: BoxError,
}

/// What a handler's error asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// Retry as the transport's strategy says, then keep the message in the failure transport.
    Ordinary,
    /// Never retry; keep the message in the failure transport.
    Unrecoverable,
    /// Always retry, whatever the strategy's limit; after this delay, if one is given.
    Recoverable(Option<Duration>),
    /// Never retry and do not keep the message.
    Discard,
}

impl HandlerError {
    /// An error that no retry can mend. The message is kept in the failure transport.
    pub fn unrecoverable<E: Into<BoxError> + 'static>(source: E) -> Self {
        Self::with_verdict(Verdict::Unrecoverable, source)
    }

    /// An error that will pass: the message is retried without limit, after `delay` or, without
    /// one, as the strategy says.
    pub fn recoverable<E: Into<BoxError> + 'static>(source: E, delay: Option<Duration>) -> Self {
        Self::with_verdict(Verdict::Recoverable(delay), source)
    }

    /// An error after which nobody will want the message back: no retry, no copy in the failure
    /// transport. It is logged and counted.
    pub fn discard<E: Into<BoxError> + 'static>(source: E) -> Self {
        Self::with_verdict(Verdict::Discard, source)
    }

    pub(crate) fn panicked(text: &str) -> Self {
        let source = format!("the handler panicked: {text}").into();
        Self { verdict: Verdict::Ordinary, class: "panic", stops_worker: false, source }
    }

    fn with_verdict<E: Into<BoxError> + 'static>(verdict: Verdict, source: E) -> Self {
        let class = std::any::type_name::<E>();
        Self { verdict, class, stops_worker: false, source: boxed(source) }
    }

    /// The same error; the worker stops after this message, whose fate does not change.
    #[must_use]
    pub fn and_stop_worker(self) -> Self {
        Self { stops_worker: true, ..self }
    }

    /// Whether the worker is to stop.
    #[must_use]
    pub fn stops_worker(&self) -> bool {
        self.stops_worker
    }

    /// What the error asks for.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// The error's type, as `ErrorDetailsStamp` keeps it.
    #[must_use]
    pub fn class(&self) -> &'static str {
        self.class
    }

    /// The error itself. What an `anyhow::Error` was made from is found by `downcast_ref` with the
    /// feature `anyhow`; without it, only the causes behind it are.
    #[must_use]
    pub fn source(&self) -> &(dyn std::error::Error + Send + Sync + 'static) {
        &*self.source
    }
}

/// Boxes an error. That of anyhow hides the type of what it was made from, unless it is asked.
fn boxed<E: Into<BoxError> + 'static>(source: E) -> BoxError {
    #[cfg(feature = "anyhow")]
    let source = {
        let mut source = Some(source);
        let any: &mut dyn std::any::Any = &mut source;
        if let Some(error) = any.downcast_mut::<Option<anyhow::Error>>().and_then(Option::take) {
            return error.reallocate_into_boxed_dyn_error_without_backtrace();
        }
        match source {
            Some(source) => source,
            None => unreachable!("only an error of anyhow is taken out"),
        }
    };
    source.into()
}

impl<E: Into<BoxError> + 'static> From<E> for HandlerError {
    fn from(source: E) -> Self {
        Self::with_verdict(Verdict::Ordinary, source)
    }
}

/// The error and its causes on one line.
impl fmt::Display for HandlerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Chain(&*self.source).fmt(f)
    }
}

impl fmt::Debug for HandlerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandlerError")
            .field("verdict", &self.verdict)
            .field("class", &self.class)
            .field("source", &format_args!("{}", Chain(&*self.source)))
            .finish()
    }
}
