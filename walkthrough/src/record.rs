//! What is written into a page when it is recorded.

use crate::block::Block;
use crate::transcript::{align, is_any_lines};

/// Lines of a page that others take the place of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Edit {
    /// The first line, counted from 1.
    pub(crate) line: usize,
    /// How many lines go.
    pub(crate) count: usize,
    /// What comes.
    pub(crate) lines: Vec<String>,
}

impl Edit {
    /// Other lines for a part of a block.
    pub(crate) fn within(block: &Block, line: usize, count: usize, lines: &[String]) -> Self {
        let indented = |line: &String| format!("{}{line}", block.indent).trim_end().to_owned();
        Self { line, count, lines: lines.iter().map(indented).collect() }
    }
}

/// The text after all edits.
pub(crate) fn apply(text: &str, edits: &[Edit]) -> String {
    let mut lines: Vec<&str> = text.split('\n').collect();
    let mut edits: Vec<&Edit> = edits.iter().collect();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.line));
    for edit in edits {
        let first = (edit.line - 1).min(lines.len());
        let last = (first + edit.count).min(lines.len());
        lines.splice(first..last, edit.lines.iter().map(String::as_str));
    }
    lines.join("\n")
}

/// The real output in which every line and every elision that still fits is kept as it was.
pub(crate) fn merge(expected: &[String], actual: &[String]) -> Vec<String> {
    let mut merged = Vec::new();
    let (mut e, mut a) = (0, 0);
    let ends = (expected.len(), actual.len());
    for (next_e, next_a) in align(expected, actual).into_iter().chain([ends]) {
        merge_gap(&expected[e..next_e], &actual[a..next_a], &mut merged);
        merged.extend(expected.get(next_e).cloned());
        (e, a) = (next_e + 1, next_a + 1);
    }
    merged
}

/// Between two lines that fit, an elision stays if it still has something to stand for.
fn merge_gap(expected: &[String], actual: &[String], merged: &mut Vec<String>) {
    let elision = expected.iter().position(|line| is_any_lines(line));
    let Some(before) = elision else {
        merged.extend_from_slice(actual);
        return;
    };
    let after = expected.len() - before - 1;
    if actual.len() < before + after {
        merged.extend_from_slice(actual);
        return;
    }
    merged.extend_from_slice(&actual[..before]);
    merged.push(expected[before].clone());
    merged.extend_from_slice(&actual[actual.len() - after..]);
}
