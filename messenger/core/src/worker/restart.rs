//! What a worker does beside its messages: it looks for a restart signal, and sends what a process
//! that died left in the outbox.

use std::time::Duration;

use tracing::{info, warn};

use super::Shared;
use crate::context::Scope;

/// How often a worker looks for a restart signal.
const LOOK_FOR_RESTART: Duration = Duration::from_secs(1);
/// How often a worker looks into the outbox.
const SWEEP_OUTBOX: Duration = Duration::from_secs(5);
/// How many messages of the outbox are sent at once.
const OUTBOX_BATCH: usize = 100;

/// Runs beside the slots, and never ends by itself.
pub(super) async fn background<S: Scope>(shared: &Shared<S>) {
    tokio::join!(watch_restart(shared), sweep_outbox(shared));
}

async fn watch_restart<S: Scope>(shared: &Shared<S>) {
    let Some(signal) = &shared.restart else { return std::future::pending().await };
    let mut at_start = None;
    loop {
        match (signal.last_request().await, &at_start) {
            (Ok(request), None) => at_start = Some(request),
            (Ok(request), Some(known))
                if request.is_some() && request != *known && !shared.stop.is_stopped() =>
            {
                info!(target: "messenger", "Stopping worker: a restart was requested");
                shared.stop.stop();
            }
            (Ok(_), Some(_)) => {}
            (Err(error), _) => {
                warn!(target: "messenger", "Could not look for a restart signal: {error}");
            }
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
