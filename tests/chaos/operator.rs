//! The operator: waits until the work is done, and has what failed tried again.

use std::future::ready;
use std::time::Duration;

use crate::browser::{Browser, Request};
use crate::wait::until;
use crate::world::World;

/// How soon after everything is whole the gallery says so.
const READY: Duration = Duration::from_secs(30);
/// How soon all work is done: an outbox leaves entries alone for 30 s that another process may send.
const DONE: Duration = Duration::from_secs(60);
/// So often what failed is tried again.
const RETRIES: usize = 3;

const WAITING: &str = "SELECT queue_name || ' ' || CAST(id AS TEXT) || ' ' || body AS value \
     FROM messenger_messages WHERE queue_name <> 'failed' UNION ALL \
     SELECT 'outbox ' || CAST(id AS TEXT) || ' ' || body AS value FROM messenger_outbox";
const FAILED: &str = "SELECT CAST(id AS TEXT) AS value FROM messenger_messages \
     WHERE queue_name = 'failed' ORDER BY id";

/// Finishes the work. The programs are those that went through everything: they must recover
/// without being started again.
pub(crate) async fn finish(world: &World) {
    let is_ready = || async {
        let mut browser = Browser::new("operator".to_owned());
        let answer = browser.ask(world, Request::new("GET", "/readyz")).await;
        answer.filter(|answer| answer.status == 200)
    };
    if until(READY, is_ready).await.is_none() {
        let detail = format!("/readyz is not 200 within {} s", READY.as_secs());
        world.ledger().broken("what is whole again is soon used again", detail);
    }
    if is_done(world).await {
        return;
    }
    let waiting = world.database.values(WAITING);
    let detail = format!("after {} s there still wait: {}", DONE.as_secs(), waiting.join(", "));
    world.ledger().broken("what is whole again is soon used again", detail);
    world.journal.note("operator: kills all programs");
    world.programs.kill();
    if !is_done(world).await {
        let waiting = world.database.values(WAITING).join(", ");
        world.ledger().broken("queue and outbox become empty", format!("there wait: {waiting}"));
    }
}

async fn is_done(world: &World) -> bool {
    for _ in 0..RETRIES {
        let nothing = || ready(world.database.values(WAITING).is_empty().then_some(()));
        if until(DONE, nothing).await.is_none() {
            return false;
        }
        let failed = world.database.values(FAILED);
        if failed.is_empty() {
            return true;
        }
        world.ledger().action("failed messages retried");
        let retry = format!("messenger:failed:retry {} --force", failed.join(" "));
        world.console(&retry).await;
    }
    let nothing = || ready(world.database.values(WAITING).is_empty().then_some(()));
    until(DONE, nothing).await.is_some()
}
