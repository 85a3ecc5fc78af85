//! One run: load and faults, then healing, then the promises.

use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::task::JoinSet;

use crate::choice::Run;
use crate::clients::Client;
use crate::plan::{self, CLIENTS, Move};
use crate::report::Report;
use crate::wait::until;
use crate::world::World;
use crate::{faults, operator, promises};

/// How long all programs may take to start.
const STARTING: Duration = Duration::from_secs(30);
/// How long load and faults may take: each client has some patience of its own.
const PLAYING: Duration = Duration::from_secs(120);

/// Ends the programs also when the run is broken off.
struct EndPrograms(Arc<World>);

impl Drop for EndPrograms {
    fn drop(&mut self) {
        self.0.programs.end();
    }
}

/// Runs it.
pub(crate) async fn run(chosen: Run) -> Report {
    let world = Arc::new(World::begin(chosen));
    let _end = EndPrograms(Arc::clone(&world));
    let are_ready = || ready(world.programs.are_ready().then_some(()));
    until(STARTING, are_ready).await.expect("all programs start");
    let moves = plan::of(chosen, world.disk.can_be_full());
    let mut clients = play(&world, moves).await;
    faults::heal(&world).await;
    operator::finish(&world, &mut clients[0].gallery).await;
    promises::check(&world, &mut clients).await;
    let ledger = std::mem::take(&mut *world.ledger());
    let kept = (!ledger.violations.is_empty()).then(|| world.keep());
    Report::new(chosen, world.journal.elapsed(), ledger, kept)
}

/// Every move in its order; a client that is busy is waited for. Gives the clients back when all is
/// over.
async fn play(world: &Arc<World>, moves: Vec<Move>) -> Vec<Client> {
    let clients: Vec<_> =
        (0..CLIENTS).map(|number| Arc::new(Mutex::new(Client::new(number)))).collect();
    let (mut steps, mut faults) = (JoinSet::new(), JoinSet::new());
    let playing = async {
        for (number, one) in moves.into_iter().enumerate() {
            let world = Arc::clone(world);
            match one {
                Move::Step(client, action) => {
                    let mut client = Arc::clone(&clients[client]).lock_owned().await;
                    world.journal.note(format!("move {number}: {action:?}"));
                    steps.spawn(async move { client.act(&world, action).await });
                }
                Move::Fault(fault) => {
                    faults.spawn(async move { faults::inflict(&world, fault).await });
                }
            }
        }
        all_done(&mut steps).await;
    };
    if tokio::time::timeout(PLAYING, playing).await.is_err() {
        let detail = format!("clients still waited after {} s", PLAYING.as_secs());
        world.ledger().broken("every request has an end", detail);
        steps.shutdown().await;
    }
    // They are over by themselves, and have undone what they did.
    all_done(&mut faults).await;
    clients.into_iter().map(|client| Arc::into_inner(client).unwrap().into_inner()).collect()
}

async fn all_done(tasks: &mut JoinSet<()>) {
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
}
