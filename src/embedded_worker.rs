//! The worker that runs beside the web server, in one process.

use messenger::Messenger;
use messenger::worker::{Worker, WorkerError, WorkerOptions};
use messenger_console::{ShutdownTimeout, hangup};
use messenger_doctrine::{Database, DatabaseSignal, UnitOfWork};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tracing::{error, info};

use crate::developer::Developer;
use crate::kernel::Kernel;
use crate::upkeep::Upkeep;

/// How many messages it handles at the same time: a deleted photo's file need not wait for Ponka.
const AT_ONCE: usize = 2;

/// A worker on every transport that can be received from, but the failure transports; those that
/// stand first in `messenger.toml` are read first.
pub struct EmbeddedWorker {
    messenger: Messenger<UnitOfWork>,
    database: Database,
    receivers: Vec<String>,
    developer: Option<Developer>,
    upkeep: Upkeep,
    timeout: ShutdownTimeout,
}

impl EmbeddedWorker {
    /// The worker of this gallery; `None` if every message is handled at once.
    #[must_use]
    pub fn of(kernel: &Kernel) -> Option<Self> {
        let transports = kernel.messenger.transports();
        let receivable = transports.iter().filter(|(name, one)| {
            one.transport.receiver().is_some() && !kernel.messenger.is_failure_transport(name)
        });
        let receivers: Vec<String> = receivable.map(|(name, _)| name.clone()).collect();
        let (messenger, database) = (kernel.messenger.clone(), kernel.database.clone());
        let (developer, upkeep) = (kernel.developer.clone(), upkeep_of(kernel));
        let timeout = kernel.config.shutdown_timeout;
        let worker = Self { messenger, database, receivers, developer, upkeep, timeout };
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
                let asked = async move {
                    tokio::select! {
                        asked = stop.wait_for(|asked| *asked) => drop(asked),
                        never = self.upkeep.run() => match never {},
                    }
                };
                worker.run(asked).await;
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
        Ok(match &self.developer {
            Some(developer) => developer.watch(worker).0,
            None => worker,
        })
    }
}

/// What a worker of this gallery does beside its messages.
#[must_use]
pub fn upkeep_of(kernel: &Kernel) -> Upkeep {
    let (photos, database) = (kernel.photos.clone(), kernel.database.clone());
    Upkeep { photos, database, clock: kernel.clock.clone() }
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
        () = hangup()? => {}
        _ = ended.wait_for(|ended| *ended) => {}
    }
    if asked.send(true).is_err() {
        error!("The embedded worker was gone already");
    }
    std::future::pending().await
}
