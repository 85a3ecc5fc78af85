//! A browser that does what a page's `browser` block says, driven by `browser.mjs`.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::LazyLock;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use regex::Regex;
use serde_json::{Value, json};

use crate::guard::{kill_group, pause};

/// The program that drives the browser.
const DRIVER: &str = include_str!("../browser.mjs");

/// How long an instruction may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
/// How long the driver may take to end.
const ENDING: Duration = Duration::from_secs(5);

/// One line of a `browser` block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Instruction {
    /// What to do.
    verb: String,
    /// With what.
    words: Vec<String>,
}

static WORD: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#""((?:[^"\\]|\\.)*)"|(\S+)"#).expect("a well-formed pattern"));

impl Instruction {
    /// Reads a line.
    pub(crate) fn parse(line: &str) -> Result<Self> {
        let mut words = WORD.captures_iter(line).map(|found| {
            let quoted = found.get(1).map(|text| text.as_str().replace("\\\"", "\""));
            quoted.or(found.get(2).map(|text| text.as_str().to_owned())).unwrap_or_default()
        });
        let mut verb = words.next().unwrap_or_default();
        let mut words: Vec<String> = words.collect();
        if verb == "see" && line.trim_start().starts_with("see no \"") {
            verb = "see no".into();
            words.remove(0);
        }
        let count = match verb.as_str() {
            "reload" => 0,
            "open" | "click" | "see" | "see no" | "press" => 1,
            "attach" | "type" | "screenshot" => 2,
            _ => bail!("unknown instruction `{line}`"),
        };
        if words.len() != count {
            bail!("`{verb}` needs {count} words: `{line}`");
        }
        if verb == "screenshot" && words.iter().any(|word| word.trim().is_empty()) {
            bail!("a screenshot needs a name and an alternative text");
        }
        Ok(Self { verb, words })
    }

    /// The name of the picture, if this takes one.
    pub(crate) fn screenshot(&self) -> Option<&str> {
        (self.verb == "screenshot").then(|| self.words[0].as_str())
    }
}

/// A running browser with one page.
pub(crate) struct Browser {
    driver: Child,
    input: ChildStdin,
    answers: Receiver<String>,
}

impl Browser {
    /// Starts a browser; `root` has the modules, `folder` is for the driver, `env` is a variable more.
    pub(crate) fn start(root: &Path, folder: &Path, env: (&str, &str)) -> Result<Self> {
        let modules = root.join("tests/browser");
        if !modules.join("node_modules/playwright-core").exists() {
            bail!("no playwright-core: npm --prefix tests/browser ci");
        }
        let program = folder.join("browser.mjs");
        fs::write(&program, DRIVER)?;
        let mut driver = Command::new("node")
            .arg(program)
            .arg(modules.join("support/launch.mjs"))
            .env(env.0, env.1)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start node")?;
        let input = driver.stdin.take().context("node has no input")?;
        let output = driver.stdout.take().context("node has no output")?;
        Ok(Self { driver, input, answers: read_in_background(output) })
    }

    /// Does what a line says; `base` is where the gallery is, `folder` where files are, `picture`
    /// where a screenshot is written, if it is. False if it has not been done until the deadline.
    pub(crate) fn perform(
        &mut self,
        instruction: &Instruction,
        base: &str,
        folder: &Path,
        picture: Option<&Path>,
        deadline: Instant,
    ) -> Result<bool> {
        let order = json!({
            "verb": instruction.verb,
            "words": instruction.words,
            "base": base,
            "folder": folder,
            "picture": picture,
        });
        writeln!(self.input, "{order}").context("the browser has gone")?;
        let left = deadline.saturating_duration_since(Instant::now());
        let answer = match self.answers.recv_timeout(left) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout) => return Ok(false),
            Err(RecvTimeoutError::Disconnected) => bail!("the browser has gone"),
        };
        let answer: Value = serde_json::from_str(&answer).context("the driver answers nonsense")?;
        match answer.get("error").and_then(Value::as_str) {
            Some(error) => bail!("{error}"),
            None => Ok(true),
        }
    }

    /// Whether the driver has ended of itself in the time that it has for it.
    fn ends(&mut self) -> bool {
        let deadline = Instant::now() + ENDING;
        while Instant::now() < deadline {
            if !matches!(self.driver.try_wait(), Ok(None)) {
                return true;
            }
            pause(Duration::from_millis(20));
        }
        false
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver closes its browser when it is told to end; it may have ended before.
        let _ = writeln!(self.input, "{}", json!({ "verb": "end" }));
        if !self.ends() {
            kill_group(self.driver.id());
            let _ = self.driver.wait();
        }
    }
}

fn read_in_background(output: ChildStdout) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}
