//! How long somebody waits for a database, and what happens then. A server that has fallen silent
//! keeps nobody waiting for longer, and nobody's place at the pool.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::error::DatabaseError;
use super::pool::Pool;
use super::threads;

/// How long a piece of work on PostgreSQL may take, connecting included.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
/// The server itself ends a statement that takes this much less: its answer is better than none.
const MARGIN: Duration = Duration::from_secs(2);

/// How long one statement may take if the work it belongs to may take this long.
pub(super) fn statement_limit(patience: Duration) -> Duration {
    patience.saturating_sub(MARGIN).max(MARGIN)
}

/// A place at the pool, and the right to write where that is exclusive. Given back with its last
/// clone, or before, if the connection is given up.
#[derive(Clone)]
pub(super) struct Turn(Arc<Mutex<Option<Permits>>>);

struct Permits {
    _writer: Option<OwnedSemaphorePermit>,
    _place: OwnedSemaphorePermit,
}

impl Turn {
    pub(super) fn new(writer: Option<OwnedSemaphorePermit>, place: OwnedSemaphorePermit) -> Self {
        Self(Arc::new(Mutex::new(Some(Permits { _writer: writer, _place: place }))))
    }
}

/// Runs work on a thread that may block. If it takes longer than `patience`, the connection is given
/// up with its thread, whenever that may end, and its place goes to somebody else; so it is when
/// nobody waits any more.
pub(super) async fn blocking<T: Send + 'static>(
    pool: &Arc<Pool>,
    turn: Turn,
    patience: Option<Duration>,
    work: impl FnOnce() -> Result<T, DatabaseError> + Send + 'static,
) -> Result<T, DatabaseError> {
    let generation = pool.generation();
    let done = threads::start(work);
    let Some(patience) = patience else { return threads::outcome(done.await) };
    let deadline = Instant::now() + patience;
    let given_up = GivenUp { pool: Arc::clone(pool), generation, turn: Arc::downgrade(&turn.0) };
    drop(turn);
    let mut watch = Watch { deadline, given_up: Some(given_up) };
    let told = timeout_at(deadline, done).await;
    let given_up = watch.given_up.take();
    match told {
        Ok(told) => threads::outcome(told),
        Err(_) => {
            if let Some(given_up) = given_up {
                given_up.happens();
            }
            let seconds = patience.as_secs();
            let said = format!("the server has not answered for {seconds} s");
            Err(DatabaseError::NoConnection(said))
        }
    }
}

/// A connection that does not answer.
struct GivenUp {
    pool: Arc<Pool>,
    generation: u64,
    turn: Weak<Mutex<Option<Permits>>>,
}

impl GivenUp {
    fn happens(self) {
        if let Some(turn) = self.turn.upgrade() {
            self.pool.give_up(self.generation);
            turn.lock().unwrap_or_else(PoisonError::into_inner).take();
        }
    }
}

/// Goes on watching when whoever asked is gone before there is an answer.
struct Watch {
    deadline: Instant,
    given_up: Option<GivenUp>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        let (deadline, given_up) = (self.deadline, self.given_up.take());
        if let Some(given_up) = given_up
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(async move {
                sleep_until(deadline).await;
                given_up.happens();
            });
        }
    }
}
