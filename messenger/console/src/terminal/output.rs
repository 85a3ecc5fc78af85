//! What the console writes, in the shapes of `SymfonyStyle`: blocks, notes, titles, tables.

use std::io::{self, IsTerminal, Write};

use console::Term;
use owo_colors::{OwoColorize, Style};

use super::printable::{colours_are_wanted, printable};
use super::table;

/// Writes to stdout or stderr; a pipe gets plain text, a terminal colours.
pub struct Output {
    term: Option<Term>,
    to_stderr: bool,
    quiet: bool,
}

impl Output {
    /// For results.
    #[must_use]
    pub fn stdout() -> Self {
        let term = io::stdout().is_terminal().then(Term::stdout);
        Self { term, to_stderr: false, quiet: false }
    }

    /// For hints, questions and errors.
    #[must_use]
    pub fn stderr() -> Self {
        let term = io::stderr().is_terminal().then(Term::stderr);
        Self { term, to_stderr: true, quiet: false }
    }

    /// The same; if it is quiet, only errors are written.
    #[must_use]
    pub fn quiet_if(self, quiet: bool) -> Self {
        Self { quiet, ..self }
    }

    /// Writes text as it is.
    pub fn raw(&self, text: &str) {
        if !self.quiet {
            self.insist(text);
        }
    }

    /// Writes text also with `-q`. Somebody who has closed the pipe has read enough: no error.
    pub fn insist(&self, text: &str) {
        let _ = if self.to_stderr {
            io::stderr().lock().write_all(text.as_bytes())
        } else {
            let mut stdout = io::stdout().lock();
            stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush())
        };
    }

    /// One line.
    pub fn line(&self, text: impl AsRef<str>) {
        self.raw(&format!("{}\n", text.as_ref()));
    }

    /// The text in a colour, if colours are shown here.
    #[must_use]
    pub fn paint(&self, text: &str, style: Style) -> String {
        if self.term.is_some() && colours_are_wanted() {
            text.style(style).to_string()
        } else {
            text.to_owned()
        }
    }

    /// ` [OK] …`
    pub fn success(&self, text: &str) {
        self.raw(&self.block("[OK]", text, Style::new().black().on_green()));
    }

    /// ` [WARNING] …`
    pub fn warning(&self, text: &str) {
        self.raw(&self.block("[WARNING]", text, Style::new().black().on_yellow()));
    }

    /// ` [ERROR] …`, also with `-q`.
    pub fn error(&self, text: &str) {
        self.insist(&self.block("[ERROR]", text, Style::new().white().on_red()));
    }

    /// ` ! [NOTE] …`
    pub fn note(&self, text: &str) {
        let text = self.paint(&format!(" ! [NOTE] {}", printable(text)), Style::new().yellow());
        self.line(format!("{text}\n"));
    }

    /// ` // …`
    pub fn comment(&self, text: &str) {
        self.line(format!(" // {}\n", printable(text)));
    }

    /// A title, underlined with `=`.
    pub fn title(&self, text: &str) {
        self.heading(text, "=");
    }

    /// A smaller title, underlined with `-`.
    pub fn section(&self, text: &str) {
        self.heading(text, "-");
    }

    /// A table; without headers the first column stands out.
    pub fn table(&self, headers: &[&str], rows: &[Vec<String>]) {
        let width = self.term.as_ref().and_then(Term::size_checked).map(|(_, columns)| columns);
        self.line(table::render(headers, rows, width));
        self.line("");
    }

    fn heading(&self, text: &str, underline: &str) {
        let line = underline.repeat(text.chars().count());
        let style = Style::new().yellow();
        let heading = format!("\n{}\n{}\n", self.paint(text, style), self.paint(&line, style));
        self.line(heading);
    }

    fn block(&self, label: &str, text: &str, style: Style) -> String {
        let indent = " ".repeat(label.len() + 2);
        let width = self.width();
        let room = width.map_or(usize::MAX, |width| width - indent.len() - 1);
        let lines = text.lines().flat_map(|line| fold(&printable(line), room)).enumerate();
        let mut lines = lines.map(|(index, line)| match index {
            0 => format!(" {label} {line}"),
            _ => format!("{indent}{line}"),
        });
        let Some(width) = width else {
            let text = lines.collect::<Vec<_>>().join("\n");
            return format!("\n{text}\n\n");
        };
        let paint = |line: &str| self.paint(&format!("{line:width$}"), style);
        let text = lines.by_ref().map(|line| paint(&line)).collect::<Vec<_>>().join("\n");
        format!("\n{}\n{text}\n{}\n\n", paint(""), paint(""))
    }

    /// How wide a block is on a terminal.
    fn width(&self) -> Option<usize> {
        let (_, columns) = self.term.as_ref()?.size_checked()?;
        Some(usize::from(columns.clamp(40, 120)))
    }
}

/// Breaks a line between words where there is no more room.
fn fold(line: &str, room: usize) -> Vec<String> {
    if line.chars().count() <= room {
        return vec![line.to_owned()];
    }
    let (mut lines, mut last) = (Vec::new(), String::new());
    for word in line.split(' ') {
        if !last.is_empty() && last.chars().count() + 1 + word.chars().count() > room {
            lines.push(std::mem::replace(&mut last, word.to_owned()));
            continue;
        }
        if !last.is_empty() {
            last.push(' ');
        }
        last.push_str(word);
    }
    lines.push(last);
    lines
}
