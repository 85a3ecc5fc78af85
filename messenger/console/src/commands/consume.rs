//! `messenger:consume`: the worker.

use std::time::Duration;

use clap::Args;
use messenger::BusName;
use messenger::worker::{Worker, WorkerOptions};

use super::{banner, receivers};
use crate::application::{Application, Bus as _};
use crate::error::CommandError;
use crate::shutdown::ShutdownTimeout;
use crate::signals::StopSignals;
use crate::terminal::Terminal;
use crate::value;

/// Handle messages that wait in transports
#[derive(Args)]
#[command(
    after_help = "Example: console messenger:consume async_priority_high async --limit=10 -vv"
)]
pub(super) struct Consume {
    /// The transports, the most urgent first
    pub(super) receivers: Vec<String>,
    /// Stop after so many messages
    #[arg(short, long, value_name = "N", value_parser = value::positive)]
    #[arg(allow_negative_numbers = true)]
    pub(super) limit: Option<u64>,
    /// Stop after so many failures; 0: never
    #[arg(short, long, value_name = "N")]
    pub(super) failure_limit: Option<u64>,
    /// Stop when more memory than this is used: 128M, 1g; 0: never
    #[arg(short, long, value_name = "BYTES")]
    #[arg(value_parser = parse_memory)]
    pub(super) memory_limit: Option<Memory>,
    /// Stop after so many seconds
    #[arg(short, long, value_name = "SECONDS", value_parser = value::positive)]
    #[arg(allow_negative_numbers = true)]
    pub(super) time_limit: Option<u64>,
    /// Seconds to wait before looking again when nothing was there; fractions are allowed
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = value::seconds)]
    sleep: Duration,
    /// Handle every message on this bus
    #[arg(short, long, value_name = "NAME")]
    bus: Option<String>,
    /// Receive only from these queues of the transports; may be repeated
    #[arg(long, value_name = "QUEUE", value_parser = value::name)]
    queues: Vec<String>,
    /// Receive from all transports but failure transports, in the order of the configuration
    #[arg(long)]
    pub(super) all: bool,
    /// With --all: not from this one; may be repeated
    #[arg(long, value_name = "NAME", requires = "all")]
    pub(super) exclude_receivers: Vec<String>,
    /// Seconds between renewals of the leases of messages in hand; 0: never
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true)]
    #[arg(default_value = "15", default_missing_value = "15", value_parser = value::seconds)]
    keepalive: Duration,
    /// Messages handled at the same time
    #[arg(long, value_name = "N", default_value = "1", value_parser = value::count)]
    concurrency: usize,
    /// Messages claimed at once, at most
    #[arg(long, value_name = "N", default_value = "256", value_parser = value::count)]
    fetch_size: usize,
    /// Accepted for Symfony's sake: nothing is kept between messages
    #[arg(long, num_args = 0..=1, require_equals = true, value_name = "N")]
    #[arg(default_missing_value = "1")]
    no_reset: Option<String>,
}

/// An amount of memory as it was typed, and in bytes.
#[derive(Clone)]
pub(super) struct Memory {
    /// As it was typed.
    pub(super) typed: String,
    /// In bytes; 0: no limit.
    pub(super) bytes: u64,
}

fn parse_memory(text: &str) -> Result<Memory, String> {
    value::bytes(text).map(|bytes| Memory { typed: text.to_owned(), bytes })
}

impl Consume {
    /// Works until something stops it.
    pub(super) async fn run<A: Application>(
        self,
        app: &A,
        terminal: &Terminal,
    ) -> Result<(), CommandError> {
        let bus = app.boot().await?;
        let names = receivers::choose(&self, terminal, bus.messenger()).await?;
        let timeout = app.shutdown_timeout();
        let worker = Worker::new(bus.messenger().clone(), &names, self.options(timeout))?;
        let worker = match bus.restart_signal() {
            Some(signal) => worker.restart_signal(signal),
            None => worker,
        };
        banner::show(&self, app, terminal, &names);
        let stop = worker.stop_handle();
        let signals = StopSignals::listen(&stop_signals(app))?;
        let transports = names.join(", ");
        let listening = tokio::spawn(signals.stop_with(timeout, move |signal| {
            tracing::info!(
                target: "messenger", signal, transport_names = transports,
                "Received signal {signal}."
            );
            stop.stop();
        }));
        bus.work(worker).await?;
        listening.abort();
        Ok(())
    }

    fn options(&self, timeout: ShutdownTimeout) -> WorkerOptions {
        let above_zero = |number: u64| (number > 0).then_some(number);
        WorkerOptions {
            limit: self.limit,
            failure_limit: self.failure_limit.and_then(above_zero),
            memory_limit: self.memory_limit.as_ref().and_then(|memory| above_zero(memory.bytes)),
            time_limit: self.time_limit.map(Duration::from_secs),
            sleep: self.sleep,
            bus: self.bus.as_deref().map(BusName::from),
            queues: self.queues.clone(),
            keepalive: Some(self.keepalive).filter(|interval| !interval.is_zero()),
            concurrency: self.concurrency,
            fetch_size: self.fetch_size,
            grace: Some(timeout.work()),
            ..WorkerOptions::default()
        }
    }
}

/// The signals that stop a worker, as configured; none: as usual.
pub(super) fn stop_signals(app: &impl Application) -> Vec<i32> {
    let configured = app.config().map(|config| config.stop_worker_on_signals.iter());
    configured.into_iter().flatten().map(|signal| signal.number()).collect()
}
