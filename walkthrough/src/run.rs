//! Plays scenes one after the other and says how it went.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::guard::Guard;
use crate::page::Page;
use crate::programs::Programs;
use crate::scene;
use crate::scratch::Scratch;
use crate::stage::Manner;

/// The clone and its programs.
pub(crate) struct Playground {
    scratch: Scratch,
    programs: Programs,
    /// Held as long as the clone is in use.
    _lock: File,
}

impl Playground {
    /// A clone of the working tree.
    pub(crate) fn prepare(root: &Path, target: &Path, guard: &Guard) -> Result<Self> {
        let _turn = guard.turn();
        let lock = lock(target)?;
        let scratch = Scratch::prepare(root, target)?;
        guard.keep_clean(&scratch);
        Ok(Self { scratch, programs: Programs::default(), _lock: lock })
    }

    /// Plays a page from a fresh clone with built programs.
    pub(crate) fn play(&mut self, page: &Page, manner: &Manner) -> Result<scene::Played> {
        self.reset(manner)?;
        if manner.is_over() || !self.programs.prepare(page, &self.scratch.folder, manner)? {
            return Ok(scene::Played::too_late());
        }
        let played = scene::play(page, manner, &self.scratch.folder);
        if played.changed_sources {
            self.programs.expire();
        }
        self.reset(manner)?;
        Ok(played)
    }

    fn reset(&self, manner: &Manner) -> Result<()> {
        let _turn = manner.guard.turn();
        self.scratch.reset()
    }
}

/// There is one clone in a target directory.
fn lock(target: &Path) -> Result<File> {
    let folder = target.join("walkthrough");
    fs::create_dir_all(&folder)?;
    let file = File::create(folder.join("lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            bail!("another walkthrough runs in {}: wait until it has ended", folder.display())
        }
        Err(TryLockError::Error(error)) => Err(error).context("cannot lock the clone"),
    }
}

/// What came of all scenes.
#[derive(Debug, Default)]
pub(crate) struct Score {
    passed: usize,
    failed: usize,
    steps: usize,
    /// How long the builds of the scenes themselves took.
    building: Duration,
}

impl Score {
    /// Whether nothing has failed.
    pub(crate) fn is_good(&self) -> bool {
        self.failed == 0
    }

    /// Says how it went; `preparing` is how long builds before scenes took.
    fn print(&self, time: Duration, preparing: Duration) {
        let Self { passed, failed, steps, building } = self;
        let failures =
            if *failed == 0 { String::new() } else { format!(" passed, {failed} failed") };
        let (seconds, own) = (time.as_secs(), building.as_secs_f32());
        let builds = (*building + preparing).as_secs_f32();
        println!("{passed} scenes{failures}, {steps} steps passed in {seconds} s");
        if builds > 0.0 {
            println!("builds took {builds:.1} s in all, {own:.1} s of them as steps of scenes");
        }
    }

    /// How many scenes there were.
    pub(crate) fn played(&self) -> usize {
        self.passed + self.failed
    }
}

/// Plays these pages.
pub(crate) fn play_all(pages: &[Page], manner: &Manner, ground: &mut Playground) -> Result<Score> {
    let mut score = Score::default();
    let began = Instant::now();
    for page in pages.iter().filter(|page| page.is_scene()) {
        let began = Instant::now();
        let played = ground.play(page, manner)?;
        if let Some(text) = &played.text {
            let _turn = manner.guard.turn();
            write(&manner.root.join(&page.path), text)?;
        }
        score.steps += played.passed;
        score.building += played.building;
        report(page, &played, began, manner.record);
        match played.failure {
            Some(_) => score.failed += 1,
            None => score.passed += 1,
        }
    }
    score.print(began.elapsed(), ground.programs.took());
    Ok(score)
}

fn report(page: &Page, played: &scene::Played, began: Instant, record: bool) {
    let seconds = began.elapsed().as_secs_f32();
    let result = match (&played.failure, &played.text) {
        (Some(_), _) => "FAILED",
        (None, Some(_)) => "recorded",
        (None, None) if record => "as recorded",
        (None, None) => "ok",
    };
    if let Some(failure) = &played.failure {
        println!("{}", failure.on(&page.path));
    }
    println!("{}: {result}, {} steps, {seconds:.1} s", page.path.display(), played.passed);
}

fn write(path: &PathBuf, text: &str) -> Result<()> {
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
