//! A terminal of a scene: one bash on a pseudo-terminal.

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use pty_process::Size;
use pty_process::blocking::{Command, Pty};

use crate::screen::{self, Screen};

/// How long bash may take to start.
const START: Duration = Duration::from_secs(10);
/// The size of the window.
const ROWS: u16 = 50;
const COLUMNS: u16 = 200;

/// A bash and what is on its screen.
pub(crate) struct Terminal {
    pty: Arc<Pty>,
    shell: Child,
    chunks: Receiver<Vec<u8>>,
    folder: PathBuf,
    mark: String,
    output: Vec<u8>,
    from: usize,
    last_change: Instant,
    /// How many lines of the running program the page has shown.
    pub(crate) shown: usize,
    /// Whether lines that follow may be left out.
    pub(crate) skipping: bool,
    /// Whether the end of the last command has been looked at.
    pub(crate) watched: bool,
}

impl Terminal {
    /// Starts bash in `cwd` with exactly these variables; `folder` is for its own files.
    pub(crate) fn start(folder: &Path, cwd: &Path, env: &[(String, String)]) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let mark = format!("\u{1e}{:032x}:", fastrand::u128(..));
        let settings = folder.join("bashrc");
        fs::write(
            &settings,
            format!("PS1= PS2=\nPROMPT_COMMAND='printf \"{mark}%s\\036\" \"$?\"'\n"),
        )?;
        let (pty, pts) = pty_process::blocking::open().context("cannot open a terminal")?;
        pty.resize(Size::new(ROWS, COLUMNS))?;
        let shell = Command::new("bash")
            .args(["--noprofile", "--noediting", "--rcfile"])
            .arg(settings.as_os_str())
            .arg("-i")
            .env_clear()
            .envs(env.iter().map(|(name, value)| (name, value)))
            .current_dir(cwd)
            .spawn(pts)
            .context("cannot start bash")?;
        let pty = Arc::new(pty);
        let chunks = read_in_background(Arc::clone(&pty));
        let mut terminal = Self {
            pty,
            shell,
            chunks,
            folder: folder.to_owned(),
            mark,
            output: Vec::new(),
            from: 0,
            last_change: Instant::now(),
            shown: 0,
            skipping: false,
            watched: true,
        };
        if !terminal.wait(Instant::now() + START, |terminal| terminal.ended().is_some())? {
            bail!("bash does not start: {:?}", terminal.screen());
        }
        Ok(terminal)
    }

    /// Starts a command; the one before must have ended.
    pub(crate) fn run(&mut self, command: &str) -> Result<()> {
        let script = self.folder.join("command");
        fs::write(&script, command)?;
        self.output.clear();
        (self.from, self.shown, self.skipping) = (0, 0, false);
        let line = format!(" eval \"$(<'{}')\"\n", script.display());
        self.press(&line)?;
        let echoed = |terminal: &mut Self| terminal.output.contains(&b'\n');
        if !self.wait(Instant::now() + START, echoed)? {
            bail!("bash does not read commands any more");
        }
        let echo = self.output.iter().position(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        self.output.drain(..echo);
        Ok(())
    }

    /// Types.
    pub(crate) fn press(&mut self, keys: &str) -> Result<()> {
        (&*self.pty).write_all(keys.as_bytes()).context("cannot type into the terminal")
    }

    /// Presses Ctrl-C; what is on the screen until then is forgotten.
    pub(crate) fn interrupt(&mut self) -> Result<()> {
        (self.from, self.shown, self.skipping) = (self.output.len(), 0, false);
        self.press("\u{3}")
    }

    /// Reads what has arrived.
    pub(crate) fn drain(&mut self) {
        // A program that prints without end must not keep us here.
        const MOST: usize = 1000;
        for chunk in self.chunks.try_iter().take(MOST) {
            self.output.extend(chunk);
            self.last_change = Instant::now();
        }
    }

    /// Reads until the condition holds; whether it does before the deadline.
    pub(crate) fn wait(
        &mut self,
        deadline: Instant,
        mut condition: impl FnMut(&mut Self) -> bool,
    ) -> Result<bool> {
        loop {
            self.drain();
            if condition(self) {
                return Ok(true);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(false);
            }
            match self.chunks.recv_timeout(left.min(Duration::from_millis(50))) {
                Ok(chunk) => {
                    self.output.extend(chunk);
                    self.last_change = Instant::now();
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => bail!("the terminal has been closed"),
            }
        }
    }

    /// The code with which the command has ended, if it has.
    pub(crate) fn ended(&self) -> Option<i32> {
        let text = self.output.get(self.end()? + self.mark.len()..)?;
        let end = text.iter().position(|&byte| byte == 0x1e)?;
        std::str::from_utf8(&text[..end]).ok()?.parse().ok()
    }

    /// How long nothing has been printed.
    pub(crate) fn quiet(&self) -> Duration {
        self.last_change.elapsed()
    }

    /// How much has been printed.
    pub(crate) fn printed(&self) -> usize {
        self.output.len()
    }

    /// What the command has printed, or since Ctrl-C.
    pub(crate) fn screen(&self) -> Screen {
        let end = self.end().unwrap_or(self.output.len()).max(self.from);
        let bytes = &self.output[self.from..end];
        let echo: &[u8] = b"^C";
        let bytes = match bytes.strip_prefix(echo) {
            Some(rest) if self.from > 0 => {
                rest.strip_prefix(b"\r\n").or(rest.strip_prefix(b"\n")).unwrap_or(rest)
            }
            _ => bytes,
        };
        screen::show(bytes)
    }

    fn end(&self) -> Option<usize> {
        let mark = self.mark.as_bytes();
        self.output.windows(mark.len()).position(|part| part == mark)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It may have ended before.
        let _ = self.shell.kill();
        let _ = self.shell.wait();
    }
}

fn read_in_background(pty: Arc<Pty>) -> Receiver<Vec<u8>> {
    let (sender, receiver): (Sender<Vec<u8>>, _) = channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 8192];
        while let Ok(count @ 1..) = (&*pty).read(&mut buffer) {
            if sender.send(buffer[..count].to_vec()).is_err() {
                break;
            }
        }
    });
    receiver
}
