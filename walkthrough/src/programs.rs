//! The programs of the clone: when they are built, and how long that takes.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::block::Purpose;
use crate::console_block::{Step, steps};
use crate::guard::kill_group;
use crate::page::Page;
use crate::stage::{Manner, clean_environment};

/// How a scene builds its own programs.
pub(crate) const BUILD: &str = "cargo build";
/// What names a built program.
const PROGRAM: &str = "target/debug";
/// Options of a build that leave programs out.
const PARTS: [&str; 5] = ["--bin", "--example", "--test", "--lib", "-p "];
/// How long a killed build may take to end.
const ENDING: Duration = Duration::from_secs(5);

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Missing,
    Stale,
    Fresh,
}

/// Whether the programs are those of the committed sources, and how long builds took.
#[derive(Debug, Default)]
pub(crate) struct Programs {
    state: State,
    took: Duration,
}

impl Programs {
    /// How long all builds took.
    pub(crate) fn took(&self) -> Duration {
        self.took
    }

    /// The sources were others: the programs may be of those.
    pub(crate) fn expire(&mut self) {
        if self.state == State::Fresh {
            self.state = State::Stale;
        }
    }

    /// Builds in the clone if nothing has been built yet, or if the page needs what is out of date.
    /// False if the limit of the run is reached before the end.
    pub(crate) fn prepare(&mut self, page: &Page, clone: &Path, manner: &Manner) -> Result<bool> {
        let useless = match self.state {
            State::Missing => !clone.join("Cargo.toml").exists(),
            State::Stale => !needs_programs(page),
            State::Fresh => true,
        };
        if useless {
            return Ok(true);
        }
        let began = Instant::now();
        let built = build(clone, manner);
        self.took += began.elapsed();
        let Some(build) = built? else { return Ok(false) };
        if !build.status.success() {
            bail!("the clone does not build: {}", String::from_utf8_lossy(&build.stderr));
        }
        self.state = State::Fresh;
        println!("cargo build in the clone took {:.1} s", began.elapsed().as_secs_f32());
        Ok(true)
    }
}

/// Whether a scene runs a program before it has built all programs itself.
fn needs_programs(page: &Page) -> bool {
    for block in &page.blocks {
        if !matches!(block.purpose(), Ok(Purpose::Console(_))) {
            continue;
        }
        for step in steps(block).unwrap_or_default() {
            let Step::Run { command, .. } = step else { continue };
            let builds = command.find(BUILD).filter(|_| !PARTS.iter().any(|o| command.contains(o)));
            match (command.find(PROGRAM), builds) {
                (Some(runs), Some(builds)) => return runs < builds,
                (Some(_), None) => return true,
                (None, Some(_)) => return false,
                (None, None) => {}
            }
        }
    }
    false
}

/// Runs Cargo until it ends, or kills it at the limit of the run.
fn build(clone: &Path, manner: &Manner) -> Result<Option<Output>> {
    let turn = manner.guard.turn();
    let cargo = Command::new("cargo")
        .arg("build")
        .current_dir(clone)
        .env_clear()
        .envs(clean_environment(&manner.guard))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .context("cannot start cargo")?;
    drop(turn);
    let group = cargo.id();
    let (sender, output) = channel();
    std::thread::spawn(move || sender.send(cargo.wait_with_output()));
    let Some(limit) = manner.limit else {
        return Ok(Some(output.recv()??));
    };
    match output.recv_timeout(limit.saturating_duration_since(Instant::now())) {
        Ok(build) => Ok(Some(build?)),
        Err(RecvTimeoutError::Disconnected) => bail!("cargo is lost"),
        Err(RecvTimeoutError::Timeout) => {
            kill_group(group);
            // It is dead in a moment; the clone is put back after that.
            let _ = output.recv_timeout(ENDING);
            Ok(None)
        }
    }
}
