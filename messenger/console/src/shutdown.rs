//! The end of a program that was asked to stop: in time, whatever it waits for.

use std::time::{Duration, Instant};

/// How long a program may go on after the request to stop. Whoever asks waits for ten seconds, as
/// Docker does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShutdownTimeout {
    end: Duration,
    setting: &'static str,
}

impl Default for ShutdownTimeout {
    fn default() -> Self {
        Self::new(Duration::from_secs(9))
    }
}

impl ShutdownTimeout {
    /// How long threads that may block are waited for when everything else is done.
    pub const THREADS: Duration = Duration::from_secs(1);

    /// The program ends after this time.
    #[must_use]
    pub const fn new(end: Duration) -> Self {
        Self { end, setting: "" }
    }

    /// The setting with which an operator changes it: named in the log when the time was too short.
    #[must_use]
    pub const fn set_by(self, setting: &'static str) -> Self {
        Self { setting, ..self }
    }

    /// When the program ends, whatever it is about.
    #[must_use]
    pub const fn end(self) -> Duration {
        self.end
    }

    /// How long messages in hand may take: all but what is needed to give them up, two seconds, or
    /// half of a time that is shorter than four.
    #[must_use]
    pub fn work(self) -> Duration {
        self.end - (self.end / 2).min(Duration::from_secs(2))
    }

    /// Ends the program when this time is over, counted from now. What it was about then is as after
    /// a crash: nothing that was promised is lost.
    pub fn begin(self) {
        let deadline = Instant::now() + self.end;
        let waiting = move || {
            while let Some(left) = deadline.checked_duration_since(Instant::now()) {
                std::thread::park_timeout(left.max(Duration::from_millis(1)));
            }
            let setting = match self.setting {
                "" => String::new(),
                name => format!(" ({name})"),
            };
            tracing::warn!(
                "Not everything was finished within {} s{setting}; ending without it. A message in \
                 hand comes back when its lease ends.",
                self.end.as_secs()
            );
            std::process::exit(0);
        };
        if let Err(error) = std::thread::Builder::new().name("shutdown".to_owned()).spawn(waiting) {
            tracing::error!("Could not start a thread: {error}");
        }
    }
}
