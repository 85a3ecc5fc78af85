//! The audit: every message gets an id that stays with it, and a line says in which phase it is.

use messenger::stamp::{Place, ReceivedStamp, SentStamp, Stamp, WireForm, WireStamp};
use messenger::{Context, DispatchError, Envelope, Middleware, Next, Scope, async_trait};
use serde::{Deserialize, Serialize};
use tracing::info;
use uuid::Uuid;

/// The id of a message through all its travels and retries. PHP knows no such stamp, so it
/// travels in a plain header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UniqueIdStamp {
    /// 13 hexadecimal digits, as those of PHP's `uniqid()`.
    pub id: String,
}

impl UniqueIdStamp {
    fn new() -> Self {
        let id = Uuid::new_v4().simple().to_string();
        Self { id: id[..13].to_owned() }
    }
}

impl Stamp for UniqueIdStamp {
    fn wire(&self) -> Option<WireForm> {
        WireForm::of(self)
    }
}

impl WireStamp for UniqueIdStamp {
    const PLACE: Place = Place::Header("X-Ponka-Unique-Id");
}

/// Logs each message after it went through: received, sent, or handled at once. Because it logs
/// afterwards, the line of a nested message comes before that of its parent.
pub struct Audit;

#[async_trait]
impl<S: Scope> Middleware<S> for Audit {
    async fn handle(
        &self,
        mut envelope: Envelope,
        cx: &mut Context<S>,
        next: Next<S>,
    ) -> Result<Envelope, DispatchError> {
        if !envelope.has::<UniqueIdStamp>() {
            envelope = envelope.with(UniqueIdStamp::new());
        }
        let envelope = next.run(envelope, cx).await?;
        let id = envelope.last::<UniqueIdStamp>().map_or("?", |stamp| &stamp.id);
        let class = envelope.name();
        let phase = if envelope.has::<ReceivedStamp>() {
            "Received"
        } else if envelope.has::<SentStamp>() {
            "Sent"
        } else {
            "Handling sync"
        };
        info!(target: "messenger_audit", id, class, "[{id}] {phase} {class}");
        Ok(envelope)
    }

    fn name(&self) -> &'static str {
        "audit"
    }
}
