//! What each fault breaks, and how it is undone.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use crate::plan::Fault;
use crate::process::Process;
use crate::programs::Role;
use crate::proxy::{Network, Proxy};
use crate::world::World;

/// Breaks something for as long as it lasts, and undoes that.
pub(crate) async fn inflict(world: &Arc<World>, fault: Fault) {
    world.journal.note(format!("fault: {fault:?} begins"));
    world.ledger().fault(fault.name());
    match fault {
        Fault::Kill(role) => world.programs.with(role, Process::kill),
        Fault::Stop(role) => world.programs.with(role, Process::stop),
        Fault::Freeze(role, duration) => freeze(world, role, duration).await,
        Fault::LoseCommit => {
            if let Some(network) = &world.network {
                network.lose_answer_to(b"COMMIT");
            }
        }
        Fault::DatabaseSilent(duration) => network(world, Network::Silent, duration).await,
        Fault::DatabaseCut(duration) => network(world, Network::Cut, duration).await,
        Fault::DatabaseRestart(duration) => {
            end_connections(world);
            network(world, Network::Cut, duration).await;
        }
        Fault::DatabaseLocked(duration) => lock_database(world, duration).await,
        Fault::FolderAway { is_empty, lasts } => take_folder_away(world, is_empty, lasts).await,
        Fault::DiskFull(duration) => {
            world.disk.fill();
            last(duration).await;
            world.disk.clear();
        }
        Fault::SmtpDead(duration) => {
            set(world, |world| Some(&world.mail_network), Network::Cut).await;
            last(duration).await;
            set(world, |world| Some(&world.mail_network), Network::Works).await;
        }
        Fault::SmtpLosesAnswers(mails) => world.smtp.state().script.swallow_answer += mails,
    }
    world.journal.note(format!("fault: {fault:?} is over"));
}

/// Undoes whatever may still be broken.
pub(crate) async fn heal(world: &Arc<World>) {
    world.programs.thaw();
    set(world, |world| world.network.as_ref(), Network::Works).await;
    set(world, |world| Some(&world.mail_network), Network::Works).await;
    world.smtp.state().script.swallow_answer = 0;
    world.disk.clear();
    world.journal.note("everything is healed");
}

/// A fault's own length; nothing is waited for here.
async fn last(duration: Duration) {
    let _ = tokio::time::timeout(duration, std::future::pending::<()>()).await;
}

async fn freeze(world: &World, role: Role, duration: Duration) {
    world.programs.with(role, |process| process.freeze());
    last(duration).await;
    world.programs.with(role, |process| process.thaw());
}

async fn network(world: &Arc<World>, what: Network, duration: Duration) {
    let _alone = world.network_in_use.lock().await;
    set(world, |world| world.network.as_ref(), what).await;
    last(duration).await;
    set(world, |world| world.network.as_ref(), Network::Works).await;
}

/// A cut is waited for, on a thread that may wait.
async fn set(world: &Arc<World>, which: fn(&World) -> Option<&Proxy>, what: Network) {
    let world = Arc::clone(world);
    let done = tokio::task::spawn_blocking(move || {
        if let Some(proxy) = which(&world) {
            proxy.set(what);
        }
    });
    done.await.unwrap();
}

/// As a server does that shuts down: each connection is told so.
fn end_connections(world: &World) {
    world.database.values(&format!(
        "SELECT CAST(count(pg_terminate_backend(pid)) AS TEXT) AS value FROM pg_stat_activity \
         WHERE application_name = '{}'",
        world.application
    ));
}

async fn lock_database(world: &World, duration: Duration) {
    let path = world.path("disk/ponka.sqlite");
    let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    let begin = "PRAGMA busy_timeout = 10000; BEGIN IMMEDIATE";
    match tokio::task::block_in_place(|| connection.batch_execute(begin)) {
        // It goes with the connection.
        Ok(()) => last(duration).await,
        Err(error) => world.journal.note(format!("the database could not be locked: {error}")),
    }
}

/// What was written meanwhile is hidden afterwards, as below a disk that is mounted again.
async fn take_folder_away(world: &World, is_empty: bool, duration: Duration) {
    let (folder, away) = (world.path("disk/uploads"), world.path("disk/uploads.away"));
    if let Err(error) = fs::rename(&folder, &away) {
        world.journal.note(format!("there is no folder to take away: {error}"));
        return;
    }
    if is_empty {
        fs::create_dir(&folder).unwrap();
    }
    last(duration).await;
    for hidden in 0.. {
        // A program may be writing there just now, and make it once more.
        if fs::rename(&away, &folder).is_ok() {
            return;
        }
        let hidden = world.path(&format!("disk/uploads.hidden-{is_empty}-{hidden}"));
        fs::rename(&folder, hidden).unwrap();
    }
}
