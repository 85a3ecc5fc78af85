//! A real process of ours: what it prints is read line by line, and it ends with its test.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, SysconfVar, sysconf};

/// Nothing here takes longer, unless it hangs or the machine is slow.
const PATIENCE: Duration = Duration::from_secs(30);
/// A process that has computed for so long in that time is at work, and is given as much again.
const AT_WORK: Duration = Duration::from_secs(2);
/// How often that is believed.
const PATIENT: usize = 10;

/// A process and the lines that it has printed.
pub(crate) struct Running {
    child: Child,
    lines: Receiver<String>,
    seen: Vec<String>,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let (sender, lines) = channel();
        pass_on(child.stdout.take().unwrap(), sender.clone());
        pass_on(child.stderr.take().unwrap(), sender);
        Self { child, lines, seen: Vec::new() }
    }

    /// Waits for the next line with these words, and gives it without its date.
    pub(crate) fn line(&mut self, words: &str) -> String {
        for _ in 0..PATIENT {
            let before = self.processor_time();
            if let Some(line) = self.line_within(words, PATIENCE) {
                return line;
            }
            if self.processor_time().saturating_sub(before) < AT_WORK {
                break;
            }
        }
        panic!("in vain waited for {words}: {:#?}", self.seen)
    }

    /// The same, with less patience.
    pub(crate) fn line_within(&mut self, words: &str, patience: Duration) -> Option<String> {
        let deadline = Instant::now() + patience;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let line = without_date(self.lines.recv_timeout(left).ok()?);
            self.seen.push(line.clone());
            if line.contains(words) {
                return Some(line);
            }
        }
    }

    /// The address that the gallery says it has.
    pub(crate) fn address(&mut self) -> SocketAddr {
        let line = self.line("The gallery is open: http://");
        line.rsplit('/').next().unwrap().parse().unwrap()
    }

    /// Its number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The most memory that it has had so far, in MiB.
    pub(crate) fn peak_memory(&self) -> u64 {
        self.status("VmHWM:") / 1024
    }

    /// The memory that it has now, in KiB.
    pub(crate) fn memory(&self) -> u64 {
        self.status("VmRSS:")
    }

    /// How long it has computed so far, however busy the machine was.
    pub(crate) fn processor_time(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        // The name of the program may contain spaces; after it, in user mode and for it in the kernel.
        let fields = stat.rsplit(')').next().unwrap().split_whitespace().skip(11).take(2);
        let ticks: u64 = fields.map(|ticks| ticks.parse::<u64>().unwrap()).sum();
        let each = sysconf(SysconfVar::CLK_TCK).unwrap().unwrap();
        Duration::from_millis(ticks * 1000 / each.unsigned_abs())
    }

    fn status(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// Waits until it ends by itself; gives how, and everything that it has printed.
    pub(crate) fn ended(mut self) -> (ExitStatus, Vec<String>) {
        let more = self.line_within("\0", PATIENCE);
        let is_running = self.child.try_wait().unwrap().is_none() && more.is_some();
        assert!(!is_running, "it goes on: {:#?}", self.seen);
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (status, std::mem::take(&mut self.seen));
            }
            assert!(Instant::now() < deadline, "it goes on: {:#?}", self.seen);
            std::thread::yield_now();
        }
    }

    /// Asks it to stop, and waits until it has.
    pub(crate) fn stop(self) -> Vec<String> {
        kill(Pid::from_raw(self.child.id().try_into().unwrap()), Signal::SIGTERM).unwrap();
        let (status, lines) = self.ended();
        assert!(status.success(), "{status}: {lines:#?}");
        lines
    }

    /// Ends it at once, in the middle of whatever it does.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How many of the lines have these words.
pub(crate) fn count(lines: &[String], words: &str) -> usize {
    lines.iter().filter(|line| line.contains(words)).count()
}

fn pass_on(stream: impl Read + Send + 'static, to: Sender<String>) {
    std::thread::spawn(move || {
        let lines = BufReader::new(stream).lines().map_while(Result::ok);
        // A test that has ended reads no more.
        for line in lines {
            let _ = to.send(line);
        }
    });
}

fn without_date(line: String) -> String {
    match line.split_once("Z ") {
        Some((date, rest)) if date.starts_with("20") && date.len() < 30 => rest.to_owned(),
        _ => line,
    }
}
