//! The worker that runs beside the web server, in one process.

use messenger::Messenger;
use messenger::doctrine::{Database, DatabaseSignal, UnitOfWork};
use messenger::worker::{Worker, WorkerError, WorkerOptions};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tracing::{error, info};

use crate::config::ShutdownTimeout;
use crate::kernel::Kernel;
use crate::message_trace::MessageTracer;

/// How many messages it handles at the same time: a deleted photo's file need not wait for Ponka.
const AT_ONCE: usize = 2;

/// A worker on every transport that can be received from, but the failure transports.
pub struct EmbeddedWorker {
    messenger: Messenger<UnitOfWork>,
    database: Database,
    receivers: Vec<String>,
    tracer: Option<MessageTracer>,
    timeout: ShutdownTimeout,
}

impl EmbeddedWorker {
    /// The worker of this gallery; `None` if every message is handled at once.
    #[must_use]
    pub fn of(kernel: &Kernel) -> Option<Self> {
        let transports = kernel.messenger.transports();
        let failures: Vec<&str> =
            transports.values().filter_map(|one| one.failure_transport.as_deref()).collect();
        let receivable = transports.iter().filter(|(name, one)| {
            one.transport.receiver().is_some() && !failures.contains(&name.as_str())
        });
        let mut receivers: Vec<String> = receivable.map(|(name, _)| name.clone()).collect();
        // Somebody waits for what is urgent.
        receivers.sort_by_key(|name| !name.contains("high"));
        let (messenger, database) = (kernel.messenger.clone(), kernel.database.clone());
        let tracer = kernel.tracer.clone();
        let timeout = kernel.config.shutdown_timeout;
        let worker = Self { messenger, database, receivers, tracer, timeout };
        (!worker.receivers.is_empty()).then_some(worker)
    }

    /// Works until the process is asked to stop, or `ended` says that the server has ended. After
    /// `messenger:stop-workers` it starts anew: nobody else would start it again.
    ///
    /// # Errors
    /// When the worker cannot start, or signals cannot be listened for.
    pub async fn run(&self, ended: watch::Receiver<bool>) -> anyhow::Result<()> {
        let (asked, is_asked) = watch::channel(false);
        let listening = listen(asked, ended);
        let working = async {
            while !*is_asked.borrow() {
                let worker = self.worker()?;
                let mut stop = is_asked.clone();
                worker.run(async move { drop(stop.wait_for(|asked| *asked).await) }).await;
                info!("The embedded worker has stopped");
            }
            Ok(())
        };
        tokio::select! {
            result = working => result,
            result = listening => result,
        }
    }

    fn worker(&self) -> Result<Worker<UnitOfWork>, WorkerError> {
        let grace = Some(self.timeout.work());
        let options = WorkerOptions { concurrency: AT_ONCE, grace, ..WorkerOptions::default() };
        let worker = Worker::new(self.messenger.clone(), &self.receivers, options)?;
        let worker = worker.restart_signal(DatabaseSignal(self.database.clone()));
        Ok(match &self.tracer {
            Some(tracer) => tracer.watch(worker).0,
            None => worker,
        })
    }
}

/// Passes on that the process is asked to stop, or that the server has ended. Ends only with an
/// error: whoever stops is waited for elsewhere.
async fn listen(
    asked: watch::Sender<bool>,
    mut ended: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        _ = ended.wait_for(|ended| *ended) => {}
    }
    if asked.send(true).is_err() {
        error!("The embedded worker was gone already");
    }
    std::future::pending().await
}
