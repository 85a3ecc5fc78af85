//! Threads on which databases are waited for. They are not the runtime's: one that waits for a server
//! which has fallen silent takes no thread from others, and the end of the program does not wait for it.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use super::error::DatabaseError;

type Job = Box<dyn FnOnce() + Send>;

/// A thread that has had nothing to do for so long ends.
const REST: Duration = Duration::from_secs(10);

static THREADS: Threads = Threads {
    state: Mutex::new(State { jobs: VecDeque::new(), resting: 0 }),
    called: Condvar::new(),
};

struct Threads {
    state: Mutex<State>,
    called: Condvar,
}

struct State {
    jobs: VecDeque<Job>,
    resting: usize,
}

/// Starts work on a thread that may block. If nobody waits for what comes of it, that is dropped there.
pub(super) fn start<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, DatabaseError> + Send + 'static,
) -> oneshot::Receiver<Result<T, DatabaseError>> {
    let (tell, told) = oneshot::channel();
    THREADS.run(Box::new(move || {
        let done = catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(DatabaseError::Panicked));
        drop(tell.send(done));
    }));
    told
}

/// What came of the work; without a thread nothing did.
pub(super) fn outcome<T>(
    told: Result<Result<T, DatabaseError>, oneshot::error::RecvError>,
) -> Result<T, DatabaseError> {
    let no_thread = |_| DatabaseError::NoConnection("no thread could be started".to_owned());
    told.map_err(no_thread)?
}

impl Threads {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&'static self, job: Job) {
        let mut state = self.state();
        state.jobs.push_back(job);
        if state.resting >= state.jobs.len() {
            self.called.notify_one();
            return;
        }
        let thread = std::thread::Builder::new().name("database".to_owned());
        if let Err(error) = thread.spawn(|| self.work()) {
            tracing::error!(target: "messenger", "Could not start a thread for the database: {error}");
            state.jobs.pop_back();
        }
    }

    fn work(&self) {
        let mut state = self.state();
        loop {
            if let Some(job) = state.jobs.pop_front() {
                drop(state);
                job();
                state = self.state();
                continue;
            }
            state.resting += 1;
            let (woken, rest) =
                self.called.wait_timeout(state, REST).unwrap_or_else(PoisonError::into_inner);
            state = woken;
            state.resting -= 1;
            if rest.timed_out() && state.jobs.is_empty() {
                return;
            }
        }
    }
}
