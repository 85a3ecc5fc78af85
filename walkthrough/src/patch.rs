//! A unified diff of a page: counted, located, applied.

use std::fs;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use anyhow::{Context, Result, bail};
use regex::Regex;

static HEADER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@(.*)$").expect("a well-formed pattern")
});

/// A part of a diff between two `@@`.
struct Hunk<'a> {
    /// Which line of the diff is its header, counted from 0.
    at: usize,
    /// Which file of the diff it is about, counted from 1.
    number: usize,
    /// The file that it changes; none if the diff makes it.
    file: Option<&'a str>,
    header: &'a str,
    body: &'a [String],
}

impl Hunk<'_> {
    /// How many lines there are before and after.
    fn counts(&self) -> (usize, usize) {
        let count =
            |other: char| self.body.iter().filter(|line| !line.starts_with(['\\', other])).count();
        (count('+'), count('-'))
    }

    /// The lines that must be in the file.
    fn before(&self) -> Vec<&str> {
        let lines = self.body.iter().filter(|line| !line.starts_with(['\\', '+']));
        lines.map(|line| line.get(1..).unwrap_or_default().trim_end()).collect()
    }

    fn stated_start(&self) -> usize {
        HEADER.captures(self.header).and_then(|found| found[1].parse().ok()).unwrap_or(1)
    }
}

/// What is wrong with the numbers of a diff: line (counted from 0) and words.
pub(crate) fn wrong_counts(lines: &[String]) -> Vec<(usize, String)> {
    let hunks = hunks(lines);
    if hunks.is_empty() {
        return vec![(0, "a diff without `@@`".into())];
    }
    let wrong = hunks.iter().filter_map(|hunk| {
        let Some(found) = HEADER.captures(hunk.header) else {
            return Some((hunk.at, "a header must look like `@@ -l,n +l,n @@`".to_owned()));
        };
        let number = |group| found.get(group).map_or(Ok(1), |text| text.as_str().parse::<usize>());
        let stated = (number(2).ok()?, number(4).ok()?);
        let real = hunk.counts();
        (stated != real).then(|| {
            let ((a, b), (c, d)) = (stated, real);
            (hunk.at, format!("the header counts {a} and {b} lines, the diff has {c} and {d}"))
        })
    });
    wrong.collect()
}

/// The same diff with true numbers in every header.
pub(crate) fn with_true_headers(lines: &[String], folder: &Path) -> Result<Vec<String>> {
    let mut renewed = lines.to_vec();
    let mut shift = 0isize;
    let mut number = 0;
    for hunk in hunks(lines) {
        if hunk.number != number {
            (shift, number) = (0, hunk.number);
        }
        let (old, new) = hunk.counts();
        let start = match hunk.file {
            Some(path) => locate(&hunk, &folder.join(path))?,
            None => 0,
        };
        let new_start = start.saturating_add_signed(shift) + usize::from(hunk.file.is_none());
        let tail = HEADER.captures(hunk.header).map_or(String::new(), |found| found[5].to_owned());
        renewed[hunk.at] =
            format!("@@ -{} +{} @@{tail}", numbers(start, old), numbers(new_start, new));
        shift += isize::try_from(new)? - isize::try_from(old)?;
    }
    Ok(renewed)
}

/// Makes the change in the folder.
pub(crate) fn apply(lines: &[String], folder: &Path) -> Result<()> {
    let mut git = Command::new("git")
        .args(["apply", "--whitespace=nowarn", "-"])
        .current_dir(folder)
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot start git")?;
    if let Some(mut input) = git.stdin.take() {
        input.write_all((lines.join("\n") + "\n").as_bytes())?;
    }
    let ended = git.wait_with_output()?;
    if !ended.status.success() {
        bail!("the diff does not apply: {}", String::from_utf8_lossy(&ended.stderr).trim());
    }
    Ok(())
}

fn numbers(start: usize, count: usize) -> String {
    if count == 1 { start.to_string() } else { format!("{start},{count}") }
}

fn hunks(lines: &[String]) -> Vec<Hunk<'_>> {
    let mut hunks = Vec::new();
    let (mut number, mut file) = (0, None);
    let is_plus = |line: &String| line.starts_with("+++ ");
    for (at, line) in lines.iter().enumerate() {
        if let Some(name) = line.strip_prefix("--- ")
            && lines.get(at + 1).is_some_and(is_plus)
        {
            (number, file) = (number + 1, name.strip_prefix("a/"));
        } else if line.starts_with("@@") {
            let rest = &lines[at + 1..];
            let ends = |line: &String| line.starts_with("@@") || line.starts_with("diff ");
            let file_ends =
                |at: usize| rest[at].starts_with("--- ") && rest.get(at + 1).is_some_and(is_plus);
            let end = (0..rest.len()).find(|&at| ends(&rest[at]) || file_ends(at));
            let body = &rest[..end.unwrap_or(rest.len())];
            hunks.push(Hunk { at, number, file, header: line, body });
        }
    }
    hunks
}

/// The line of the file where the hunk begins, counted from 1: the nearest to what it says.
fn locate(hunk: &Hunk<'_>, path: &Path) -> Result<usize> {
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let before = hunk.before();
    let stated = hunk.stated_start();
    let places = lines.windows(before.len().max(1)).enumerate();
    places
        .filter(|(_, window)| window.starts_with(&before))
        .map(|(at, _)| at + 1)
        .min_by_key(|at| at.abs_diff(stated))
        .with_context(|| format!("the lines of `{}` are not in the file", hunk.header))
}
