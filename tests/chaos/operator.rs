//! The operator: waits until the work is done, and has what failed tried again.

use std::future::ready;
use std::time::Duration;

use crate::browser::{Browser, Request};
use crate::programs::Role;
use crate::uploads::{Gallery, photo};
use crate::wait::until;
use crate::world::World;

const RECOVERS: &str = "what is whole again is soon used again";
/// How soon after everything is whole the gallery says so, and a worker works.
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
pub(crate) async fn finish(world: &World, gallery: &mut Gallery) {
    let is_ready = || async {
        let mut browser = Browser::new("operator".to_owned());
        let answer = browser.ask(world, Request::new("GET", "/readyz")).await;
        answer.filter(|answer| answer.status == 200)
    };
    if until(READY, is_ready).await.is_none() {
        let detail = format!("/readyz is not 200 within {} s", READY.as_secs());
        world.ledger().broken(RECOVERS, detail);
    }
    if !is_done(world).await {
        let waiting = world.database.values(WAITING).join(", ");
        let detail = format!("after {} s there still wait: {waiting}", DONE.as_secs());
        world.ledger().broken(RECOVERS, detail);
        world.journal.note("operator: kills all programs");
        world.programs.kill();
        if !is_done(world).await {
            let waiting = world.database.values(WAITING).join(", ");
            let detail = format!("also after a restart there wait: {waiting}");
            world.ledger().broken("queue and outbox become empty", detail);
        }
    }
    for (working, resting) in [(0, 1), (1, 0)] {
        works(world, gallery, Role::Worker(working), Role::Worker(resting)).await;
    }
}

/// Each worker does its work again: it alone is there for a photo.
async fn works(world: &World, gallery: &mut Gallery, working: Role, resting: Role) {
    world.programs.with(resting, |process| process.freeze());
    gallery.upload(world, photo(0), false).await;
    let id = gallery.photos.last().map(|photo| photo.id.clone()).unwrap_or_default();
    let visited = || {
        let done =
            world.database.count(&format!("image_post WHERE status = 'done' AND id = '{id}'"));
        ready((done == 1).then_some(()))
    };
    if until(READY, visited).await.is_none() {
        let detail = format!("{working} alone visits no photo within {} s", READY.as_secs());
        world.ledger().broken(RECOVERS, detail);
    }
    world.programs.with(resting, |process| process.thaw());
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
