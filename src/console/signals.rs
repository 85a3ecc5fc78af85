//! The signals with which a worker is asked to stop.

use anyhow::Context as _;
use futures_util::future::select_all;
use messenger::config::{Located, Signal};
use tokio::signal::unix::{self, SignalKind};

use crate::config::ShutdownTimeout;
use crate::shutdown;

const DEFAULT: [i32; 3] = [15, 2, 3];

/// Listens for signals; from then on they do not end the process by themselves.
pub(super) struct StopSignals(Vec<(i32, unix::Signal)>);

impl StopSignals {
    /// Listens for the configured signals; if none are, for SIGTERM, SIGINT and SIGQUIT.
    pub(super) fn listen(configured: &[Located<Signal>]) -> anyhow::Result<Self> {
        let mut numbers: Vec<i32> = configured.iter().map(|signal| signal.number()).collect();
        if numbers.is_empty() {
            numbers.extend(DEFAULT);
        }
        let listen = |number| {
            let signal = unix::signal(SignalKind::from_raw(number));
            Ok((number, signal.with_context(|| format!("could not listen for signal {number}"))?))
        };
        Ok(Self(numbers.into_iter().map(listen).collect::<anyhow::Result<_>>()?))
    }

    /// Waits for the next one and gives its number.
    pub(super) async fn next(&mut self) -> i32 {
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
    /// a second signal at once.
    pub(super) async fn stop_with(mut self, timeout: ShutdownTimeout, stop: impl FnOnce(i32)) {
        stop(self.next().await);
        shutdown::end_within(timeout);
        let signal = self.next().await;
        tracing::warn!(target: "messenger", signal, "Received signal {signal} again: ending at once.");
        std::process::exit(128 + signal);
    }
}
