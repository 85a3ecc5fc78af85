//! What a scene plays on: terminals, a browser, the clone.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::address::Address;
use crate::browser::Browser;
use crate::guard::{Guard, MARK};
use crate::record::{Edit, merge};
use crate::terminal::Terminal;
use crate::transcript::ANY_LINES;
use crate::{block::Block, console_block::Shown, failure::Failure};

/// How a run goes about its scenes.
#[derive(Debug)]
pub(crate) struct Manner {
    /// The root of the repository.
    pub(crate) root: PathBuf,
    /// Whether pages are written anew.
    pub(crate) record: bool,
    /// When everything must have ended.
    pub(crate) limit: Option<Instant>,
    /// What ends all processes.
    pub(crate) guard: Guard,
}

impl Manner {
    /// Whether everything must have ended by now.
    pub(crate) fn is_over(&self) -> bool {
        self.limit.is_some_and(|limit| Instant::now() >= limit)
    }
}

/// The terminals and the browser of a scene, and what is to be written into its page.
pub(crate) struct Stage<'a> {
    pub(crate) manner: &'a Manner,
    pub(crate) clone: &'a Path,
    pub(crate) address: Address,
    pub(crate) terminals: BTreeMap<String, Terminal>,
    pub(crate) browser: Option<Browser>,
    pub(crate) edits: Vec<Edit>,
    /// How many commands, diffs and instructions have passed.
    pub(crate) passed: usize,
    /// How long the scene's own builds took.
    pub(crate) building: Duration,
    env: Vec<(String, String)>,
}

impl<'a> Stage<'a> {
    /// An empty stage; nothing runs yet.
    pub(crate) fn new(manner: &'a Manner, clone: &'a Path) -> Self {
        let mut address = Address::new(clone);
        let mut env = clean_environment(&manner.guard);
        let gallery = address.gallery();
        env.push(("DEFAULT_URI".into(), format!("http://{gallery}")));
        env.push(("BIND".into(), gallery));
        Self {
            manner,
            clone,
            address,
            terminals: BTreeMap::new(),
            browser: None,
            edits: Vec::new(),
            passed: 0,
            building: Duration::ZERO,
            env,
        }
    }

    /// The terminal with this name, started if it is new.
    pub(crate) fn terminal(&mut self, name: &str) -> Result<&mut Terminal, Failure> {
        if !self.terminals.contains_key(name) {
            let folder = self.clone.join("../terminals").join(name);
            let turn = self.manner.guard.turn();
            let terminal = Terminal::start(&folder, self.clone, &self.env)?;
            drop(turn);
            self.terminals.insert(name.to_owned(), terminal);
        }
        self.terminals.get_mut(name).ok_or_else(|| Failure::new(0, "no such terminal"))
    }

    /// The moment until which something may take so long; the limit of the run comes first.
    pub(crate) fn deadline(&self, patience: Duration) -> Instant {
        let deadline = Instant::now() + patience;
        self.manner.limit.map_or(deadline, |limit| deadline.min(limit))
    }

    /// The words for something that may take so long and took longer.
    pub(crate) fn too_late(&self, patience: Duration) -> String {
        let seconds = patience.as_secs();
        match self.manner.is_over() {
            true => format!("within the limit of the run, which left it less than {seconds} s"),
            false => format!("after {seconds} s"),
        }
    }

    /// The lines on a terminal's screen, as the page says them; an unfinished one only if it rests.
    pub(crate) fn lines(&self, name: &str) -> Vec<String> {
        const REST: Duration = Duration::from_millis(300);
        let Some(terminal) = self.terminals.get(name) else { return Vec::new() };
        let screen = terminal.screen();
        let hide = screen.unfinished && terminal.ended().is_none() && terminal.quiet() < REST;
        let count = screen.lines.len() - usize::from(hide && !screen.lines.is_empty());
        screen.lines[..count].iter().map(|line| self.address.page_words(line)).collect()
    }

    /// Remembers other lines for a page that is recorded.
    pub(crate) fn write(&mut self, block: &Block, shown: &Shown, actual: &[String], skip: bool) {
        let count =
            shown.lines.iter().rposition(|line| !line.trim().is_empty()).map_or(0, |at| at + 1);
        let mut expected = shown.lines[..count].to_vec();
        if skip {
            expected.insert(0, ANY_LINES.into());
        }
        let mut merged = merge(&expected, actual);
        if skip && merged.first().is_some_and(|line| line == ANY_LINES) {
            merged.remove(0);
        }
        while merged.last().is_some_and(|line| line.trim().is_empty()) {
            merged.pop();
        }
        if merged != shown.lines[..count] {
            self.edits.push(Edit::within(block, shown.line, count, &merged));
        }
    }

    /// The last lines of every terminal but one.
    pub(crate) fn other_terminals(&self, name: &str) -> Vec<String> {
        const LAST: usize = 12;
        let mut words = Vec::new();
        for other in self.terminals.keys().filter(|other| *other != name) {
            let lines = self.lines(other);
            words.push(format!("the last lines of terminal `{other}`:"));
            let from = lines.len().saturating_sub(LAST);
            words.extend(lines[from..].iter().map(|line| format!("  {line}")));
        }
        words
    }
}

/// What a terminal knows of the outside: where programs are, and no wish for colours.
pub(crate) fn clean_environment(guard: &Guard) -> Vec<(String, String)> {
    const KEPT: [&str; 6] = ["HOME", "PATH", "CARGO_HOME", "RUSTUP_HOME", "TMPDIR", "USER"];
    let kept = KEPT.iter().filter_map(|name| Some(((*name).to_owned(), env::var(name).ok()?)));
    let fixed = [
        ("LANG", "C.UTF-8"),
        ("TERM", "dumb"),
        ("NO_COLOR", "1"),
        ("PAGER", "cat"),
        ("GIT_PAGER", "cat"),
        (MARK, guard.mark()),
    ];
    kept.chain(fixed.map(|(name, value)| (name.to_owned(), value.to_owned()))).collect()
}
