//! What the system must allow a process of ours, looked at before anything depends on it: what is
//! missing is then said in one sentence, and not by a thread that cannot be started later.

use std::sync::mpsc::channel;
use std::thread;

use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit};

/// The stack of a thread, in MiB.
const STACK: u64 = 2;
/// The address space that glibc's allocator keeps for a thread, in MiB: for eight threads a core. It takes
/// them from what is there, and then a stack finds no room.
const ARENA: u64 = 64;

/// What a program needs.
#[derive(Debug, Clone, Copy)]
pub struct Needs {
    /// Descriptors: open files, connections, and what threads wait with.
    pub descriptors: u64,
    /// Memory for the work itself, in MiB; threads come on top.
    pub memory: u64,
    /// Threads at the same time.
    pub threads: usize,
}

/// The system allows too little.
#[derive(Debug, thiserror::Error)]
pub enum TooLittle {
    /// Too few descriptors.
    #[error(
        "only {allowed} descriptors are allowed and {needed} are needed; raise the limit \
         (ulimit -n, LimitNOFILE= of systemd)"
    )]
    Descriptors {
        /// So many there may be.
        allowed: u64,
        /// So many there must be.
        needed: u64,
    },
    /// Too little memory.
    #[error(
        "only {allowed} MiB of memory are allowed and {needed} are needed; raise the limit \
         (ulimit {option})"
    )]
    Memory {
        /// So much there may be.
        allowed: u64,
        /// So much there must be.
        needed: u64,
        /// The option of the shell's command that tells of it.
        option: &'static str,
    },
    /// Too few threads.
    #[error(
        "only {started} threads could be started and {needed} are needed; raise the limit \
         (ulimit -u, TasksMax= of systemd) or give it more memory"
    )]
    Threads {
        /// So many there could be.
        started: usize,
        /// So many there must be.
        needed: usize,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

impl Needs {
    /// Looks whether the system allows as much.
    ///
    /// # Errors
    /// When it does not, with the limit that is to be raised.
    pub fn check(self) -> Result<(), TooLittle> {
        let needed = self.descriptors;
        if let Some(allowed) = limit(Resource::RLIMIT_NOFILE).filter(|limit| *limit < needed) {
            return Err(TooLittle::Descriptors { allowed, needed });
        }
        let data = self.memory + STACK * self.threads as u64;
        let arenas = self.threads.min(8 * cores()) as u64 + 1;
        for (resource, option, needed) in [
            (Resource::RLIMIT_AS, "-v", data + ARENA * arenas),
            (Resource::RLIMIT_DATA, "-d", data),
        ] {
            let allowed = limit(resource).map(|bytes| bytes >> 20);
            if let Some(allowed) = allowed.filter(|limit| *limit < needed) {
                return Err(TooLittle::Memory { allowed, needed, option });
            }
        }
        self.try_threads()
    }

    /// Starts them, because nobody tells how many there may be; they end at once.
    fn try_threads(self) -> Result<(), TooLittle> {
        let (end, ended) = channel::<()>();
        let ended = std::sync::Arc::new(std::sync::Mutex::new(ended));
        let mut started = Vec::with_capacity(self.threads);
        let result = (0..self.threads).try_for_each(|_| {
            let ended = ended.clone();
            // Each waits for the one before it, and the first for us: all are there at once.
            let wait = move || drop(ended.lock().map(|ended| ended.recv()));
            started.push(thread::Builder::new().spawn(wait)?);
            Ok(())
        });
        drop(end);
        let number = started.len();
        for thread in started {
            // Nothing in it can panic.
            let _ = thread.join();
        }
        let needed = self.threads;
        result.map_err(|source| TooLittle::Threads { started: number, needed, source })
    }
}

/// How many cores there are to run on.
#[must_use]
pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// What this process may have of something; `None`: as much as there is.
fn limit(resource: Resource) -> Option<u64> {
    let (allowed, _) = getrlimit(resource).ok()?;
    (allowed != RLIM_INFINITY).then_some(allowed)
}
