//! A process of ours whose output goes into a file, and which ends with this value.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use nix::sys::signal::{self, Signal};
use nix::unistd::Pid;

/// How long a program may take to end after SIGTERM: 30 s for requests in hand, and a little more.
const STOPPING: Duration = Duration::from_secs(35);

/// A running process.
pub(crate) struct Process {
    child: Child,
    log: PathBuf,
    asked: Asked,
}

/// What was asked of a process.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Asked {
    ToRun,
    ToStop(Instant),
    /// SIGKILL asks nobody.
    Killed,
}

/// How a process has ended.
pub(crate) enum Ending {
    /// As it was asked to.
    Asked,
    /// Otherwise; with how.
    Wrong(String),
}

impl Process {
    pub(crate) fn start(mut command: Command, log: PathBuf) -> Self {
        let file = File::create(&log).unwrap();
        let errors = file.try_clone().unwrap();
        let child = command.stdout(file).stderr(errors).spawn().unwrap();
        Self { child, log, asked: Asked::ToRun }
    }

    pub(crate) fn log(&self) -> &Path {
        &self.log
    }

    /// What stands after these words in a line that it has printed.
    pub(crate) fn said(&self, words: &str) -> Option<String> {
        let text = fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        // A last line without its end is not all there yet.
        let mut lines = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
        lines.find_map(|line| Some(line.split_once(words)?.1.trim().to_owned()))
    }

    /// SIGTERM.
    pub(crate) fn stop(&mut self) {
        if self.asked == Asked::ToRun {
            self.asked = Asked::ToStop(Instant::now());
        }
        self.signal(Signal::SIGTERM);
    }

    /// SIGSTOP.
    pub(crate) fn freeze(&self) {
        self.signal(Signal::SIGSTOP);
    }

    /// SIGCONT.
    pub(crate) fn thaw(&self) {
        self.signal(Signal::SIGCONT);
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        self.asked = Asked::Killed;
        // It may have ended already.
        let _ = self.child.kill();
    }

    fn signal(&self, signal: Signal) {
        // Its number is its own until it has been waited for.
        let _ = signal::kill(Pid::from_raw(self.child.id().try_into().unwrap()), signal);
    }

    /// How it has ended; `None` while it runs. One that does not end when asked to is killed.
    pub(crate) fn ended(&mut self, was_ready: bool) -> Option<Ending> {
        let status = match (self.child.try_wait().unwrap(), self.asked) {
            (None, Asked::ToStop(since)) if since.elapsed() > STOPPING => {
                self.child.kill().unwrap();
                self.child.wait().unwrap();
                let seconds = STOPPING.as_secs();
                return Some(Ending::Wrong(format!("still ran {seconds} s after SIGTERM")));
            }
            (None, _) => return None,
            (Some(status), _) => status,
        };
        Some(self.judge(status, was_ready))
    }

    fn judge(&self, status: ExitStatus, was_ready: bool) -> Ending {
        match self.asked {
            Asked::Killed => Ending::Asked,
            Asked::ToStop(_) if status.success() => Ending::Asked,
            // It need not be able to start while things are broken, nor heed a signal so early.
            _ if !was_ready => Ending::Asked,
            Asked::ToStop(_) => Ending::Wrong(format!("ended with {status} after SIGTERM")),
            Asked::ToRun => Ending::Wrong(format!("ended by itself with {status}")),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already. A frozen one dies of this, too.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
