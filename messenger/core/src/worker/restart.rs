//! What a worker does beside its messages: it looks for a restart signal, and sends what a process
//! that died left in the outbox.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use tracing::{info, warn};

use super::Shared;
use crate::context::Scope;

/// How often a worker looks for a restart signal.
const LOOK_FOR_RESTART: Duration = Duration::from_secs(1);
/// How often a worker looks into the outbox.
const SWEEP_OUTBOX: Duration = Duration::from_secs(5);
/// How many messages of the outbox are sent at once.
const OUTBOX_BATCH: usize = 100;

/// Where `messenger:stop-workers` leaves its request.
#[async_trait]
pub trait RestartSignal: Send + Sync + 'static {
    /// When a restart was last requested.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn last_request(&self) -> anyhow::Result<Option<DateTime<Utc>>>;

    /// The time there.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn now(&self) -> anyhow::Result<DateTime<Utc>>;

    /// Asks every worker that is running now and looks there to stop once it has finished what it
    /// has in hand.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn request(&self) -> anyhow::Result<()>;
}

#[async_trait]
impl RestartSignal for Arc<dyn RestartSignal> {
    async fn last_request(&self) -> anyhow::Result<Option<DateTime<Utc>>> {
        (**self).last_request().await
    }

    async fn now(&self) -> anyhow::Result<DateTime<Utc>> {
        (**self).now().await
    }

    async fn request(&self) -> anyhow::Result<()> {
        (**self).request().await
    }
}

/// Runs beside the slots, and never ends by itself.
pub(super) async fn background<S: Scope>(shared: &Shared<S>) {
    tokio::join!(watch_restart(shared), sweep_outbox(shared));
}

async fn watch_restart<S: Scope>(shared: &Shared<S>) {
    let Some(signal) = &shared.restart else { return std::future::pending().await };
    let mut started_at = None;
    loop {
        let outcome = match started_at {
            None => signal.now().await.map(|now| started_at = Some(now)),
            Some(started_at) => signal.last_request().await.map(|request| {
                if request.is_some_and(|request| request > started_at) && !shared.stop.is_stopped()
                {
                    info!(target: "messenger", "Stopping worker: a restart was requested");
                    shared.stop.stop();
                }
            }),
        };
        if let Err(error) = outcome {
            warn!(target: "messenger", "Could not look for a restart signal: {error:#}");
        }
        tokio::time::sleep(LOOK_FOR_RESTART).await;
    }
}

async fn sweep_outbox<S: Scope>(shared: &Shared<S>) {
    loop {
        match shared.messenger.sweep_outbox(OUTBOX_BATCH).await {
            Ok(OUTBOX_BATCH) => continue,
            Ok(_) => {}
            Err(error) => warn!(target: "messenger", "Could not empty the outbox: {error}"),
        }
        tokio::time::sleep(SWEEP_OUTBOX).await;
    }
}
