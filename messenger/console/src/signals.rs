//! The signals with which a worker is asked to stop.

use futures_util::future::select_all;
use tokio::signal::unix::{self, SignalKind};

use crate::error::CommandError;
use crate::shutdown::ShutdownTimeout;

const DEFAULT: [i32; 3] = [15, 2, 3];
/// The terminal was closed.
const HANGUP: i32 = 1;

/// Waits until the terminal is closed; for ever if the program was started to outlive it (`nohup`).
///
/// # Errors
/// When signals cannot be listened for.
pub fn hangup() -> std::io::Result<impl Future<Output = ()>> {
    let signal = match is_ignored(HANGUP) {
        true => None,
        false => Some(unix::signal(SignalKind::hangup())?),
    };
    Ok(async move {
        let heard = match signal {
            Some(mut signal) => signal.recv().await,
            None => None,
        };
        if heard.is_none() {
            std::future::pending::<()>().await;
        }
    })
}

/// Whether somebody has had this program ignore a signal before it began.
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_some_and(|mask| mask & (1 << (signal - 1)) != 0)
}

/// Listens for signals; from then on they do not end the process by themselves.
pub(crate) struct StopSignals(Vec<(i32, unix::Signal)>);

impl StopSignals {
    /// Listens for the configured signals; if none are, for SIGTERM, SIGINT, SIGQUIT and SIGHUP.
    pub(crate) fn listen(configured: &[i32]) -> Result<Self, CommandError> {
        let mut numbers = configured.to_vec();
        if numbers.is_empty() {
            numbers.extend(DEFAULT);
            numbers.extend((!is_ignored(HANGUP)).then_some(HANGUP));
        }
        let listen = |number| {
            let signal = unix::signal(SignalKind::from_raw(number));
            let what = format!("could not listen for signal {number}");
            Ok((number, signal.map_err(|error| CommandError::during(what)(error.into()))?))
        };
        Ok(Self(numbers.into_iter().map(listen).collect::<Result<_, CommandError>>()?))
    }

    /// Waits for the next one and gives its number.
    pub(crate) async fn next(&mut self) -> i32 {
        let each = self.0.iter_mut().map(|(number, signal)| {
            Box::pin(async move {
                if signal.recv().await.is_none() {
                    std::future::pending::<()>().await;
                }
                *number
            })
        });
        select_all(each).await.0
    }

    /// Waits for a signal and tells of it with `stop`. The process ends when its time is over, and at
    /// a second signal at once, unless that is a terminal again that is closed: shell and system both
    /// tell of it.
    pub(crate) async fn stop_with(mut self, timeout: ShutdownTimeout, stop: impl FnOnce(i32)) {
        stop(self.next().await);
        timeout.begin();
        let signal = loop {
            match self.next().await {
                HANGUP => {}
                signal => break signal,
            }
        };
        tracing::warn!(target: "messenger", signal, "Received signal {signal} again: ending at once.");
        std::process::exit(128 + signal);
    }
}
