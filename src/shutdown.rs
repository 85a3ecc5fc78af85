//! The end of a program that was asked to stop: in time, whatever it waits for.

use std::time::{Duration, Instant};

use crate::config::ShutdownTimeout;

/// How long threads that may block are waited for when everything else is done.
pub const LAST: Duration = Duration::from_secs(1);

/// Ends the program when the time is over that it has after a request to stop. What it was about
/// then is as after a crash: nothing that was promised is lost.
pub fn end_within(timeout: ShutdownTimeout) {
    let deadline = Instant::now() + timeout.end();
    let waiting = move || {
        while let Some(left) = deadline.checked_duration_since(Instant::now()) {
            std::thread::park_timeout(left.max(Duration::from_millis(1)));
        }
        tracing::warn!(
            "Not everything was finished within {} s (SHUTDOWN_TIMEOUT); ending without it. A message \
             in hand comes back when its lease ends.",
            timeout.end().as_secs()
        );
        std::process::exit(0);
    };
    if let Err(error) = std::thread::Builder::new().name("shutdown".to_owned()).spawn(waiting) {
        tracing::error!("Could not start a thread: {error}");
    }
}
