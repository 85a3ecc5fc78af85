//! The gallery and its workers, started again whenever they end, as a supervisor does.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

use crate::process::{Ending, Process};

/// How often the supervisor looks.
const LOOK: Duration = Duration::from_millis(20);
/// It starts a program at most so often.
const PAUSE: Duration = Duration::from_millis(300);

/// Which program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Server,
    Worker(usize),
}

const ROLES: [Role; 3] = [Role::Server, Role::Worker(0), Role::Worker(1)];

/// Makes the command that starts a program.
pub(crate) type Commands = Box<dyn Fn(Role) -> Command + Send + Sync>;

/// All programs of a run. They end with this value.
pub(crate) struct Programs {
    shared: Arc<Shared>,
    supervisor: JoinHandle<()>,
}

struct Shared {
    commands: Commands,
    logs: PathBuf,
    slots: [Mutex<Slot>; 3],
    /// What was wrong with how they ended.
    wrong: Mutex<Vec<String>>,
}

/// The place of one program.
struct Slot {
    role: Role,
    process: Option<Process>,
    is_ready: bool,
    address: Option<SocketAddr>,
    /// Whether it is to be started again when it has ended.
    is_wanted: bool,
    starts: usize,
    last_start: Option<Instant>,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Server => f.write_str("server"),
            Self::Worker(number) => write!(f, "worker-{number}"),
        }
    }
}

impl Programs {
    pub(crate) fn start(commands: Commands, logs: PathBuf) -> Self {
        let slots = ROLES.map(|role| Mutex::new(Slot::new(role)));
        let shared = Arc::new(Shared { commands, logs, slots, wrong: Mutex::default() });
        let watched = Arc::clone(&shared);
        let supervisor = tokio::spawn(async move {
            let mut looks = tokio::time::interval(LOOK);
            loop {
                looks.tick().await;
                watched.look();
            }
        });
        Self { shared, supervisor }
    }

    /// Where the gallery is open at the moment.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        self.shared.slot(Role::Server).address
    }

    /// Whether all of them have started.
    pub(crate) fn are_ready(&self) -> bool {
        ROLES.into_iter().all(|role| self.shared.slot(role).is_ready)
    }

    /// Does something to a program, if it runs at the moment.
    pub(crate) fn with(&self, role: Role, work: impl FnOnce(&mut Process)) {
        if let Some(process) = &mut self.shared.slot(role).process {
            work(process);
        }
    }

    /// Lets those go on that are frozen.
    pub(crate) fn thaw(&self) {
        for role in ROLES {
            self.with(role, |process| process.thaw());
        }
    }

    /// Kills all of them, for the supervisor to start them again.
    pub(crate) fn kill(&self) {
        for role in ROLES {
            self.with(role, Process::kill);
        }
    }

    /// Asks all of them to stop, for good.
    pub(crate) fn stop(&self) {
        for role in ROLES {
            self.shared.slot(role).is_wanted = false;
            self.with(role, Process::stop);
        }
    }

    /// Whether none is left, after [`stop`](Self::stop).
    pub(crate) fn have_ended(&self) -> bool {
        ROLES.into_iter().all(|role| self.shared.slot(role).process.is_none())
    }

    /// What was wrong with how they ended.
    pub(crate) fn wrong(&self) -> Vec<String> {
        lock(&self.shared.wrong).clone()
    }

    /// Ends all of them at once.
    pub(crate) fn end(&self) {
        self.supervisor.abort();
        for role in ROLES {
            let mut slot = self.shared.slot(role);
            slot.is_wanted = false;
            slot.process = None;
        }
    }
}

impl Drop for Programs {
    fn drop(&mut self) {
        self.end();
    }
}

impl Shared {
    fn slot(&self, role: Role) -> MutexGuard<'_, Slot> {
        let number = ROLES.iter().position(|one| *one == role).unwrap();
        lock(&self.slots[number])
    }

    fn look(&self) {
        for role in ROLES {
            let mut slot = self.slot(role);
            if let Some(wrong) = slot.look() {
                lock(&self.wrong).push(wrong);
            }
            if slot.is_due() {
                slot.starts += 1;
                let log = self.logs.join(format!("{role}-{:03}.log", slot.starts));
                slot.process = Some(Process::start((self.commands)(role), log));
                slot.last_start = Some(Instant::now());
            }
        }
    }
}

impl Slot {
    const fn new(role: Role) -> Self {
        let (process, address, last_start) = (None, None, None);
        Self { role, process, is_ready: false, address, is_wanted: true, starts: 0, last_start }
    }

    fn is_due(&self) -> bool {
        let is_late = self.last_start.is_none_or(|last| last.elapsed() > PAUSE);
        self.is_wanted && self.process.is_none() && is_late
    }

    /// Notes whether the program has started or ended; says what was wrong with the latter.
    fn look(&mut self) -> Option<String> {
        let process = self.process.as_mut()?;
        if !self.is_ready {
            let words = match self.role {
                Role::Server => "The gallery is open: http://",
                Role::Worker(_) => "Quit the worker with ",
            };
            let said = process.said(words);
            self.is_ready = said.is_some();
            self.address = said.and_then(|address| address.parse().ok());
        }
        let ending = process.ended(self.is_ready)?;
        let wrong = match ending {
            Ending::Asked => None,
            Ending::Wrong(how) => {
                let log = process.log().file_name().unwrap_or_default().to_string_lossy();
                Some(format!("the {} {how} ({log})", self.role))
            }
        };
        (self.process, self.is_ready, self.address) = (None, false, None);
        wrong
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
