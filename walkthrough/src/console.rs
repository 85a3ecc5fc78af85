//! Plays `console` blocks.

use std::time::{Duration, Instant};

use crate::block::{Block, ConsoleOptions};
use crate::console_block::{Shown, Step, steps};
use crate::failure::Failure;
use crate::programs;
use crate::stage::Stage;
use crate::transcript::{ANY_LINES, Seen, begins, is_any_lines, matches};

/// How long a command may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long one of Cargo may take.
const CARGO_PATIENCE: Duration = Duration::from_secs(600);
/// How long a command is repeated.
const REPEAT: Duration = Duration::from_secs(20);
/// How long a program that goes on must be quiet until what it has printed is recorded.
const QUIET: Duration = Duration::from_secs(2);
/// How long a program waits at an unfinished line until it gets its answer.
const THOUGHT: Duration = Duration::from_millis(300);

/// Plays a block in its terminal.
pub(crate) fn play(
    stage: &mut Stage<'_>,
    block: &Block,
    options: &ConsoleOptions,
) -> Result<(), Failure> {
    let steps = steps(block)?;
    let last = steps.iter().rposition(|step| matches!(step, Step::Run { .. }));
    for (number, step) in steps.iter().enumerate() {
        let answers = if last == Some(number) { options.answers.as_slice() } else { &[] };
        let (shown, line) = (step.shown(), step.line());
        let mut player = Player { stage, block, options, answers, shown, line };
        let played = match step {
            Step::Run { command, .. } if last == Some(number) => player.last_command(command),
            Step::Run { command, .. } => player.command(command, 0),
            Step::More(_) => player.more(last.is_none()),
            Step::Interrupt(_) => player.interrupt(),
        };
        played.map_err(|failure| failure.at(step.line()))?;
        stage.passed += 1;
    }
    Ok(())
}

struct Player<'s, 'a> {
    stage: &'s mut Stage<'a>,
    block: &'s Block,
    options: &'s ConsoleOptions,
    answers: &'s [String],
    shown: &'s Shown,
    line: usize,
}

impl Player<'_, '_> {
    fn last_command(&mut self, command: &str) -> Result<(), Failure> {
        let code = self.options.exit.unwrap_or(0);
        match () {
            () if self.options.background => self.background(command),
            () if self.options.until => self.repeat(command, code),
            () => self.command(command, code),
        }
    }

    fn command(&mut self, command: &str, code: i32) -> Result<(), Failure> {
        self.start(command)?;
        let began = Instant::now();
        let ended = self.until_ended(self.patience(command));
        if command.contains(programs::BUILD) {
            self.stage.building += began.elapsed();
        }
        self.compare(ended?, &[code])
    }

    fn background(&mut self, command: &str) -> Result<(), Failure> {
        self.start(command)?;
        self.seen(self.patience(command))?;
        let terminal = self.stage.terminal(&self.options.terminal)?;
        terminal.watched = false;
        match terminal.ended() {
            Some(code @ 1..) => self.check_code(Some(code), &[0], &self.lines()),
            _ => Ok(()),
        }
    }

    fn more(&mut self, alone: bool) -> Result<(), Failure> {
        self.seen(self.options.patience.unwrap_or(PATIENCE))?;
        if let (true, Some(code)) = (alone, self.options.exit) {
            let ended = self.until_ended(PATIENCE)?;
            self.check_code(ended, &[code], &self.lines())?;
            self.stage.terminal(&self.options.terminal)?.watched = true;
        }
        Ok(())
    }

    /// Waits for the lines shown in the output of a program that goes on.
    fn seen(&mut self, patience: Duration) -> Result<(), Failure> {
        let began = Instant::now();
        let deadline = self.stage.deadline(patience);
        let name = &self.options.terminal;
        let terminal = self.stage.terminal(name)?;
        let (from, skip) = (terminal.shown, terminal.skipping);
        let mut expected = self.shown.lines.clone();
        let unrecorded = self.stage.manner.record && expected.is_empty();
        if skip {
            expected.insert(0, ANY_LINES.into());
        }
        loop {
            self.stage.terminal(name)?.drain();
            let mut lines = self.lines();
            let actual = lines.split_off(from.min(lines.len()));
            let terminal = self.stage.terminal(name)?;
            let over = terminal.ended().is_some() || Instant::now() >= deadline;
            let quiet = terminal.quiet().min(began.elapsed()) > QUIET && !actual.is_empty();
            match begins(&expected, &actual) {
                Seen::All { used } if !unrecorded => return self.saw(from + used),
                Seen::Never if !self.stage.manner.record => return self.differs(&actual, skip),
                _ if self.stage.manner.record && (over || quiet) => {
                    self.differs(&actual, skip)?;
                    return self.saw(from + actual.len());
                }
                _ if over => return self.differs(&actual, skip),
                _ => {}
            }
            let soon = Instant::now() + Duration::from_millis(50);
            self.stage.terminal(name)?.wait(soon, |_| false)?;
        }
    }

    fn saw(&mut self, lines: usize) -> Result<(), Failure> {
        let open = self.shown.lines.last().is_some_and(|line| is_any_lines(line));
        let terminal = self.stage.terminal(&self.options.terminal)?;
        (terminal.shown, terminal.skipping) = (lines, open);
        Ok(())
    }

    fn interrupt(&mut self) -> Result<(), Failure> {
        let name = &self.options.terminal;
        let terminal = self.stage.terminal(name)?;
        terminal.wait(Instant::now() + Duration::from_millis(150), |_| false)?;
        if terminal.ended().is_some() {
            return Err(self.failure("nothing runs in this terminal that Ctrl-C could end"));
        }
        terminal.interrupt()?;
        let ended = self.until_ended(self.options.patience.unwrap_or(PATIENCE))?;
        self.stage.terminal(name)?.watched = true;
        let codes = self.options.exit.map_or(vec![0, 130], |code| vec![code]);
        self.compare(ended, &codes)
    }

    fn repeat(&mut self, command: &str, code: i32) -> Result<(), Failure> {
        let deadline = self.stage.deadline(self.options.patience.unwrap_or(REPEAT));
        let unrecorded = self.stage.manner.record && self.shown.lines.is_empty();
        let mut before = (Vec::new(), Instant::now());
        loop {
            self.start(command)?;
            let ended = self.until_ended(PATIENCE)?;
            let actual = self.lines();
            if actual != before.0 {
                before = (actual.clone(), Instant::now());
            }
            let stable = unrecorded && before.1.elapsed() > QUIET;
            if ended == Some(code) && self.expects(&actual) && !unrecorded {
                return Ok(());
            }
            if stable || Instant::now() >= deadline {
                self.check_code(ended, &[code], &actual)?;
                return self.differs(&actual, false);
            }
            let soon = Instant::now() + Duration::from_millis(200);
            self.stage.terminal(&self.options.terminal)?.wait(soon, |_| false)?;
        }
    }

    /// Types a command as soon as the one before has ended.
    fn start(&mut self, command: &str) -> Result<(), Failure> {
        let deadline = self.stage.deadline(PATIENCE);
        let real = self.stage.address.real_words(command);
        let terminal = self.stage.terminal(&self.options.terminal)?;
        if !terminal.wait(deadline, |terminal| terminal.ended().is_some())? {
            return Err(self.failure("the program before still runs in this terminal"));
        }
        let unwatched = !std::mem::replace(&mut terminal.watched, true);
        match terminal.ended() {
            Some(code @ 1..) if unwatched => {
                let words = format!("the program before in this terminal has ended with {code}");
                return Err(self.failure(&words));
            }
            _ => terminal.run(&real)?,
        }
        Ok(())
    }

    /// Waits for the end of the command, answers what it asks, and gives its code.
    fn until_ended(&mut self, patience: Duration) -> Result<Option<i32>, Failure> {
        let deadline = self.stage.deadline(patience);
        let mut answers = self.answers.iter();
        let mut broken = Ok(());
        let mut answered_at = None;
        let terminal = self.stage.terminal(&self.options.terminal)?;
        let ended = terminal.wait(deadline, |terminal| {
            if terminal.ended().is_some() {
                return true;
            }
            let printed = terminal.printed();
            let asks = terminal.quiet() > THOUGHT
                && answered_at != Some(printed)
                && terminal.screen().unfinished;
            if let Some(answer) = asks.then(|| answers.next()).flatten() {
                broken = terminal.press(&format!("{answer}\r"));
                answered_at = Some(printed);
            }
            broken.is_err()
        })?;
        broken?;
        let code = terminal.ended();
        if !ended {
            let words = format!("it has not ended {}", self.stage.too_late(patience));
            return Err(self.failure(&words).with_difference(&self.shown.lines, &self.lines()));
        }
        let left = answers.len();
        if left > 0 {
            return Err(self.failure(&format!("{left} answers were not asked for")));
        }
        Ok(code)
    }

    /// Compares all that a program has printed, which has ended with this code.
    fn compare(&mut self, ended: Option<i32>, codes: &[i32]) -> Result<(), Failure> {
        let actual = self.lines();
        self.check_code(ended, codes, &actual)?;
        if self.expects(&actual) { Ok(()) } else { self.differs(&actual, false) }
    }

    fn check_code(
        &self,
        ended: Option<i32>,
        expected: &[i32],
        actual: &[String],
    ) -> Result<(), Failure> {
        let code = ended.unwrap_or(-1);
        if expected.contains(&code) {
            return Ok(());
        }
        let words = format!("it ended with {code}, not with {}", expected[0]);
        Err(self.failure(&words).with_difference(&self.shown.lines, actual))
    }

    fn expects(&self, actual: &[String]) -> bool {
        matches(&self.shown.lines, actual)
    }

    fn differs(&mut self, actual: &[String], skip: bool) -> Result<(), Failure> {
        if self.stage.manner.record && !self.stage.manner.is_over() {
            self.stage.write(self.block, self.shown, actual, skip);
            return Ok(());
        }
        let failure = self.failure("the output differs");
        Err(failure.with_difference(&self.shown.lines, actual))
    }

    fn failure(&self, words: &str) -> Failure {
        Failure::new(self.line, words)
    }

    fn lines(&self) -> Vec<String> {
        self.stage.lines(&self.options.terminal)
    }

    fn patience(&self, command: &str) -> Duration {
        let usual = if command.contains("cargo ") { CARGO_PATIENCE } else { PATIENCE };
        self.options.patience.unwrap_or(usual)
    }
}
