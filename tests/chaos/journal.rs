//! What happened in a run, with times that can be compared with those in the programs' logs.

use std::fmt::Display;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use messenger::clock::Clock;

/// Writes `journal.log` in the folder of the run.
pub(crate) struct Journal {
    file: Mutex<File>,
    began: Instant,
}

impl Journal {
    pub(crate) fn begin(folder: &Path) -> Self {
        let file = Mutex::new(File::create(folder.join("journal.log")).unwrap());
        Self { file, began: Instant::now() }
    }

    /// How long the run has taken so far.
    pub(crate) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    pub(crate) fn note(&self, what: impl Display) {
        let now = Clock::System.now().format("%Y-%m-%dT%H:%M:%S%.6fZ");
        writeln!(self.file.lock().unwrap(), "{now} {what}").unwrap();
    }
}
