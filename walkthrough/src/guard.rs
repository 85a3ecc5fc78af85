//! Ends what the runner has started: every process that carries its mark in its environment.

use std::fs;
use std::path::Path;
use std::process::exit;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, mpsc};
use std::time::{Duration, Instant};

use anyhow::Result;
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::scratch::Scratch;

/// The variable that every process of a run has.
pub(crate) const MARK: &str = "WALKTHROUGH_RUN";
/// How long a process may take to end when it is asked to.
const PATIENCE: Duration = Duration::from_secs(5);

/// The mark of this run.
#[derive(Debug, Clone)]
pub(crate) struct Guard {
    mark: String,
    interrupted: Arc<AtomicBool>,
    turn: Arc<Mutex<()>>,
    clone: Arc<OnceLock<Scratch>>,
}

impl Guard {
    /// A new mark; from now on a signal that ends the runner ends its processes too.
    pub(crate) fn new() -> Result<Self> {
        let mark = format!("{:032x}", fastrand::u128(..));
        let guard =
            Self { mark, interrupted: Arc::default(), turn: Arc::default(), clone: Arc::default() };
        let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM])?;
        let watch = guard.clone();
        std::thread::spawn(move || {
            if let Some(signal) = signals.forever().next() {
                watch.interrupted.store(true, Ordering::SeqCst);
                watch.leave();
                exit(128 + signal);
            }
        });
        Ok(guard)
    }

    /// The value of the variable.
    pub(crate) fn mark(&self) -> &str {
        &self.mark
    }

    /// From now on an interrupted runner puts this clone back as it was.
    pub(crate) fn keep_clean(&self, clone: &Scratch) {
        // There is one clone; the first stays.
        let _ = self.clone.set(clone.clone());
    }

    /// To be held while something is started or written. Whoever asks for it when the runner is about to
    /// end waits for that end; whoever has it is waited for.
    pub(crate) fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends all processes and puts the clone back, while the rest of the runner stands still.
    fn leave(&self) {
        std::mem::forget(self.turn());
        self.end_all();
        if let Some(clone) = self.clone.get()
            && let Err(error) = clone.reset()
        {
            eprintln!("walkthrough: the clone is not clean: {error:#}");
        }
    }

    /// Does not return when the runner is about to end: nothing new must be started then.
    pub(crate) fn stay_if_interrupted(&self) {
        while self.interrupted.load(Ordering::SeqCst) {
            std::thread::park();
        }
    }

    /// Asks every process of this run to end, and ends those that do not. Shells ignore the request:
    /// they are ended when nothing else is left.
    pub(crate) fn end_all(&self) {
        let asked = self.processes();
        for process in &asked {
            // One that has just ended cannot be asked; that is fine.
            let _ = kill(process.id, Signal::SIGTERM);
            let _ = kill(process.id, Signal::SIGCONT);
        }
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline && self.processes().iter().any(|process| !process.leads) {
            pause(Duration::from_millis(20));
        }
        for _ in 0..50 {
            let left = self.processes();
            if left.is_empty() {
                break;
            }
            for process in left {
                let _ = kill(process.id, Signal::SIGKILL);
            }
            pause(Duration::from_millis(10));
        }
    }

    fn processes(&self) -> Vec<Process> {
        let mark = format!("{MARK}={}", self.mark);
        let own = std::process::id().to_string();
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        entries
            .filter(|entry| entry.file_name() != own.as_str())
            .filter_map(|entry| process(&entry.path(), &mark))
            .collect()
    }
}

struct Process {
    id: Pid,
    leads: bool,
}

/// The process, if it carries the mark.
fn process(folder: &Path, mark: &str) -> Option<Process> {
    let id: i32 = folder.file_name()?.to_str()?.parse().ok()?;
    let environment = fs::read(folder.join("environ")).ok()?;
    if !environment.split(|&byte| byte == 0).any(|variable| variable == mark.as_bytes()) {
        return None;
    }
    let stat = fs::read_to_string(folder.join("stat")).ok()?;
    let session = stat.rsplit_once(") ")?.1.split(' ').nth(3)?;
    Some(Process { id: Pid::from_raw(id), leads: session.parse() == Ok(id) })
}

/// Kills the process group of a child that leads one.
pub(crate) fn kill_group(child: u32) {
    if let Ok(id) = child.try_into() {
        // It may have ended just now.
        let _ = killpg(Pid::from_raw(id), Signal::SIGKILL);
    }
}

/// Lets time go by.
pub(crate) fn pause(time: Duration) {
    let (_open, nothing) = mpsc::channel::<()>();
    let _ = nothing.recv_timeout(time);
}
